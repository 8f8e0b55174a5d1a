import { copyFileSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAt } from '../../../src/io/follow/file.ts';
import { globOf } from '../../../src/io/follow/glob.ts';
import { Folders } from '../../../src/io/folders.ts';
import { sourceNameOf } from '../../../src/io/follow/source.ts';
import { scene, upTo, type Scene } from './scene.ts';
import { scratch } from '../scratch.ts';
import { PATIENCE, poll } from '../../support/patience.ts';

/** What happens between two reads; all lines must come, in order and once. */
const rotations: readonly [claim: string, lines: number, ...acts: readonly ((scene: Scene) => unknown)[]][] = [
  ['grows', 3, (s) => s.write('a.log', 1), (s) => s.write('a.log', 2, 3)],
  ['appears late', 2, () => {}, (s) => s.write('a.log', 1, 2)],
  [
    'grows by parts of lines',
    2,
    (s) => s.write('a.log', 1, 'li'),
    (s) => s.write('a.log', 'ne'),
    (s) => s.write('a.log', ' 2\n'),
  ],
  ['is renamed', 3, (s) => s.write('a.log', 1), (s) => s.write('a.log', 2).move('a.log', 'a.log.1').write('a.log', 3)],
  [
    'is renamed before its writer knows of it',
    4,
    (s) => s.write('a.log', 1).move('a.log', 'a.log.1').write('a.log', ''),
    (s) => s.write('a.log.1', 2),
    (s) => s.write('a.log.1', 3).write('a.log', 4),
  ],
  [
    'is renamed twice between two looks',
    4,
    (s) => s.write('a.log', 1),
    (s) => s.write('a.log', 2).move('a.log', 'a.log.1').write('a.log', 3).move('a.log', 'a.log.2').write('a.log', 4),
  ],
  [
    'is rotated through all names, as logrotate does',
    5,
    (s) => s.write('a.log', 1),
    (s) => s.write('a.log', 2).move('a.log', 'a.log.1').write('a.log', 3),
    (s) => s.move('a.log.1', 'a.log.2').move('a.log', 'a.log.1').write('a.log', 4),
    (s) => s.move('a.log.2', 'a.log.3').move('a.log.1', 'a.log.2').move('a.log', 'a.log.1').write('a.log', 5),
  ],
  ['has a date put before its extension', 2, (s) => s.write('a.log', 1).move('a.log', 'a-20261121.log').write('a.log', 2)],
  ['is replaced', 3, (s) => s.write('a.log', 1), (s) => s.write('a.log', 2).write('next', 3).move('next', 'a.log')],
  [
    'is deleted and made anew',
    3,
    (s) => s.write('a.log', 1),
    (s) => {
      s.write('a.log', 2);
      unlinkSync(s.path('a.log'));
      s.write('a.log', 3);
    },
  ],
  [
    'is renamed and compressed away',
    3,
    (s) => s.write('a.log', 1),
    (s) => {
      s.write('a.log', 2).move('a.log', 'a.log.1').write('a.log', 3).write('a.log.1.gz', '\x1f\x8b');
      unlinkSync(s.path('a.log.1'));
    },
  ],
  [
    'is copied and truncated',
    3,
    (s) => s.write('a.log', 1),
    (s) => s.write('a.log', 2).copyAndTruncate('a.log.1').write('a.log', 3),
  ],
  [
    'is copied and truncated, and grows longer than it was',
    4,
    (s) => s.write('a.log', 1).copyAndTruncate('a.log.1').write('a.log', 2, 3, 4),
  ],
  [
    'is copied and truncated thrice between two looks',
    5,
    (s) => s.write('a.log', 1),
    (s) => s.write('a.log', 2).copyAndTruncate('a.log.1').write('a.log', 3).copyAndTruncate('a.log.2'),
    (s) => s.write('a.log', 4).copyAndTruncate('a.log.3').write('a.log', 5),
  ],
  [
    'is copied long before it is truncated',
    3,
    (s) => s.write('a.log', 1, 2),
    (s) => copyFileSync(s.path('a.log'), s.path('a.log.1')),
    (s) => s.copyAndTruncate('a.log.2').write('a.log', 3),
  ],
  ['is truncated', 2, (s) => s.write('a.log', 1), (s) => truncateSync(s.path('a.log'), 0) ?? s.write('a.log', 2)],
  ['has old files beside it', 1, (s) => s.write('a.log', 1)],
  [
    'is written to behind its successor’s back',
    3,
    (s) => s.write('a.log', 1).move('a.log', 'a.log.1').write('a.log', 2),
    (s) => s.write('a.log.1', 3),
  ],
];

