import { appendFileSync, mkdirSync, linkSync, renameSync, rmSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { scene, upTo, type Scene } from './scene.ts';

/** How often `a.log` still cannot be opened. */
const refused = vi.hoisted(() => ({ opens: 0 }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const openSync: typeof real.openSync = (path, ...how) => {
    if (refused.opens === 0 || !String(path).endsWith('a.log')) return real.openSync(path, ...how);
    refused.opens -= 1;
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' });
  };
  return { ...real, openSync };
});

/** Names that a rotation may give, of which no pattern knows that they are of `a.log`. */
const STRANGE = ['a.1.log', 'a-1.log', 'b', 'old-a', '@400000006740a1b2c3d4e5f6.s', 'A (copy).txt'];

test.each(STRANGE)('a file that was renamed to %s while nobody followed it is read to its end', (name) => {
  const s = scene().write('a.log', 1).follow().read();
  s.whileDown(() => s.write('a.log', 2).move('a.log', name).write('a.log', 3)).read();
  expect(s.text).toBe(upTo(3));
  expect(s.lost).toEqual([]);
});

test('what was written late to a file of a strange name is read, also after a restart', () => {
  const s = scene().write('a.log', 1).follow().read();
  s.move('a.log', 'old-a').write('a.log', 2).read(6_000).read(6_000);
  s.whileDown(() => s.write('old-a', 3)).read();
  expect(s.text).toBe(upTo(3));
});

test.each(['a.1.log', 'a-2026-1.log'])('a copy called %s is gone on with', (name) => {
  const s = scene().write('a.log', 1).follow().read();
  s.write('a.log', 2).copyAndTruncate(name).write('a.log', 3).read();
  expect(s.text).toBe(upTo(3));
});

test('of a file of which much is known, a copy of any name is gone on with', () => {
  const many = Array.from({ length: 300 }, (_, i) => i + 1);
  const s = scene()
    .write('a.log', ...many)
    .follow()
    .read();
  s.write('a.log', 301).copyAndTruncate('elsewhere').write('a.log', 302).read();
  expect(s.text).toBe(upTo(302));
});

test.each([
  ['app', 'app.1.log', 'app.2.log'],
  ['dated', '2026-11-21', '2026-11-22'],
])('generations that came and went while nobody followed are found by the like of a name: %s', (_how, first, second) => {
  const s = scene().write('a.log', 1).follow().read();
  s.whileDown(() => {
    s.write('a.log', 2).move('a.log', first).write('a.log', 3);
    s.move('a.log', second).write('a.log', 4);
  }).read();
  expect(s.text).toBe(upTo(4));
});

test('svlogd’s files are read to their end, also those that nobody saw', () => {
  const s = scene('current').write('current', 1).follow().read();
  s.write('current', 2).move('current', '@400000006740a1b2c3d4e5f6.s').write('current', 3);
  s.move('current', '@400000006740a1b3c3d4e5f6.s').write('current', 4).read();
  expect(s.text).toBe(upTo(4));
});

/** Has the link `a.log` lead to another file, at once. */
function swap(s: Scene, to: string): void {
  rmSync(s.path('new'), { force: true });
  symlinkSync(s.path(to), s.path('new'));
  renameSync(s.path('new'), s.path('a.log'));
}

test.each([
  ['numbers', ['app-1.log', 'app-2.log', 'app-3.log']],
  ['words', ['one.log', 'two.log', 'three.log']],
])('of a link that is swapped twice between two looks, all files are read: %s', (_how, names) => {
  const s = scene();
  s.write(names[0]!, 1);
  swap(s, names[0]!);
  s.follow().read(0);
  s.write(names[0]!, 2).write(names[1]!, 3);
  swap(s, names[1]!);
  s.write(names[1]!, 4).write(names[2]!, 5);
  swap(s, names[2]!);
  s.read(0);
  expect(s.text).toBe(upTo(5));
});

test('of a link that is swapped into another folder while nobody follows, the file before is read to its end', () => {
  const s = scene();
  for (const folder of ['1', '2']) mkdirSync(s.path(folder));
  s.write('1/app.log', 1);
  swap(s, '1/app.log');
  s.follow().read();
  s.whileDown(() => {
    s.write('1/app.log', 2).write('2/app.log', 3);
    swap(s, '2/app.log');
  }).read();
  expect(s.text).toBe(upTo(3));
});

test('of a file that cannot be found any more, it is said how much is left behind', () => {
  const s = scene().write('a.log', 1, 2).follow().read().write('a.log', 3).look();
  s.whileDown(() => unlinkSync(s.path('a.log'))).read();
  expect(s.lost).toEqual(['/a.log: a former file is gone with its last 7 bytes unread']);
});

test('of a file that was read to its end and cannot be found any more, it is said up to where it was read', () => {
  const s = scene().write('a.log', 1, 2).follow().read();
  s.whileDown(() => s.write('a.log', 3) && unlinkSync(s.path('a.log'))).read();
  expect(s.lost).toEqual(['/a.log: a former file is gone, of which 14 bytes were read; any that followed are lost']);
});

test('a file that is followed by itself is no rotated one', () => {
  const s = scene().write('a.log', 1).follow().read();
  s.followed = ['a.log.2'];
  s.write('a.log.2', 'a neighbour’s\n').write('a.log', 2).move('a.log', 'a.log.1').write('a.log', 3).read();
  expect(s.text).toBe(upTo(3));
});

test('what is written to the renamed file long after its last line is read, until it is deleted or rotated once more', () => {
  const s = scene().write('a.log', 1).follow().read().move('a.log', 'a.log.1').write('a.log', 2).read();
  for (let line = 3; line < 8; line += 1) s.read(60_000).write('a.log.1', line).read();
  expect(s.text).toBe(upTo(7));
  s.write('a.log.1', 'line').read(60_000).read(60_000);
  expect(s.text).toBe(upTo(7));
  s.write('a.log.1', ' 8\n').read();
  expect(s.text).toBe(upTo(8));
  s.write('a.log.1', 'line 9').move('a.log.1', 'a.log.2').move('a.log', 'a.log.1').write('a.log', 10).read();
  expect(s.text).toBe(`${upTo(8)}line 10\n`);
  s.read(5_000).read(5_000);
  expect(s.text).toBe(`${upTo(8)}line 10\nline 9\n`);
});

test('a deleted file is let go of, with its unfinished line', () => {
  const s = scene().write('a.log', 1).follow().read().move('a.log', 'a.log.1').write('a.log', 2).read();
  s.write('a.log.1', 'torn');
  unlinkSync(s.path('a.log.1'));
  s.read(5_000).read(5_000).forget().read();
  expect(s.text).toBe(`${upTo(2)}torn\n`);
  expect(s.openFiles()).toBe(1);
});

test('at the end, the unfinished line of a deleted file is read: no later start will find it', () => {
  const s = scene().write('a.log', 1, 'x'.repeat(10_000)).follow().read();
  s.finish('deleted');
  expect(s.text).toBe(upTo(1));
  unlinkSync(s.path('a.log'));
  s.finish('deleted');
  expect(s.text).toBe(`${upTo(1)}${'x'.repeat(10_000)}\n`);
});

test('while nothing is read, all generations are opened in their turn', () => {
  const s = scene().write('a.log', 1).follow().read();
  for (let line = 2; line < 9; line += 1) {
    s.move('a.log', 'a.log.1').write('a.log', line).look();
    if (line % 3 === 0) unlinkSync(s.path('a.log.1'));
  }
  expect(s.read().text).toBe(upTo(8));
});

test('while nothing is read, the copies of what is truncated are opened too', () => {
  const s = scene().write('a.log', 1).follow().read();
  for (let line = 2; line < 9; line += 1) {
    rmSync(s.path('a.log.1'), { force: true });
    s.write('a.log', line).look().copyAndTruncate('a.log.1').look();
  }
  expect(s.write('a.log', 9).read().text).toBe(upTo(9));
  expect(s.lost).toEqual([]);
});

test('generations that pile up while nothing is read are bounded, and what is left behind is said', () => {
  const s = scene().write('a.log', 1).follow().read();
  for (let line = 2; line < 120; line += 1) s.move('a.log', 'a.log.1').write('a.log', line).look();
  expect(s.openFiles()).toBe(100);
  expect(s.lost).toContain('/a.log: 100 rotated files wait to be read; 7 bytes of the next one are left behind');
  expect(s.lost).toHaveLength(19);
});

test('files that are rotated before anything stands in them do not pile up', () => {
  const s = scene().write('a.log', 1).follow().read();
  for (let round = 2; round < 40; round += 1) s.move('a.log', `a.log.${round}`).write('a.log', '').look();
  expect(s.openFiles()).toBeLessThan(12);
  expect(s.write('a.log', 2).read().text).toBe(upTo(2));
});

/** What a writer does that does not append: it goes on at its old place. */
function writeAt(s: Scene, at: number, text: string): void {
  truncateSync(s.path('a.log'), at);
  appendFileSync(s.path('a.log'), text);
}

test.each([4096, 5000, 20_000, 1_000_000])('a hole of %i NULs that a truncation left is passed over, and counted', (bytes) => {
  const s = scene().write('a.log', 1).follow().read();
  truncateSync(s.path('a.log'), 0);
  writeAt(s, bytes, 'line 2\nline 3\n');
  s.read();
  expect([s.text, s.holes]).toEqual([upTo(3), [bytes]]);
  truncateSync(s.path('a.log'), 0);
  writeAt(s, bytes + 14, 'line 4\n');
  s.restart().read().restart().write('a.log', 5).read();
  expect([s.text, s.holes]).toEqual([upTo(5), [bytes, bytes + 14]]);
});

test('a hole behind lines of another writer is passed over too, in whatever pieces it is read', () => {
  const s = scene('a.log', 8192).write('a.log', 1).follow().read();
  truncateSync(s.path('a.log'), 0);
  s.write('a.log', 2);
  writeAt(s, 9_000, '');
  s.read();
  writeAt(s, 20_000, 'line 3\n');
  s.read();
  expect([s.text, s.holes]).toEqual([upTo(3), [20_000 - 7]]);
});

test.each([
  ['no truncation was seen', false, '\0'.repeat(5000)],
  ['there are too few', true, '\0'.repeat(4095)],
  ['they do not begin a line', true, `x${'\0'.repeat(5000)}`],
])('NULs are written as they are if %s', (_why, isTruncated, text) => {
  const s = scene().write('a.log', 1).follow().read();
  if (isTruncated) truncateSync(s.path('a.log'), 0);
  s.write('a.log', text, 'line 2\n').read();
  expect([s.text, s.holes]).toEqual([`line 1\n${text}line 2\n`, []]);
});

test('a file with two names is read once, whatever becomes of them', () => {
  const s = scene().write('a.log', 1);
  linkSync(s.path('a.log'), s.path('b'));
  s.follow().read().move('a.log', 'c');
  expect(s.write('a.log', 2).read().text).toBe(upTo(2));
});

test('from the end, what was there at the beginning is passed over also if it can be opened only later', () => {
  const s = scene().write('a.log', 1);
  refused.opens = 1;
  expect(() => s.follow('end')).toThrow('EACCES');
  s.write('a.log', 2).read();
  expect(s.text).toBe('line 2\n');
});

test('from the end, a file that was not there at the beginning is read from its start', () => {
  const s = scene().write('a.log', 1);
  refused.opens = 1;
  expect(() => s.follow('end')).toThrow('EACCES');
  s.move('a.log', 'elsewhere').write('a.log', 2).read();
  expect(s.text).toBe('line 2\n');
});

test('a file that a checkpoint knows, and that can be opened only later, is gone on with', () => {
  const s = scene().write('a.log', 1).follow().read();
  const before = s.places();
  s.stop().write('a.log', 2);
  refused.opens = 2;
  expect(() => s.follow(before)).toThrow('EACCES');
  expect(s.places()).toEqual(before);
  expect(() => s.read()).toThrow('EACCES');
  expect(s.places()).toEqual(before);
  expect(s.read().text).toBe(upTo(2));
});

test('from the end, what was made since the checkpoint was written is read from its start', () => {
  const old = scene()
    .write('a.log', 1)
    .follow('end', Date.now() + 60_000)
    .read();
  expect(old.write('a.log', 2).read().text).toBe('line 2\n');
  const fresh = scene()
    .write('a.log', 1)
    .follow('end', Date.now() - 60_000)
    .read();
  expect(fresh.write('a.log', 2).read().text).toBe(upTo(2));
});
