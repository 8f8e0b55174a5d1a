import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonPlainly } from '../../src/formats/json.ts';
import { readLogfmtPlainly } from '../../src/formats/logfmt.ts';
import { GIVE_UP, INPUT_SIZE, MISSING, READING_AMBIGUOUS, READING_FOUND, READING_WORDS } from '../../src/kernel/layout.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';
import { hostile, jsonLine, logfmtLine, spoilt } from '../support/arbitraries/kernel-lines.ts';
import { slotsOf } from '../support/reference/lines.ts';
import { builds, loadNames, type Build } from '../support/kernel-builds.ts';

const names = new Names(['a', 'b.c', 'b.d.e', 'error', 'é']);
const slots = slotsOf(names.top);

type Values = readonly (readonly [slot: number, kind: number, start: number, end: number])[];

/** What the plain reader finds. `undefined` if it reads no record; of one without a level it keeps nothing. */
function plainly(reader: (record: LogRecord) => boolean, line: Buffer): Values | 'read' | undefined {
  const record = new LogRecord(names);
  record.reset(line, 0, line.length);
  if (!reader(record)) return ['no level', 'unknown level'].includes(record.why) ? 'read' : undefined;
  return slots
    .filter((slot) => record.kinds[slot] !== MISSING)
    .map((slot) => [slot, record.kinds[slot]!, record.starts[slot]!, record.ends[slot]!] as const);
}

function byKernel({ call, memory }: Build, reader: string, start: number, end: number): Values | 'gives up' | undefined {
  const answer = call[reader]!(start, end);
  const reading = new Int32Array(memory, call['reading']!(), READING_WORDS);
  if (answer === GIVE_UP || reading[READING_AMBIGUOUS] === 1) return 'gives up';
  if (answer < 0) return undefined;
  const most = Math.max(...slots) + 1;
  const kinds = new Uint8Array(memory, call['kinds']!(), most);
  const starts = new Int32Array(memory, call['starts']!(), most);
  const ends = new Int32Array(memory, call['ends']!(), most);
  return [...new Uint16Array(memory, call['found']!(), reading[READING_FOUND])]
    .map((slot) => [slot, kinds[slot]!, starts[slot]! - start, ends[slot]! - start] as const)
    .toSorted((a, b) => slots.indexOf(a[0]) - slots.indexOf(b[0]));
}

test.each(
  builds.flatMap(([name, build]) => [
    [name, 'JSON', jsonLine, build, 'readJson', readJsonPlainly] as const,
    [name, 'logfmt', logfmtLine, build, 'readLogfmt', readLogfmtPlainly] as const,
  ]),
)('%s, reads %s as the plain reader does', (_name, _format, line, build, reader, plain) => {
  let read = 0;
  let gaveUp = 0;
  loadNames(build, names.top);
  fc.assert(
    fc.property(fc.oneof({ weight: 5, arbitrary: spoilt(line) }, hostile), fc.boolean(), (bytes, isAtEnd) => {
      const at = isAtEnd ? INPUT_SIZE - bytes.length : 0;
      build.input.set(bytes, at);
      const ours = byKernel(build, reader, at, at + bytes.length);
      if (ours === 'gives up') {
        gaveUp += 1;
        return;
      }
      const wanted = plainly(plain, bytes);
      if (wanted === 'read') expect(ours, bytes.toString('latin1')).toBeDefined();
      else expect(ours, bytes.toString('latin1')).toEqual(wanted);
      if (ours !== undefined) read += 1;
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(300);
  expect(gaveUp).toBeGreaterThan(100);
});