test.each(rotations)('reads every line once, in order, of a file that %s', (_claim, lines, ...acts) => {
  const s = scene().write('a.log.7', 'old\n').write('a.log.7.gz', 'old\n').follow();
  s.read();
  for (const act of acts) {
    act(s);
    s.read();
  }
  expect(s.text).toBe(upTo(lines));
  expect(s.lost).toEqual([]);
});

/** Lines that were written while nobody had the file open, to a file that was gone when somebody looked again. */
const MISSED: Readonly<Record<string, string>> = {
  'is replaced': 'line 2\n',
  'is deleted and made anew': 'line 2\n',
  'is renamed and compressed away': 'line 2\n',
};

test.each(rotations)('and where it is restarted before each look, of one that %s', (claim, lines, ...acts) => {
  const s = scene().write('a.log.7', 'old\n').write('a.log.7.gz', 'old\n').follow();
  s.read();
  for (const act of acts) {
    act(s);
    s.restart().read();
  }
  expect(s.text).toBe(upTo(lines).replace(MISSED[claim] ?? '', ''));
});

test('a last line without its newline is ended before the next file’s first', () => {
  const s = scene().write('a.log', 'torn').follow().read();
  expect(s.text).toBe('');
  s.move('a.log', 'a.log.1').write('a.log', 'next\n').read();
  expect(s.text).toBe('torn\nnext\n');
});

test('a line longer than the buffer leaves whole, once it is whole', () => {
  const long = 'x'.repeat(10_000);
  const s = scene().write('a.log', 1, long).follow().read();
  expect(s.text).toBe('line 1\n');
  s.write('a.log', '\n', 'line 2\n').read();
  expect(s.text).toBe(`line 1\n${long}\nline 2\n`);
});

test('files that say the same are told from copies by when they were made', PATIENCE, async () => {
  const s = scene().write('a.log', 'opened\n').follow().read();
  const madeAt = (): number => lookAt(s.path('a.log'))!.made;
  const before = madeAt();
  if (before === 0) return expect(s.text).toBe('opened\n');
  // Two rotations between two looks, each at another time as the file system knows it.
  for (const to of ['a.log.1', 'a.log.2']) {
    s.move('a.log', to);
    const last = lookAt(s.path(to))!.made;
    await expect
      .poll(() => {
        rmSync(s.path('a.log'), { force: true });
        s.write('a.log', 'opened\n');
        return madeAt();
      }, poll)
      .toBeGreaterThan(last);
  }
  expect(s.read().text).toBe('opened\n'.repeat(3));
});

test('a restart in the middle of a line that is longer than the buffer begins it again', () => {
  const long = 'x'.repeat(10_000);
  const s = scene().write('a.log', 1, long, '\n', 2).follow();
  s.readBeyond('line 1\n');
  expect(s.text.length).toBeLessThan(long.length);
  s.text = '';
  s.restart().read();
  expect(s.text).toBe(`${long}\nline 2\n`);
});

test('from the end, only what is written from now on is read, and lines are whole', () => {
  const s = scene().write('a.log', 1, 'line').follow('end').read().write('a.log', ' 2\n', 3).read();
  expect(s.text).toBe('line 2\nline 3\n');
});

test('a deleted file is let go of when nobody writes to it any more', () => {
  const s = scene().write('a.log', 1, 'torn').follow().read();
  unlinkSync(s.path('a.log'));
  s.read(100).read(6_000).read(6_000);
  expect(s.text).toBe('line 1\ntorn\n');
});

