import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCheckpoint, setAside, writeCheckpoint, type Checkpoint } from '../../src/io/checkpoint.ts';
import { scratch } from './scratch.ts';

const CHECKPOINT: Checkpoint = {
  writtenAt: 1_000,
  searchedAt: 900,
  paths: [
    {
      path: '/var/log/a.log',
      files: [{ id: '1:2:3', head: { length: 4, sha256: 'ab' }, offset: 7, tail: 'bGluZQo=', size: 7 }],
      seen: ['1:3:4'],
      cut: ['stderr'],
      groups: [
        {
          rule: 'r',
          definition: 'd',
          key: '\u0001\u0000key',
          first: null,
          level: 4,
          due: 5_000,
          folded: 2,
          last: 4_000,
          line: 'eAo=',
          words: {},
        },
      ],
    },
  ],
};

test('what was written is read, and nothing is left beside it', async () => {
  const folder = scratch();
  const path = join(folder, 'checkpoint');
  await writeCheckpoint(path, { ...CHECKPOINT, paths: [] });
  await writeCheckpoint(path, CHECKPOINT);
  expect(readCheckpoint(path)).toEqual({ kind: 'read', checkpoint: CHECKPOINT });
  expect(readdirSync(folder)).toEqual(['checkpoint']);
});

test('where there is none, there is none', () => {
  expect(readCheckpoint(join(scratch(), 'gone'))).toEqual({ kind: 'none' });
});

const unusable: readonly [claim: string, change: (text: string) => string, why: string][] = [
  ['another program’s file', () => '[]\n', 'is no checkpoint of relevel'],
  ['an empty file', () => '', 'is no checkpoint of relevel'],
  ['a torn one', (text) => text.slice(0, -9), 'is a damaged checkpoint'],
  ['one with a changed byte', (text) => text.replace('"offset":7', '"offset":8'), 'is a damaged checkpoint'],
  [
    'a future one',
    (text) => text.replace('checkpoint 1 ', 'checkpoint 2 '),
    'is a checkpoint of version 2; this relevel knows version 1',
  ],
];

test.each(unusable)('%s is not gone on from, and is kept', async (_claim, change, why) => {
  const path = join(scratch(), 'checkpoint');
  await writeCheckpoint(path, CHECKPOINT);
  const changed = change(readFileSync(path, 'utf8'));
  writeFileSync(path, changed);
  expect(readCheckpoint(path)).toEqual({ kind: 'unusable', why });
  expect(readFileSync(setAside(path), 'utf8')).toBe(changed);
  expect(readCheckpoint(path)).toEqual({ kind: 'none' });
});

test('what was put aside before stays', () => {
  const path = join(scratch(), 'checkpoint');
  const asides = ['one', 'two', 'three'].map((text) => {
    writeFileSync(path, text);
    return setAside(path);
  });
  expect(asides.map((aside) => readFileSync(aside, 'utf8'))).toEqual(['one', 'two', 'three']);
});

const shapes: readonly [claim: string, value: unknown][] = [
  ['no object', 7],
  ['no paths', { writtenAt: 1, searchedAt: 1 }],
  [
    'a negative offset',
    { ...CHECKPOINT, paths: [{ ...CHECKPOINT.paths[0], files: [{ ...CHECKPOINT.paths[0]!.files[0], offset: -1 }] }] },
  ],
  ['a group without a key', { ...CHECKPOINT, paths: [{ ...CHECKPOINT.paths[0], groups: [{ rule: 'r' }] }] }],
];

test.each(shapes)('one with %s is damaged, though its sum is right', async (_claim, value) => {
  const path = join(scratch(), 'checkpoint');
  await writeCheckpoint(path, value as Checkpoint);
  expect(readCheckpoint(path)).toEqual({ kind: 'unusable', why: 'is a damaged checkpoint' });
});

test('it says where it could not be written', async () => {
  await expect(writeCheckpoint('/gone/checkpoint', CHECKPOINT)).rejects.toThrow(
    '/gone/checkpoint: cannot write the checkpoint: no such file or directory',
  );
});
