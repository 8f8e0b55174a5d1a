import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonPlainly } from '../support/reference/json.ts';
import { readLogfmtPlainly } from '../support/reference/logfmt.ts';
import {
  AGAIN_END,
  AGAIN_KIND,
  AGAIN_SLOT,
  AGAIN_START,
  AGAIN_WORDS,
  KEY_NOT_UTF8,
  INPUT_SIZE,
  MOST_AGAIN,
  MOST_SLOTS,
  NO_KEY,
  NO_PAIR,
  QUOTE_IN_KEY,
  QUOTE_OPEN,
  READING_AGAIN,
  READING_AMBIGUOUS,
  READING_FOUND,
  READING_GUESSED,
  READING_WORDS,
} from '../../src/kernel/layout.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';
import { hostile, jsonLine, logfmtLine, spoilt } from '../support/arbitraries/kernel-lines.ts';
import { builds, loadNames, type Build } from '../support/kernel-builds.ts';

const names = new Names(['a', 'b.c', 'b.d.e', 'error', 'é', 'k\u00e9y\u{1f600}', 'c"d', 'x/y']);

/** All that is known of a line that was read. */
function known(record: LogRecord): unknown {
  const slots = [...record.kinds].map((kind, slot) => (kind === 0 ? undefined : [kind, record.starts[slot], record.ends[slot]]));
  const { level, levelSlot, msgSlot, msgAgain, time, ambiguous, annotated, why, loose } = record;
  const at = level === -1 ? undefined : record.annotateAt;
  return { slots, level, levelSlot, msgSlot, msgAgain, time, ambiguous, annotated, why, loose, at };
}

const WHY = new Map([
  [NO_PAIR, 'no pair at the beginning'],
  [KEY_NOT_UTF8, 'key that is not UTF-8'],
  [QUOTE_IN_KEY, 'quote in a key'],
  [QUOTE_OPEN, 'quote never closed'],
  [NO_KEY, 'value without a key'],
]);

/** Reads by the kernel what the plain readers read by themselves. */
function byKernel({ call, memory }: Build, format: 'JSON' | 'logfmt', record: LogRecord): void {
  const answer = call[format === 'JSON' ? 'readJson' : 'readLogfmt']!(record.start, record.end);
  record.loose = format === 'logfmt';
  if (answer < 0) {
    record.opaque(format === 'JSON' ? 'not JSON' : WHY.get(answer)!);
    return;
  }
  if (format === 'JSON') {
    record.annotateAt = answer;
    record.manner = 'member';
  }
  const reading = new Int32Array(memory, call['reading']!(), READING_WORDS);
  const kinds = new Uint8Array(memory, call['kinds']!(), MOST_SLOTS);
  const starts = new Int32Array(memory, call['starts']!(), MOST_SLOTS);
  const ends = new Int32Array(memory, call['ends']!(), MOST_SLOTS);
  for (const slot of new Uint16Array(memory, call['found']!(), reading[READING_FOUND]))
    record.set(slot, kinds[slot]!, starts[slot]!, ends[slot]!);
  const again = new Int32Array(memory, call['again']!(), AGAIN_WORDS * MOST_AGAIN);
  for (let at = 0; at < AGAIN_WORDS * reading[READING_AGAIN]!; at += AGAIN_WORDS)
    record.again(again[at + AGAIN_SLOT]!, again[at + AGAIN_KIND]!, again[at + AGAIN_START]!, again[at + AGAIN_END]!);
  if (reading[READING_GUESSED] === 1) record.ambiguous = true;
  expect(reading[READING_AMBIGUOUS]).toBe(reading[READING_GUESSED] === 1 || reading[READING_AGAIN] !== 0 ? 1 : 0);
  record.settle();
}

/** Keys that are spelled in another way than the names that are looked for. */
const respelled: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      '"\\u006cevel":50',
      '"a":1',
      '"\\u0061":1',
      '"\\u0061":2',
      '"k\\u00E9y\\ud83d\\ude00":"x"',
      '"k\u00e9y\\ud83d":"x"',
      '"c\\"d":"x"',
      '"x\\/y":[]',
      '"b":{"\\u0063":1,"d":{"\\u0065":2}}',
      '"\\ud83d\\u0061":1',
      '"\\b\\f\\n\\r\\t\\\\":1',
      '"msg":"m"',
      '"msg":"m"',
    ),
    { maxLength: 8 },
  )
  .map((members) => `{${['"level":30', ...members].join(',')}}`);

const coloured: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      '\u001b[36ma=1\u001b[0m',
      'a=\u001b[1;31mx\u001b[0m',
      'a=1',
      'a',
      'é=2',
      '\u00ffx=1',
      'k\u00e9y\u{1f600}="x y"',
      '\ufffd=1',
      '\u001b[=1',
      '\u001b',
      '\t',
      'level=info',
      'a="x"',
    ),
    { maxLength: 8 },
  )
  .map((parts) => ['\u001b[32mlevel=error', ...parts].join(' '));

/** Whatever these bytes are in Latin-1: so some of them are no UTF-8. */
const anyBytes = (text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(text, fc.constantFrom<BufferEncoding>('utf8', 'utf8', 'latin1'))
    .map(([each, encoding]) => Buffer.from(each, encoding));

test.each(
  builds.flatMap(([name, build]) => [
    [name, 'JSON', fc.oneof(spoilt(jsonLine), spoilt(jsonLine), anyBytes(respelled)), build, readJsonPlainly] as const,
    [name, 'logfmt', fc.oneof(spoilt(logfmtLine), spoilt(logfmtLine), anyBytes(coloured)), build, readLogfmtPlainly] as const,
  ]),
)('%s, reads %s as the plain reader does', (_name, format, line, build, plain) => {
  const reasons = new Map<string, number>();
  loadNames(build, names.top);
  const input = Buffer.from(build.memory, 0, INPUT_SIZE);
  const [ours, theirs] = [new LogRecord(names), new LogRecord(names)];
  fc.assert(
    fc.property(fc.oneof({ weight: 6, arbitrary: line }, hostile), fc.boolean(), (bytes, isAtEnd) => {
      const at = isAtEnd ? INPUT_SIZE - bytes.length : 0;
      input.set(bytes, at);
      for (const record of [ours, theirs]) record.reset(input, at, at + bytes.length);
      byKernel(build, format, ours);
      plain(theirs);
      expect(known(ours), bytes.toString('latin1')).toEqual(known(theirs));
      const reason = theirs.ambiguous ? 'ambiguous' : theirs.why;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }),
    { numRuns: 4000 },
  );
  for (const reason of format === 'JSON' ? ['', 'ambiguous', 'not JSON'] : ['', 'ambiguous', ...WHY.values()])
    expect(reasons.get(reason), reason).toBeGreaterThan(20);
});

test.each(builds)('takes a line with more values under one name than it can keep for one with two meanings: %s', (_, build) => {
  loadNames(build, names.top);
  const line = `{"level":30${',"a":1'.repeat(MOST_AGAIN + 2)}}`;
  build.input.set(Buffer.from(line));
  expect(build.call['readJson']!(0, line.length)).toBe(line.length - 1);
  expect([...new Int32Array(build.memory, build.call['reading']!(), READING_WORDS)]).toEqual([2, 1, MOST_AGAIN, 1]);
});