test('a link is followed to where the files are rotated', () => {
  const s = scene();
  mkdirSync(s.path('pod'));
  s.write('pod/0.log', 1);
  symlinkSync(s.path('pod/0.log'), s.path('a.log'));
  s.follow().read();
  s.write('pod/0.log', 2).move('pod/0.log', 'pod/0.log.20261121-100000').write('pod/0.log', 3);
  s.move('pod/0.log', 'pod/0.log.20261121-110000').write('pod/0.log', 4).read();
  expect(s.text).toBe(upTo(4));
});

test('what is truncated unread is said to be lost', () => {
  const s = scene().write('a.log', 1, 'line').follow().read();
  truncateSync(s.path('a.log'), 0);
  s.write('a.log', 2).read();
  expect(s.text).toBe(upTo(2));
  expect(s.lost).toEqual(['/a.log: truncated before its last 4 bytes were read']);
});

test('what is written between a copy and its truncation, and not read, is said to be lost', () => {
  const s = scene().write('a.log', 1, 2).follow().read();
  copyFileSync(s.path('a.log'), s.path('a.log.1'));
  s.write('a.log', 'lost\n', 'lost').look();
  truncateSync(s.path('a.log'), 0);
  expect(s.write('a.log', 3).read().text).toBe(upTo(3));
  expect(s.lost).toEqual(['/a.log: truncated before its last 9 bytes were read']);
});

test('what was read beyond the end of a copy, and is still held, is read again from the copy after a restart', () => {
  const s = scene().write('a.log', 1, 2).follow().read();
  copyFileSync(s.path('a.log'), s.path('a.log.1'));
  s.write('a.log', 3).read();
  truncateSync(s.path('a.log'), 0);
  s.write('a.log', 4).read();
  expect(s.text).toBe(upTo(4));
  s.text = '';
  s.restart('line 1\n'.length).read();
  // Line 3 is nowhere any more.
  expect(s.text).toBe('line 2\nline 4\n');
});

test('of a file that is shorter than what was seen of it, a copy is gone on with', () => {
  const s = scene().write('a.log', '').follow().read().write('a.log', 1, 2);
  copyFileSync(s.path('a.log'), s.path('a.log.1'));
  s.write('a.log', 'lost\n').look();
  truncateSync(s.path('a.log'), 0);
  expect(s.read().write('a.log', 3).read().text).toBe(upTo(3));
});

test('a copy that is truncated before anything was read of it is not taken for its successor', () => {
  const s = scene().write('a.log', '').follow().read().write('a.log', 1).look();
  s.copyAndTruncate('a.log.1').write('a.log', 2).read();
  expect(s.text).toBe(upTo(2));
});

test('of a copy, what was written and read since it was made may be long', () => {
  const s = scene().write('a.log', 1, 2).follow().read();
  copyFileSync(s.path('a.log'), s.path('a.log.1'));
  s.write('a.log', ...Array.from({ length: 2_000 }, (_, i) => i + 3)).read();
  truncateSync(s.path('a.log'), 0);
  expect(s.write('a.log', 2_003).read().text).toBe(upTo(2_003));
});

test('a file that was truncated, written anew and renamed is read on', () => {
  const s = scene().write('a.log', 1, 2).follow().read();
  s.copyAndTruncate('a.log.1').write('a.log', 3).move('a.log', 'a.log.2').write('a.log', 4).read();
  truncateSync(s.path('a.log'), 0);
  s.write('a.log', 5).move('a.log', 'a.log.3').write('a.log', 6).read();
  expect(s.move('a.log', 'a.log.4').write('a.log', 7).read().text).toBe(upTo(7));
});

test.each(['on', 'anew'])('generations that begin alike are told apart, also where it goes %s', (how) => {
  const s = scene().write('a.log', '# banner\n').follow().read();
  const goOn = (): Scene => (how === 'on' ? s : s.restart()).read();
  s.write('a.log', 1, 2).copyAndTruncate('a.log.1').write('a.log', '# banner\n', 3);
  goOn();
  s.write('a.log', 4)
    .copyAndTruncate('a.log.2')
    .write('a.log', '# banner\n')
    .copyAndTruncate('a.log.3')
    .write('a.log', '# banner\n', 5);
  goOn();
  expect(s.text).toBe('# banner\nline 1\nline 2\n# banner\nline 3\nline 4\n# banner\nline 5\n');
});

