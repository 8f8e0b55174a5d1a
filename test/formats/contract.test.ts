import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LineUnderstanding } from '../../src/workbench/read-line.ts';
import { UTC } from '../../src/engine/zone.ts';
import { LEVELS } from '../../src/record/level.ts';
import { read } from '../support/read.ts';

const FORMATS = ['json', 'logfmt', 'text'] as const;

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);

// `fixtures/formats/<format>/` holds lines as real programs wrote them, and in `expected.json` what is to be read of each.
// `npm test -- -u` rewrites it; read the diff before you commit it.
describe.each(FORMATS)('%s', (format) => {
  const folder = join(import.meta.dirname, '../../fixtures/formats', format);
  const files = readdirSync(folder).filter((file) => file.endsWith('.log'));

  test('reads what real programs wrote', async () => {
    const all = files.map((file) => [file, linesOf(join(folder, file)).map((line) => understood(line, 'auto'))]);
    await expect(`${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`).toMatchFileSnapshot(join(folder, 'expected.json'));
  });

  test('finds the fields of each', async () => {
    const all = files.flatMap((file) => ['', `# ${file}`, ...linesOf(join(folder, file)).map(fieldsOf)]);
    await expect(`${all.slice(1).join('\n')}\n`).toMatchFileSnapshot(join(folder, 'fields.txt'));
  });

  test.each(files)('%s reads the same where the format is told', (file) => {
    const lines = linesOf(join(folder, file));
    expect(lines.map((line) => understood(line, format))).toEqual(lines.map((line) => understood(line, 'auto')));
  });

  test.each(FORMATS.filter((other) => other !== format))('%s is not taken for it', (other) => {
    const lines = files.flatMap((file) => linesOf(join(folder, file)));
    expect(lines.filter((line) => read(line, [], other).level !== -1)).toEqual([]);
  });
});

const reader = new LineUnderstanding({ format: 'auto', envelope: 'auto', read: undefined, zone: UTC, now: 0 });

/** The line's format and fields, as `relevel read` shows them. */
function fieldsOf(line: string): string {
  const bytes = Buffer.from(line);
  const { format, fields } = reader.of(bytes, 0, bytes.length);
  return [format ?? 'opaque', ...fields.map(([name, json]) => `${name}=${json}`)].join(' ');
}

/** What stands around lines, and what is understood of the lines inside. */
test('reads lines in the envelopes that collectors write', async () => {
  const folder = join(import.meta.dirname, '../../fixtures/formats/envelopes');
  const lines = readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .flatMap((file) => linesOf(join(folder, file)));
  const all = lines.map((line) => {
    const bytes = Buffer.from(line);
    const { envelope, format, why, level, msg, time } = reader.of(bytes, 0, bytes.length);
    return JSON.stringify({ envelope, format, why, level, msg, time });
  });
  await expect(`${all.join('\n')}\n`).toMatchFileSnapshot(join(folder, 'expected.txt'));
});

/** Level, message and time, and whether the line has two meanings. */
function understood(line: string, format: (typeof FORMATS)[number] | 'auto') {
  const record = read(line, [], format);
  const time = Number.isNaN(record.time) ? undefined : new Date(record.time).toISOString();
  return {
    level: record.level === -1 ? `opaque: ${record.why}` : LEVELS[record.level],
    msg: record.msgSlot === -1 ? undefined : record.text(record.msgSlot),
    // A header without a year tells the rest.
    time: record.yearless ? time?.slice('1972-'.length) : time,
    ambiguous: record.ambiguous ? true : undefined,
  };
}
