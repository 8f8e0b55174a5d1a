import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restoreLine } from '../../../src/engine/edit/restore.ts';
import { SHIPPED } from '../../../src/formats/text/shipped.ts';
import { feed } from '../../support/feed.ts';
import { read } from '../../support/read.ts';
import { rulesOf } from '../../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/formats/text');

const fixtures = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.log'))
  .flatMap((file) => readFileSync(join(FOLDER, file), 'utf8').split('\n'));

const lines = [...SHIPPED.flatMap(({ samples }) => samples.map(({ line }) => line)), ...fixtures].filter(
  (line) => read(line).level !== -1,
);

const rules = (then: string) =>
  rulesOf(`
version: 1
rules:
  - { id: r, when: { level: { in: [info, warn, error, critical] } }, then: ${then} }
`);

const changes = [rules('{ level: debug }'), rules('{ level: info, msg: it is well }'), rules('{ level: debug, msg: "" }')];

/** A line with colours around its words, as on a terminal. */
const coloured = (line: string): string =>
  line.replaceAll(/(?<=^|[\s[\]])(?=\w)/gu, '\x1b[1;31m').replaceAll(/(?<=\w)(?=\]|\s|$)/gu, '\x1b[0m');

test.each(lines)('changes %j so that it is read as what was asked for, and gives it back', (line) => {
  for (const each of [line, `${line}\r`, coloured(line)]) {
    const before = read(each);
    for (const change of changes) {
      const { output } = feed(change, [Buffer.from(`${each}\n`)]);
      const became = output.toString();
      if (became === `${each}\n`) continue;
      const after = read(became.slice(0, -1));
      expect([after.annotated, after.level <= before.level, after.level >= 1], became).toEqual([true, true, true]);
      expect(restoreLine(output)?.toString(), became).toBe(`${each}\n`);
    }
  }
});

test('changes all of them', () => {
  const unchanged = lines.filter((line) => {
    const { level } = read(line);
    return level > 2 && level < 6 && feed(changes[0]!, [Buffer.from(`${line}\n`)]).output.toString() === `${line}\n`;
  });
  expect(unchanged).toEqual([]);
});
