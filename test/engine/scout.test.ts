import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scout } from '../../src/engine/scout.ts';
import { Windows } from '../../src/engine/windows.ts';
import type { ScoutTables } from '../../src/kernel/scouts.ts';
import { kernel } from '../support/kernel.ts';

const { input, scouts } = kernel;

const chars = fc.constantFrom('a', 'A', 'b', 'k', 'K', 'é', ' ', '0', '[', '{', '@', '\\');
const probe = fc.tuple(fc.array(chars, { minLength: 3, maxLength: 8 }), fc.boolean());
const haystack = fc.array(chars, { maxLength: 60 }).map((parts) => parts.join(''));

/** Letters A to Z as a to z, byte for byte. */
const lower = (bytes: Buffer): string => bytes.toString('latin1').replace(/[A-Z]/gu, (letter) => letter.toLowerCase());

function stands(bytes: Buffer, text: Buffer, ignoreCase: boolean): boolean {
  return ignoreCase ? lower(bytes).includes(lower(text)) : bytes.includes(text);
}

test('finds what a plain search finds, and who asks for it', () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(probe, { minLength: 1, maxLength: 12 }),
        fc.array(probe, { minLength: 30, maxLength: 46 }),
        fc.array(probe, { minLength: 90, maxLength: 120 }),
      ),
      fc.array(fc.tuple(haystack, fc.nat(), fc.boolean(), haystack), { minLength: 1, maxLength: 4 }),
      (wanted, texts) => {
        const probes = wanted.map(([parts, ignoreCase], need) => ({ bytes: Buffer.from(parts.join('')), ignoreCase, need }));
        const scout = new Scout(probes);
        for (const [before, which, upper, behind] of texts) {
          const one = wanted[which % wanted.length]![0].join('');
          const bytes = Buffer.from(`x${before}${upper ? one.toUpperCase() : one}${behind}x`);
          input.set(bytes);
          const inner = bytes.subarray(1, -1);
          const expected = probes
            .filter(({ bytes: each, ignoreCase }) => stands(inner, each, ignoreCase))
            .map(({ need }) => need);
          const needs = new Uint32Array(4);
          expect(scout.collect(kernel, 1, bytes.length - 1, needs)).toBe(true);
          expect(probes.map(({ need }) => need).filter((need) => (needs[need >> 5]! >>> (need & 31)) & 1)).toEqual(expected);
          expect(scout.next(kernel, 1, bytes.length - 1) < bytes.length - 1).toBe(expected.length > 0);
          found += expected.length;
        }
      },
    ),
    { numRuns: 2000 },
  );
  expect(found).toBeGreaterThan(1000);
});

test('passes over the lines in which neither a text stands nor an escape that may hide one', () => {
  const piece = fc.oneof(
    { weight: 4, arbitrary: haystack },
    fc.constantFrom('\\u0041', '\\/', '\\', '\\n', 'u', '/', '\r', 'x'.repeat(40), 'y'.repeat(2500)),
  );
  const stops = { text: 0, escape: 0, end: 0 };
  fc.assert(
    fc.property(
      fc.oneof(fc.array(probe, { minLength: 1, maxLength: 4 }), fc.array(probe, { minLength: 90, maxLength: 120 })),
      fc.array(fc.tuple(fc.array(piece, { maxLength: 3 }), fc.constantFrom(false, false, false, true)), { maxLength: 16 }),
      fc.boolean(),
      fc.boolean(),
      fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 2490, max: 2560 }), fc.integer({ min: 4000, max: 9000 })),
      (wanted, parts, isEnded, slashes, maxLine) => {
        const probes = wanted.map(([text, ignoreCase], need) => ({ bytes: Buffer.from(text.join('')), ignoreCase, need }));
        const lines = parts.map(([text, holds], i) => text.join('') + (holds ? wanted[i % wanted.length]![0].join('') : ''));
        const bytes = Buffer.from(`x${lines.map((line) => `${line}\n`).join('')}${isEnded ? '' : 'last'}`);
        input.set(bytes);
        const passed = scouts.passOver(scouts.searchOf(new Scout(probes).tables)!, 1, bytes.length, slashes, maxLine);

        const isAsked = (line: Buffer): boolean => probes.some(({ bytes: text, ignoreCase }) => stands(line, text, ignoreCase));
        const hides = (line: Buffer): boolean => line.includes('\\u') || (slashes && line.includes('\\/'));
        let [at, passedLines, overlong] = [1, 0, 0];
        for (let end = bytes.indexOf(10, at); end !== -1; end = bytes.indexOf(10, at)) {
          const line = bytes.subarray(at, end);
          if (isAsked(line) || hides(line)) break;
          passedLines += 1;
          if (line.length > maxLine) overlong += 1;
          at = end + 1;
        }
        expect(passed).toMatchObject({ next: at, lines: passedLines, overlong });
        const end = bytes.indexOf(10, at);
        const left = bytes.subarray(at, end === -1 ? bytes.length : end);
        if (!isAsked(left) && !hides(left)) {
          expect(passed.stop).toBe(bytes.length);
          stops.end += 1;
          return;
        }
        expect(passed.stop).toBeGreaterThanOrEqual(at);
        expect(passed.stop).toBeLessThan(at + left.length);
        stops[isAsked(left) ? 'text' : 'escape'] += 1;
      },
    ),
    { numRuns: 3000 },
  );
  for (const count of Object.values(stops)) expect(count).toBeGreaterThan(60);
});

const probesOf = (count: number) =>
  Array.from({ length: count }, (_, need) => ({
    bytes: Buffer.from(`cannot open ${need}: device busy`),
    ignoreCase: false,
    need,
  }));

test.each<[string, ScoutTables]>([
  ['prints', new Scout(probesOf(3)).tables],
  ['windows of pairs', { kind: 'windows', windows: new Windows(probesOf(30)) }],
  ['windows of triples', { kind: 'windows', windows: new Windows(probesOf(100)) }],
])('finds a text wherever it stands: %s', (_kind, tables) => {
  const text = Buffer.from('cannot open 2: device busy');
  const bytes = Buffer.alloc(20_000, 'can you open a device? busy. ');
  input.set(bytes);
  const search = scouts.searchOf(tables)!;
  for (let at = 1; at < 9000; at += 1) {
    input.set(text, at);
    const found = scouts.next(search, 1, bytes.length);
    const passed = scouts.passOver(search, 0, bytes.length, true, 1 << 16);
    if (found < at || found >= at + text.length || passed.stop < at || passed.stop >= at + text.length)
      expect({ at, found, stop: passed.stop }).toBe('within the text');
    input.set(bytes.subarray(at, at + text.length), at);
  }
  expect(scouts.next(search, 1, bytes.length)).toBe(bytes.length);
});

test.each([1, 100])('counts lines however many there are; texts: %i', (texts) => {
  const probes = Array.from({ length: texts }, (_, need) => ({ bytes: Buffer.from(`text ${need}.`), ignoreCase: false, need }));
  const bytes = Buffer.from(`a\n${'\n'.repeat(20_000)}${'bc\n'.repeat(10_000)}`);
  input.set(bytes);
  const search = scouts.searchOf(new Scout(probes).tables)!;
  expect(scouts.passOver(search, 0, bytes.length, true, 0)).toMatchObject({ lines: 30_001, overlong: 10_001 });
  expect(scouts.passOver(search, 0, bytes.length, true, 1 << 16)).toMatchObject({ lines: 30_001, overlong: 0 });
});
