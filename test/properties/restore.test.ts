import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restoreLine, type Reading } from '../../src/engine/edit/restore.ts';
import { readInside } from '../../src/formats/envelope.ts';
import { readLine } from '../../src/formats/index.ts';
import { kernel } from '../support/kernel.ts';
import { LEVELS } from '../../src/record/level.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';
import { hostileChange, hostileLine } from '../support/arbitraries/hostile-lines.ts';
import { feed } from '../support/feed.ts';
import { rulesOf } from '../support/run.ts';

const RUNS = Number(process.env['RELEVEL_RUNS'] ?? 1_000);

const readings: fc.Arbitrary<Reading> = fc.record({
  format: fc.constantFrom('auto', 'auto', 'auto', 'json', 'logfmt', 'text'),
  envelope: fc.constantFrom('none', 'auto', 'auto', 'cri', 'docker'),
});

interface Change {
  readonly level: string;
  readonly msg: string | undefined;
  readonly note: string | undefined;
}

const rulesFor = (then: Change, repeat: boolean): string => `
version: 1
rules:
  - id: r
    when: { level: { at_least: debug } }
    then: ${JSON.stringify(then)}
${repeat ? '    repeat: { by: [{ field: msg, mask: all }], window: 1h, rest: fold }' : ''}
`;

/** The level and the message that a reader finds; nothing if it finds none, or two meanings. */
function readAs(line: Buffer, { format, envelope }: Reading): { level: string; msg: string | undefined } | undefined {
  const record = new LogRecord(new Names([]));
  const isRead = readInside(record, line, 0, line.length - 1, (...args) => readLine(kernel, ...args, format), envelope!);
  if (!isRead || record.ambiguous) return undefined;
  const msg = record.msgSlot === -1 ? undefined : record.text(record.msgSlot);
  return { level: LEVELS[record.level as 0], msg };
}

const linesOf = (bytes: Buffer): Buffer[] =>
  bytes
    .toString('latin1')
    .split(/(?<=\n)/u)
    .map((line) => Buffer.from(line, 'latin1'));

test('a changed line is read as what was asked for, and restored to the byte', () => {
  const seen = { changed: 0, reworded: 0, kept: 0 };
  fc.assert(
    fc.property(fc.array(hostileLine, { minLength: 1, maxLength: 8 }), hostileChange, readings, (lines, change, reading) => {
      const input = Buffer.from(lines.join(''), 'latin1');
      const { output, counts } = feed(rulesOf(rulesFor(change, false)), [input], {
        format: reading.format,
        envelope: reading.envelope!,
      });
      const left = linesOf(output);
      expect(left).toHaveLength(lines.length);
      let changed = 0;
      for (const [i, line] of left.entries()) {
        const original = Buffer.from(lines[i]!, 'latin1');
        if (line.equals(original)) {
          if (!lines[i]!.includes('relevel')) expect(restoreLine(line, reading)).toBeUndefined();
          continue;
        }
        changed += 1;
        const was = readAs(original, reading)!;
        const is = readAs(line, reading)!;
        expect(is, `${lines[i]} became ${line.toString('latin1')}`).toBeDefined();
        const rank = (level: string): number => LEVELS.indexOf(level as 'info');
        // Or the nearest that the format can say.
        expect(rank(is.level)).toBeGreaterThanOrEqual(Math.min(rank(change.level), rank(was.level)));
        expect(rank(is.level)).toBeLessThanOrEqual(rank(was.level));
        // Behind a header with nothing but an object, that is the message and takes the annotation.
        const msg = is.msg?.replace(/,"relevel":\{.*\}(?=\}$)/u, '');
        if (change.msg?.includes('${') !== true) expect([was.msg, change.msg ?? was.msg]).toContain(msg);
        expect(restoreLine(line, reading)?.toString('latin1'), line.toString('latin1')).toBe(lines[i]);
        if (is.msg !== was.msg) seen.reworded += 1;
      }
      expect(changed).toBe(counts.changed);
      seen.changed += changed;
      seen.kept += counts.rules.get('r')!.keptMessages;
    }),
    { numRuns: RUNS },
  );
  for (const often of Object.values(seen)) expect(often).toBeGreaterThan(RUNS / 50);
});

test('a summary is restored to its last folded line', () => {
  let summaries = 0;
  fc.assert(
    fc.property(hostileLine, hostileChange, readings, (line, change, reading) => {
      const input = Buffer.from(line.repeat(3), 'latin1');
      const { output, counts } = feed(rulesOf(rulesFor(change, true)), [input], {
        format: reading.format,
        envelope: reading.envelope!,
      });
      if (counts.summaries === 0) return;
      summaries += 1;
      const summary = linesOf(output).at(-1)!;
      expect(restoreLine(summary, reading)?.toString('latin1'), summary.toString('latin1')).toBe(line);
    }),
    { numRuns: RUNS },
  );
  expect(summaries).toBeGreaterThan(RUNS / 20);
});

test('whatever is done to a changed line, restoring it never throws, and what it gives becomes that line again', () => {
  let taken = 0;
  const cut = fc.record({
    at: fc.nat(400),
    drop: fc.nat(6),
    put: fc.constantFrom('', 'x', '"', ' ', '\\', '{', '}', '=', '9', ' relevel.rule=', ','),
  });
  fc.assert(
    fc.property(hostileLine, hostileChange, readings, cut, (line, change, reading, { at, drop, put }) => {
      const { output } = feed(rulesOf(rulesFor(change, false)), [Buffer.from(line, 'latin1')], {
        format: reading.format,
        envelope: reading.envelope!,
      });
      const text = output.toString('latin1');
      const odd = text.slice(0, at % text.length) + put + text.slice((at % text.length) + drop);
      const restored = restoreLine(Buffer.from(odd, 'latin1'), reading);
      const freely = restoreLine(Buffer.from(odd, 'latin1'));
      if (!odd.includes('relevel')) expect([restored, freely]).toEqual([undefined, undefined]);
      if (restored !== undefined) taken += 1;
    }),
    { numRuns: RUNS },
  );
  expect(taken).toBeGreaterThan(RUNS / 100);
});
