import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkpointFile, readCheckpoint, setAside, writeCheckpoint, type Checkpoint } from '../../../src/io/follow/checkpoint.ts';
import { scratch } from '../scratch.ts';

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
  ['one with a torn header', (text) => text.slice(0, 30), 'is a damaged checkpoint'],
  ['one of which a few bytes are left', (text) => text.slice(0, 5), 'is a damaged checkpoint'],
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

const others: readonly [what: string, make: (path: string) => void][] = [
  ['a file of something else', (path) => writeFileSync(path, '{"level":50,"msg":"a log"}\n')],
  ['a file of something else', (path) => writeFileSync(path, ' relevel checkpoint 1 ')],
  ['a directory', (path) => mkdirSync(path)],
  ['a named pipe', (path) => spawnSync('mkfifo', [path])],
  ['a device', (path) => spawnSync('mknod', [path, 'c', '1', '5'])],
  ['a socket', (path) => spawnSync('python3', ['-c', `import socket; socket.socket(socket.AF_UNIX).bind('${path}')`])],
];

test.each(others)('%s is no checkpoint, and is said to be what it is', (what, make) => {
  const path = join(scratch(), 'checkpoint');
  make(path);
  expect(readCheckpoint(path)).toEqual({ kind: 'foreign', what });
});

test('an empty file is a place for one', () => {
  const path = join(scratch(), 'checkpoint');
  writeFileSync(path, '');
  expect(readCheckpoint(path)).toEqual({ kind: 'none' });
});

test('links are followed, also one that leads to nothing yet, but not for ever', async () => {
  const folder = realpathSync(scratch());
  mkdirSync(join(folder, 'state'));
  symlinkSync('state/real', join(folder, 'second'));
  symlinkSync('second', join(folder, 'first'));
  const file = checkpointFile(join(folder, 'first'));
  expect(file).toBe(join(folder, 'state/real'));
  await writeCheckpoint(file, CHECKPOINT);
  expect(checkpointFile(join(folder, 'first'))).toBe(file);
  expect(readCheckpoint(file).kind).toBe('read');
  symlinkSync('round', join(folder, 'round'));
  expect(() => checkpointFile(join(folder, 'round'))).toThrow(/round: cannot read: /u);
});

test('what a kill left beside it is replaced, and it is for its owner alone', async () => {
  const folder = scratch();
  const path = join(folder, 'checkpoint');
  const mask = process.umask(0);
  try {
    for (const text of ['', 'relevel che', 'relevel checkpoint 1 ab']) {
      writeFileSync(`${path}.new`, text, { mode: 0o666 });
      await writeCheckpoint(path, CHECKPOINT);
      expect(readdirSync(folder)).toEqual(['checkpoint']);
    }
  } finally {
    process.umask(mask);
  }
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

const inTheWay: readonly [claim: string, make: (path: string, victim: string) => void][] = [
  ['another program’s file', (path) => writeFileSync(path, 'precious')],
  ['a link', (path, victim) => symlinkSync(victim, path)],
  ['a folder', (path) => mkdirSync(path)],
];

test.each(inTheWay)('%s beside it is neither followed nor replaced', async (_claim, make) => {
  const folder = scratch();
  const path = join(folder, 'checkpoint');
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  make(`${path}.new`, victim);
  const before = lstatSync(`${path}.new`).ino;
  await expect(writeCheckpoint(path, CHECKPOINT)).rejects.toThrow(
    `${path}: cannot write the checkpoint: ${path}.new is in the way, and is not of relevel`,
  );
  expect(lstatSync(`${path}.new`).ino).toBe(before);
  expect([readFileSync(victim, 'utf8'), existsSync(path)]).toEqual(['precious', false]);
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
