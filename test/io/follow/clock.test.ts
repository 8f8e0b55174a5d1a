import { afterEach, expect, test, vi } from 'vitest';
import { openFollowed } from '../../../src/io/follow/file.ts';
import { FollowedPath, type PathPlaces } from '../../../src/io/follow/path.ts';
import { SharedDisk } from '../../support/shared-disk.ts';

const mounted = vi.hoisted(() => ({ disk: undefined as SharedDisk | undefined }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const calls = [
    'openSync',
    'closeSync',
    'readSync',
    'readvSync',
    'fstatSync',
    'statSync',
    'realpathSync',
    'readdirSync',
  ] as const;
  const shared = calls.map((name) => {
    const call = (...args: unknown[]): unknown => ((mounted.disk ?? real)[name] as (...args: unknown[]) => unknown)(...args);
    return [name, call] as const;
  });
  return { ...real, ...Object.fromEntries(shared) };
});

afterEach(() => {
  mounted.disk = undefined;
});

/** `a.log` on a disk whose clock is ours: what was made when decides. */
class Timed {
  readonly disk = new SharedDisk();
  readonly lost: string[] = [];
  text = '';
  /** ms by which the disk's clock is behind. */
  behind = 0;
  #followed: FollowedPath | undefined;

  constructor() {
    mounted.disk = this.disk;
    this.disk.create('a.log');
    this.disk.append('a.log', 'line 1\n');
    this.follow().read();
  }

  follow(places?: PathPlaces): this {
    const room = Buffer.alloc(4096);
    this.#followed = new FollowedPath({
      path: '/a.log',
      room: () => room,
      push: (length) => (this.text += room.toString('utf8', 0, length)),
      passOver: () => {},
      open: new Map(),
      openFile: openFollowed,
      rotateWait: 5_000,
      isFollowed: () => false,
      onLost: (message) => this.lost.push(message),
      onHole: (path) => expect.fail(path),
      onGone: () => {},
    });
    if (places === undefined) this.#followed.begin('start', Infinity);
    else this.#followed.resume(places);
    return this;
  }

  read(): this {
    for (let looks = 0; looks < 3; looks += 1) {
      this.#followed!.look(this.disk.pass(200) + this.behind);
      while (this.#followed!.turn() !== 'none');
    }
    this.disk.pass(200);
    return this;
  }

  /** What others do while nobody follows, and then what they do. */
  restart(act: () => void): this {
    const followed = this.#followed!;
    const places = JSON.parse(JSON.stringify(followed.places(followed.trail.pushed))) as PathPlaces;
    followed.close();
    act();
    return this.follow(places);
  }

  make(name: string, text: string): this {
    this.disk.create(name);
    this.disk.append(name, text);
    return this;
  }
}

const NEIGHBOURS = ['a.log.2', 'a.log.old', 'a.log-20261121', 'a-20261121.log', 'a.2.log'];

test.each(NEIGHBOURS)('%s is not read if it was made before the file was rotated', (name) => {
  const s = new Timed();
  s.make(name, 'a neighbour’s\n').read();
  s.disk.rename('a.log', 'a.log.1');
  s.make('a.log', 'line 2\n').read();
  s.disk.append(name, 'a neighbour’s\n');
  s.disk.rename('a.log', 'a.log.3');
  s.make('a.log', 'line 3\n');
  s.disk.rename('a.log', 'a.log.4');
  s.make('a.log', 'line 4\n').read();
  expect(s.text).toBe('line 1\nline 2\nline 3\nline 4\n');
});

test.each(NEIGHBOURS)('%s is not read if it was made before a restart in which the file was rotated', (name) => {
  const s = new Timed();
  s.make(name, 'a neighbour’s\n').read();
  s.restart(() => {
    s.disk.pass(1_000);
    s.disk.append('a.log', 'line 2\n');
    s.disk.rename('a.log', 'a.log.1');
    s.make('a.log', 'line 3\n');
  }).read();
  expect(s.text).toBe('line 1\nline 2\nline 3\n');
});

test.each([0, 60_000])(
  'what was rotated while nobody followed is read, also if the file system’s clock is %i ms behind ours',
  (behind) => {
    const s = new Timed();
    s.behind = behind;
    s.read().restart(() => {
      s.disk.rename('a.log', 'a.log.1');
      s.make('a.log', 'line 2\n');
      s.disk.rename('a.log', 'a.log.2');
      s.make('a.log', 'line 3\n');
    });
    s.read();
    expect(s.text).toBe('line 1\nline 2\nline 3\n');
  },
);

/** As rsync does: a file with all that stood in it, and more, is put in its place. */
function replace(s: Timed, more: string): void {
  s.disk.create('.a.log.Xy12');
  while (!s.disk.copyPiece('a.log', '.a.log.Xy12', 5));
  s.disk.append('.a.log.Xy12', more);
  s.disk.rename('.a.log.Xy12', 'a.log');
}

test('a file that is replaced as rsync does is gone on with', () => {
  const s = new Timed();
  replace(s, 'line 2\n');
  s.read();
  replace(s, 'line 3\n');
  s.read();
  replace(s, 'line 4\n');
  s.read();
  s.restart(() => replace(s, 'line 5\n')).read();
  s.disk.append('a.log', 'line 6\n');
  s.read();
  expect(s.text).toBe('line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n');
  expect(s.lost).toEqual([]);
});

test('a file that was put in the place of one and says something else is read from its start', () => {
  const s = new Timed();
  s.make('next', 'line 2\n');
  s.disk.rename('next', 'a.log');
  expect(s.read().text).toBe('line 1\nline 2\n');
});

test.each(['deleted', 'renamed'])(
  'a file that was made anew with the same beginning after one was %s is read from its start',
  (how) => {
    const s = new Timed();
    if (how === 'deleted') s.disk.remove('a.log');
    else s.disk.rename('a.log', 'elsewhere');
    s.make('a.log', 'line 1\nline 2\n').read();
    expect(s.text).toBe('line 1\nline 1\nline 2\n');
  },
);

test('a file whose identity changes with its first write, as on overlayfs, is read on', () => {
  const s = new Timed();
  s.disk.copyUp('a.log');
  s.disk.append('a.log', 'line 2\n');
  s.read();
  s.restart(() => {
    s.disk.copyUp('a.log');
    s.disk.append('a.log', 'line 3\n');
  }).read();
  s.disk.rename('a.log', 'a.log.1');
  s.make('a.log', 'line 4\n').read();
  expect(s.text).toBe('line 1\nline 2\nline 3\nline 4\n');
});
