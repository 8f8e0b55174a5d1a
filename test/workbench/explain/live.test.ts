import { expect, test } from 'vitest';
import { LiveLines } from '../../../src/workbench/explain/live.ts';
import { ROOMY, rulesOf } from '../../support/run.ts';

const RULES = rulesOf(`
version: 1
rules:
  - { id: other, when: { msg: nothing }, then: { level: info } }
  - { id: tried, when: { level: { at_least: warn }, msg: { contains: secret } }, then: { level: info } }
`);
const account = (lines: LiveLines) =>
  lines.account('tried', { ruleSet: RULES, settings: { ...ROOMY, order: 'relaxed' }, now: 0, pause: async () => {} });

test('counts by condition, of whole lines, each source by itself, and tells no text of them', async () => {
  const lines = new LiveLines();
  const take = (source: string, text: string): void => lines.take(source, Buffer.from(text));
  take('a', 'a part of a line that began before\nlevel=error msg="a secret 4711"\nlevel=in');
  take('b', '\nlevel=error msg=plain\n');
  take('a', 'fo msg="secret 4712"\nlevel=error msg="secret, cut');
  const told = await account(lines);
  expect(told).toEqual({
    rule: 'tried',
    lines: 3,
    isCut: false,
    matched: 1,
    endings: { then: 1 },
    near: 1,
    stopped: [
      { condition: 'level at_least warn', alone: 1, all: 1 },
      { condition: 'msg contains "secret"', alone: 1, all: 1 },
    ],
  });
  expect(JSON.stringify(told)).not.toMatch(/471|plain|before/u);
});

test('looks at a bounded number of lines and bytes', async () => {
  const many = new LiveLines();
  for (let i = 0; i < 200; i += 1) many.take('a', Buffer.from('level=error msg="a secret"\n'.repeat(100)));
  expect(await account(many)).toMatchObject({ lines: 10_000, isCut: true });
  const long = new LiveLines();
  for (let i = 0; i < 100; i += 1) long.take('a', Buffer.alloc(1024 * 1024, i === 0 ? '\n' : 'x'));
  expect(await account(long)).toMatchObject({ isCut: true });
});
