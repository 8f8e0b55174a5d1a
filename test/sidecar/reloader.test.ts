import { expect, test } from 'vitest';
import { Reloader, type Reload, type RulesRead } from '../../src/sidecar/reloader.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesOf } from '../support/run.ts';

const NO_RULES: RuleSet = { protect: [], rules: [] };

/** A reloader over files that a test changes, and what came of it. */
function reloaderOf(read: () => Promise<RulesRead>) {
  const files: { state: string | undefined } = { state: 'one' };
  const heard: Reload['kind'][] = [];
  const adopted: RuleSet[] = [];
  const reloader = new Reloader({
    look: async () => files.state,
    seen: 'one',
    read,
    adopt: (rules) => adopted.push(rules),
    onReload: ({ kind }) => heard.push(kind),
    now: () => 5,
  });
  return { files, heard, adopted, reloader };
}

const good = async (): Promise<RulesRead> => ({ kind: 'read', ruleSet: NO_RULES });

test('adopts what has changed and stands still', async () => {
  const { files, adopted, reloader } = reloaderOf(good);
  await reloader.poll();
  expect(adopted).toHaveLength(0);
  for (const state of ['half', 'whole']) {
    files.state = state;
    await reloader.poll();
    expect(adopted).toHaveLength(0);
  }
  await reloader.poll();
  await reloader.poll();
  expect(adopted).toEqual([NO_RULES]);
  expect(reloader.reloads).toEqual({ adopted: 1, refused: 0, last: { kind: 'adopted', rules: 0 }, adoptedAt: 5 });
});

test('refuses what is wrong, once until it changes or somebody asks', async () => {
  let isGood = false;
  const { files, heard, reloader } = reloaderOf(async () => (isGood ? good() : { kind: 'wrong', problems: ['a', 'b'] }));
  files.state = 'bad';
  for (let i = 0; i < 5; i += 1) await reloader.poll();
  expect(reloader.reloads.refused).toBe(1);
  expect(await reloader.reload()).toMatchObject({ kind: 'refused' });
  expect(reloader.reloads).toMatchObject({ adopted: 0, refused: 2, last: { kind: 'refused', problems: ['a', 'b'] } });
  isGood = true;
  files.state = 'one';
  for (let i = 0; i < 5; i += 1) await reloader.poll();
  expect(heard).toEqual(['refused', 'refused', 'adopted']);
});

test('does not wait where it is asked to reload, and reads nothing where nothing has changed', async () => {
  const { files, heard, reloader } = reloaderOf(good);
  expect(await reloader.reload()).toEqual({ kind: 'unchanged' });
  files.state = 'two';
  expect(await reloader.reload()).toEqual({ kind: 'adopted', rules: 0 });
  await reloader.poll();
  await reloader.poll();
  expect(heard).toEqual(['unchanged', 'adopted']);
  expect(reloader.reloads.adopted).toBe(1);
});

test('what changes while it reads is read after it, once for all who ask', async () => {
  let finish = (_: RulesRead): void => {};
  const { files, heard, reloader } = reloaderOf(() => new Promise((resolve) => (finish = resolve)));
  files.state = 'two';
  const first = reloader.reload();
  await new Promise(setImmediate);
  files.state = 'three';
  await reloader.poll();
  const more = [reloader.reload(), reloader.reload()];
  finish(await good());
  expect(await first).toEqual({ kind: 'adopted', rules: 0 });
  await new Promise(setImmediate);
  finish(await good());
  expect(await Promise.all(more)).toEqual([
    { kind: 'adopted', rules: 0 },
    { kind: 'adopted', rules: 0 },
  ]);
  expect(heard).toEqual(['adopted', 'adopted']);
});

test('refuses to read a second time what can be read only once', async () => {
  const { files, adopted, reloader } = reloaderOf(good);
  files.state = undefined;
  await reloader.poll();
  expect(await reloader.reload()).toMatchObject({ kind: 'refused' });
  expect(adopted).toEqual([]);
});

test('survives a fault of its own', async () => {
  const { files, reloader } = reloaderOf(async () => {
    throw new Error('oh\x1b[2J');
  });
  files.state = 'two';
  expect(await reloader.reload()).toEqual({ kind: 'refused', problems: [String.raw`Error: oh\x1b[2J`] });
});

test('counts no rule in shadow among those in force', async () => {
  const ruleSet = rulesOf(`version: 1
rules:
  - { id: a, when: { msg: a }, then: { level: info } }
  - { id: b, shadow: true, when: { msg: b }, then: { level: info } }
`);
  const { files, reloader } = reloaderOf(async () => ({ kind: 'read', ruleSet }));
  files.state = 'two';
  expect(await reloader.reload()).toEqual({ kind: 'adopted', rules: 1 });
});
