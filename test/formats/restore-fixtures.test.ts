import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restoreLine } from '../../src/engine/edit/restore.ts';
import { feed } from '../support/feed.ts';
import { rulesOf } from '../support/run.ts';

const ROOT = join(import.meta.dirname, '../../fixtures/formats');

/** All lines that real programs wrote, in envelopes or not. */
const lines = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.log'))
  .flatMap((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').slice(0, -1));

const rules = (then: string) =>
  rulesOf(`
version: 1
rules:
  - { id: r, when: { level: { in: [trace, debug, info, warn, error, critical] } }, ${then} }
`);

const changes = {
  lowers: rules('then: { level: debug }'),
  'lowers as far as it goes': rules('then: { level: trace, note: "it is well: \\"so\\" a=b" }'),
  rewords: rules('then: { level: info, msg: "it is well: a=1 {x}" }'),
  'takes the message away': rules('then: { level: debug, msg: "" }'),
};

test.each(Object.entries(changes))('gives back each line that it %s', (_, rule) => {
  const lost = lines.flatMap((line) => {
    const { output } = feed(rule, [Buffer.from(`${line}\n`)]);
    if (output.toString() === `${line}\n`) return [];
    const restored = restoreLine(output)?.toString();
    return restored === `${line}\n` ? [] : [{ line, became: output.toString(), restored }];
  });
  expect(lost).toEqual([]);
});

test('changes most of them', () => {
  const changed = lines.filter((line) => feed(changes.lowers, [Buffer.from(`${line}\n`)]).output.toString() !== `${line}\n`);
  expect(changed.length / lines.length).toBeGreaterThan(0.6);
});

const repeats = rulesOf(`
version: 1
rules:
  - id: r
    when: { level: { in: [trace, debug, info, warn, error, critical] } }
    then: { level: debug }
    repeat: { by: [], window: 1h, rest: fold }
`);

test('gives back the last of the lines that it folds', () => {
  const lost = lines.flatMap((line) => {
    const three = Buffer.from(`${line}\n`.repeat(3));
    const { output } = feed(repeats, [three]);
    const left = output.toString().split('\n').slice(0, -1);
    if (left.length === 3) return [];
    const restored = left.map((each) => restoreLine(Buffer.from(`${each}\n`))?.toString());
    return restored.length === 2 && restored.every((each) => each === `${line}\n`) ? [] : [{ line, left, restored }];
  });
  expect(lost).toEqual([]);
});
