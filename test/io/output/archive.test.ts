import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileArchive } from '../../../src/io/output/archive.ts';
import { scratch } from '../scratch.ts';

const bytes = Buffer.from('one\ntwo\n');

/** An archive, what it said, and a clock to set. */
function archiveAt(path: string) {
  const clock = { now: 0 };
  const said: string[] = [];
  const archive = new FileArchive({ path, now: () => clock.now, onFailure: (error) => said.push(error.message) });
  return { archive, clock, said };
}

test('keeps lines behind what is there, for the owner alone', () => {
  const path = join(scratch(), 'folded.log');
  const { archive } = archiveAt(path);
  expect([archive.keep(bytes, 0, 4), archive.keep(bytes, 4, 8)]).toEqual([true, true]);
  archive.close();
  expect(archive.keep(bytes, 0, 4)).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\none\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('begins a new line after half a line of an earlier run', () => {
  const path = join(scratch(), 'folded.log');
  writeFileSync(path, 'half');
  archiveAt(path).archive.keep(bytes, 0, 4);
  expect(readFileSync(path, 'utf8')).toBe('half\none\n');
});

test('says once that it is full, and tries again every second', () => {
  const { archive, clock, said } = archiveAt('/dev/full');
  for (clock.now = 0; clock.now < 3000; clock.now += 100) expect(archive.keep(bytes, 0, 4)).toBe(false);
  expect(said).toEqual(['/dev/full: cannot keep folded lines: no space left on device']);
});

test('goes on when the trouble is over, and says so of the next trouble anew', () => {
  const path = join(scratch(), 'folded.log');
  const { archive, clock, said } = archiveAt(path);
  mkdirSync(path);
  expect(archive.keep(bytes, 0, 4)).toBe(false);
  rmdirSync(path);
  expect(archive.keep(bytes, 0, 4)).toBe(false); // not a second later yet
  clock.now = 1000;
  expect(archive.keep(bytes, 0, 4)).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('one\n');
  expect(said).toEqual([`${path}: cannot keep folded lines: is a directory`]);
});