test('a line longer than the buffer that is written late, to a file that was left, is whole', () => {
  const s = scene().write('a.log', 1).follow().read().move('a.log', 'a.log.1').write('a.log', 2).read();
  const long = 'x'.repeat(10_000);
  s.write('a.log.1', `${long}\n`, 'y'.repeat(4_096 * 3), 'end\n')
    .read()
    .read(6_000);
  expect(s.read(6_000).text).toBe(`${upTo(2)}${long}\n${'y'.repeat(4_096 * 3)}end\n`);
  s.write('a.log', 3).read();
  expect(s.text.endsWith('end\nline 3\n')).toBe(true);
});

test('a line in the middle of which its file is truncated is ended before the next', () => {
  const long = 'x'.repeat(10_000);
  const s = scene().write('a.log', 1, long, '\n').follow();
  s.readBeyond('line 1\n');
  truncateSync(s.path('a.log'), 0);
  s.write('a.log', 2).read();
  expect(s.text).toMatch(/^line 1\nx{1,9999}\nline 2\n$/u);
});

test('a line in the middle of which its file is copied and truncated is gone on with, also after a restart', () => {
  const long = 'x'.repeat(30_000);
  const s = scene().write('a.log', 1, long, '\n').follow();
  s.readBeyond('line 1\n').copyAndTruncate('a.log.1').write('a.log', 2);
  s.readBeyond(s.text).readBeyond(s.text);
  expect(s.text).toMatch(/^line 1\nx{1,29999}$/u);
  s.text = '';
  s.restart().read();
  expect(s.text).toBe(`${long}\nline 2\n`);
});

const globs: readonly [pattern: string, found: readonly string[]][] = [
  ['*.log', ['a.log', 'b.log']],
  ['?.log', ['a.log', 'b.log']],
  ['[!a].log', ['b.log']],
  ['[a-b].log', ['a.log', 'b.log']],
  ['a.log', ['a.log']],
  ['*/*/*.log', ['x/y/c.log']],
  ['**/*.log', ['a.log', 'b.log', 'x/d.log', 'x/y/c.log']],
  ['x/**', ['x/d.log', 'x/y/c.log']],
  ['none/*', []],
  ['a+log', []],
  ['.*', ['.hidden']],
  ['{b,a}.log', ['a.log', 'b.log']],
  ['{a,x/{d,y/*}}.log', ['a.log', 'x/d.log', 'x/y/c.log']],
  ['{a.log,a.log}{,.1}', ['a.log']],
  ['{a}.log', []],
  ['{a.log', []],
  ['[{a,b}].log', ['a.log', 'b.log']],
];

test.each(globs)('%s finds what a shell finds, and fits it', (pattern, found) => {
  const folder = scratch();
  mkdirSync(join(folder, 'x/y'), { recursive: true });
  const files = ['a.log', 'b.log', '.hidden', 'x/d.log', 'x/y/c.log'];
  for (const file of files) writeFileSync(join(folder, file), '');
  const glob = globOf(join(folder, pattern));
  expect(glob.find(new Folders(() => false))).toEqual(found.map((file) => join(folder, file)));
  expect(files.filter((file) => glob.fits(join(folder, file))).sort()).toEqual([...found].sort());
});

test('a source has the name of its path, and of a container’s log its pod and container too', () => {
  expect(sourceNameOf('/var/log/app.log')).toBe('/var/log/app.log');
  expect(sourceNameOf('/var/log/pods/kube-system_retina-x7_0a1b/agent/3.log')).toBe(
    '/var/log/pods/kube-system_retina-x7_0a1b/agent/3.log namespace=kube-system pod=retina-x7 container=agent',
  );
});

test('a file with two names is read under one', () => {
  const s = scene().write('a.log', 1);
  linkSync(s.path('a.log'), s.path('a.log.1'));
  s.follow().read();
  rmSync(s.path('a.log.1'));
  expect(s.write('a.log', 2).read().text).toBe(upTo(2));
});
