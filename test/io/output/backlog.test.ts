import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backlog } from '../../../src/io/output/backlog.ts';

/** Runs of lines, some longer than a page. */
const runs = fc.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(1, 1, 1, 20_000)), { maxLength: 12 }), {
  minLength: 1,
  maxLength: 12,
});
const textOf = (run: readonly (readonly [number, number])[]): Buffer =>
  Buffer.from(run.map(([char, times]) => (char === 0 ? '\n' : String(char).repeat(times))).join(''));

/** All from a place on, run by run. */
function readFrom(backlog: Backlog, place: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = place; at < backlog.end; at += parts.at(-1)!.length) parts.push(backlog.runAt(at));
  return Buffer.concat(parts);
}

test('gives back what it was given, by its place, and knows where lines begin', () => {
  fc.assert(
    fc.property(
      runs,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (parts, [drop, at, ask]) => {
        const backlog = new Backlog();
        let whole = Buffer.alloc(0);
        for (const [i, part] of parts.entries()) {
          const bytes = textOf(part);
          backlog.append(Buffer.concat([Buffer.from('x'), bytes]), 1, bytes.length + 1);
          whole = Buffer.concat([whole, bytes]);
          if (i !== Math.floor(drop! * parts.length)) continue;
          backlog.dropTo(Math.floor(at! * whole.length));
        }
        expect([backlog.end, backlog.start <= backlog.end]).toEqual([whole.length, true]);
        expect(readFrom(backlog, backlog.start).equals(whole.subarray(backlog.start))).toBe(true);

        const place = backlog.start + Math.floor(ask! * (backlog.end - backlog.start));
        const before = whole.subarray(backlog.start, place).lastIndexOf(0x0a);
        expect(backlog.lineStart(place)).toBe(backlog.start + before + 1);
        const rest = whole.toString('latin1', place);
        expect(backlog.linesFrom(place)).toBe(rest.split('\n').length - (rest === '' || rest.endsWith('\n') ? 1 : 0));
      },
    ),
  );
});

test('keeps no more than it must', () => {
  const backlog = new Backlog();
  const chunk = Buffer.alloc(1000, 'a');
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 100_000; i += 1) {
    backlog.append(chunk, 0, chunk.length);
    backlog.dropTo(backlog.end - 10);
  }
  expect(backlog.end).toBe(100_000_000);
  globalThis.gc?.();
  expect(readFrom(backlog, backlog.start).toString()).toBe('a'.repeat(10));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80_000_000);
});
