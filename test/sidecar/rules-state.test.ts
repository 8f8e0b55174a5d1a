import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lookAtRules } from '../../src/sidecar/rules-state.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A folder as the kubelet keeps one: files point through `..data`, which is swapped for another folder of all files. */
function configMap(): { readonly folder: string; readonly swap: (name: string, text: string) => void } {
  const folder = scratch();
  const swap = (name: string, text: string): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'rules.yaml'), text);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  swap('..one', 'one');
  symlinkSync('..data/rules.yaml', join(folder, 'rules.yaml'));
  return { folder, swap };
}

const steps: readonly [claim: string, step: (folder: string) => void, changes: boolean][] = [
  ['nothing', () => {}, false],
  ['a text', (folder) => writeFileSync(join(folder, 'a.yaml'), 'two'), true],
  ['a text of the same length', (folder) => writeFileSync(join(folder, 'a.yaml'), 'eno'), true],
  ['the same text again', (folder) => writeFileSync(join(folder, 'a.yaml'), 'one'), false],
  ['a time', (folder) => utimesSync(join(folder, 'a.yaml'), 1, 1), false],
  [
    'a file put in its place, as editors do',
    (folder) => {
      writeFileSync(join(folder, 'new'), 'two');
      renameSync(join(folder, 'new'), join(folder, 'a.yaml'));
    },
    true,
  ],
  ['a file that is gone', (folder) => unlinkSync(join(folder, 'a.yaml')), true],
  ['one more file', (folder) => writeFileSync(join(folder, 'b.yml'), ''), true],
  ['a file that holds no rules', (folder) => writeFileSync(join(folder, 'b.txt'), ''), false],
  ['a file that holds tests', (folder) => writeFileSync(join(folder, 'a.test.yaml'), ''), false],
];

test.each(steps)('%s in a folder', async (_claim, step, changes) => {
  const folder = scratch();
  writeFileSync(join(folder, 'a.yaml'), 'one');
  const look = lookAtRules([folder]);
  const before = await look();
  step(folder);
  expect((await look()) !== before).toBe(changes);
});

test.each([
  ['the folder', (folder: string) => folder],
  ['a file in it', (folder: string) => join(folder, 'rules.yaml')],
])('a link that is swapped under %s', async (_claim, pathOf) => {
  const { folder, swap } = configMap();
  const look = lookAtRules([pathOf(folder)]);
  const before = await look();
  swap('..two', 'two');
  const after = await look();
  expect(after).not.toBe(before);
  swap('..three', 'two');
  expect(await look()).toBe(after);
  swap('..four', 'one');
  expect(await look()).toBe(before);
});

test('a file that comes, goes and comes back', async () => {
  const path = join(scratch(), 'rules.yaml');
  const look = lookAtRules([path]);
  const without = await look();
  writeFileSync(path, 'one');
  const before = await look();
  expect(before).not.toBe(without);
  unlinkSync(path);
  expect(await look()).toBe(without);
  writeFileSync(path, 'one');
  expect(await look()).toBe(before);
});

test('what can be read only once is not touched', async () => {
  const path = join(scratch(), 'fifo');
  execFileSync('mkfifo', [path]);
  expect(await lookAtRules([path])()).toBeUndefined();
  expect(await lookAtRules(['/dev/null'])()).toBeUndefined();
});
