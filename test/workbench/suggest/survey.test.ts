import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Columns } from '../../../src/workbench/suggest/columns.ts';
import { FieldReader } from '../../../src/workbench/suggest/reading.ts';
import { hashOf } from '../../../src/workbench/suggest/skeleton.ts';
import { statementsOf } from '../../../src/workbench/suggest/statements.ts';
import { Survey, type Batch } from '../../../src/workbench/suggest/survey.ts';

const OPTIONS = { format: 'auto', envelope: 'auto', read: undefined } as const;
const FIXTURES = join(import.meta.dirname, '../../../fixtures');

const LINES = ['formats/json', 'formats/logfmt', 'formats/text'].flatMap((folder) =>
  readdirSync(join(FIXTURES, folder))
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(FIXTURES, folder, name), 'latin1').split('\n')),
);

interface Looked {
  readonly level: number;
  readonly time: number;
  readonly values: readonly (readonly [name: string, hash: number])[];
}

/** What the survey has of each line: most of them it knows by the skeleton of a line before. */
function surveyed(lines: readonly string[]): (Looked | undefined)[] {
  const looked: (Looked | undefined)[] = lines.map(() => undefined);
  const keep = (batch: Batch): void => {
    const columns = new Columns(batch, survey.shapes, statementsOf(survey.forms));
    for (let line = 0; line < batch.count; line += 1) {
      const { form, constants, variables } = survey.shapes[batch.shapes[line]!]!;
      const names = [...constants.keys(), ...variables].filter((name) => !name.startsWith('#') && name !== '$origin');
      const values = names.toSorted().map((name) => [name, columns.valueOf(line, name)] as const);
      looked[batch.numbers[line]! - 1] = { level: form.level, time: batch.times[line]!, values };
    }
  };
  const survey = new Survey(OPTIONS, keep);
  survey.begin(0);
  for (const line of lines) {
    const bytes = Buffer.from(line, 'latin1');
    survey.take(bytes, 0, bytes.length, 0);
  }
  survey.end();
  survey.close();
  return looked;
}

function read(lines: readonly string[]): (Looked | undefined)[] {
  const reader = new FieldReader(OPTIONS);
  const all = lines.map((line) => {
    const bytes = Buffer.from(line, 'latin1');
    if (!reader.read(bytes, 0, bytes.length)) return undefined;
    const { record, fields } = reader;
    const values = fields.map(({ name, start, end }) => [name, hashOf(record.bytes, start, end)] as const);
    return { level: record.level, time: record.time, values: values.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
  });
  reader.close();
  return all;
}

test('knows of each line what reading it tells', () => {
  expect(LINES.length).toBeGreaterThan(150);
  expect(surveyed(LINES)).toEqual(read(LINES));
});

test('knows it also of lines like those before, with other digits', () => {
  // Lower digits: a time stays one.
  const digit = fc.constantFrom('1', '2');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LINES.length - 1 }), fc.array(digit, { minLength: 5, maxLength: 5 }), (at, digits) => {
      const line = LINES[at]!;
      const others = digits.map((by, nth) =>
        line.replace(/[3-9]/gu, (own, offset: number) => ((offset + nth) % 3 === 0 ? by : own)),
      );
      const lines = [line, ...others];
      const expected = read(lines);
      // A day that no month has is no time.
      const isStill = (looked: Looked | undefined): boolean =>
        looked === undefined ? expected[0] === undefined : Number.isNaN(looked.time) === Number.isNaN(expected[0]?.time);
      const kept = lines.filter((_, nth) => isStill(expected[nth]));
      expect(surveyed(kept)).toEqual(read(kept));
    }),
    { numRuns: 300 },
  );
});
