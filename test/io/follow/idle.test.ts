import { appendFileSync, mkdirSync, readdirSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import { namesIn } from '../../../src/io/folder-names.ts';
import { globOf } from '../../../src/io/follow/glob.ts';
import { FollowedSources, type FollowedSourcesOptions } from '../../../src/io/follow/sources.ts';
import { OwnFiles } from '../../../src/io/own-files.ts';
import { ROOMY } from '../../support/run.ts';
import { scratch } from '../scratch.ts';

const calls = vi.hoisted(() => ({ count: 0 }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const counted = (['readSync', 'readvSync', 'fstatSync', 'statSync', 'realpathSync', 'readdirSync', 'openSync'] as const).map(
    (name) => {
      const call = (...args: unknown[]): unknown => {
        calls.count += 1;
        return (real[name] as (...args: unknown[]) => unknown)(...args);
      };
      return [name, call] as const;
    },
  );
  return { ...real, ...Object.fromEntries(counted) };
});

beforeEach(() => {
  calls.count = 0;
});

const MINUTE = 60_000;

/** Files of a folder that are followed, by a clock of our own. */
class Scene {
  readonly folder = scratch();
  readonly sources: FollowedSources;
  text = '';
  now = Date.now();

  constructor(options: Partial<FollowedSourcesOptions> = {}) {
    const engine = openEngine({ protect: [], rules: [] }, { ...ROOMY, clock: 'live' });
    this.sources = new FollowedSources({
      globs: [globOf(join(this.folder, '*.log'))],
      from: 'start',
      resumed: undefined,
      engine,
      outer: engine,
      sink: { write: (bytes, start, end) => (this.text += Buffer.from(bytes.subarray(start, end)).toString()) },
      roomSize: 4096,
      mode: 'filter',
      now: () => this.now,
      interval: 200,
      rotateWait: 5_000,
      onHole: (path) => expect.fail(path),
      ignoreOlder: undefined,
      exclude: [],
      own: new OwnFiles([]),
      followLinks: false,
      onRead: () => {},
      onLost: (message) => expect.fail(message),
      onProblem: ({ message }) => expect.fail(message),
      onRecovery: (message) => expect.fail(message),
      onNote: (message) => expect.fail(message),
      onNothing: () => {},
      ...options,
    });
    onTestFinished(() => this.sources.all.forEach((source) => source.files.close()));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    appendFileSync(this.path(name), text);
  }

  /** Looks each 200 ms for so long, and reads what is awake. */
  pass(millis: number): this {
    for (const end = this.now + millis; this.now < end; this.now += 200) {
      this.sources.look(this.now, true);
      for (const source of this.sources.awake) while (source.turn() !== 'none');
    }
    return this;
  }

  get closed(): number {
    return this.sources.all.filter((source) => source.isClosed).length;
  }
}

test('files that do not change cost little', () => {
  const scene = new Scene();
  for (let i = 0; i < 100; i += 1) scene.write(`${i}.log`, 'line\n');
  scene.pass(MINUTE);
  calls.count = 0;
  scene.pass(10_000);
  // A look at each 200 ms would be 5,000 calls of each kind.
  expect(calls.count).toBeLessThan(3_000);
  scene.write('7.log', 'late\n');
  scene.pass(2_200);
  expect(scene.text.replaceAll('line\n', '')).toBe('late\n');
});

test('many files are begun some at a time', () => {
  const scene = new Scene();
  for (let i = 0; i < 200; i += 1) scene.write(`${i}.log`, 'line\n');
  scene.sources.look(scene.now, true);
  expect(scene.sources.all.length).toBeLessThan(100);
  expect(scene.sources).toMatchObject({ hasMore: true, isSearched: false });
  scene.pass(2_000);
  expect(scene.sources).toMatchObject({ hasMore: false, isSearched: true });
  expect(scene.text).toBe('line\n'.repeat(200));
});

test.each<[what: string, act: (scene: Scene) => void, text: string]>([
  ['grows', (s) => s.write('a.log', '2\n'), '2\n'],
  [
    'grows, is renamed and has a successor',
    (s) => {
      s.write('a.log', '2\n');
      renameSync(s.path('a.log'), s.path('a.log.1'));
      s.write('a.log', '3\n');
    },
    '2\n3\n',
  ],
  [
    'is deleted and made anew',
    (s) => {
      unlinkSync(s.path('a.log'));
      s.write('a.log', '2\n');
    },
    '2\n',
  ],
  ['is truncated and written anew', (s) => writeFileSync(s.path('a.log'), 'other\n'), 'other\n'],
])('a file that is closed because nothing happens, and then %s, is read on', (_what, act, text) => {
  const scene = new Scene();
  scene.write('a.log', '1\n');
  scene.pass(6 * MINUTE);
  expect([scene.text, scene.closed]).toEqual(['1\n', 1]);
  act(scene);
  expect(scene.pass(20_000).text).toBe(`1\n${text}`);
  expect(scene.closed).toBe(0);
});

test('a file with an unfinished line is not closed, and an empty one is', () => {
  const scene = new Scene();
  scene.write('a.log', 'unfinished');
  scene.write('b.log', '');
  scene.pass(6 * MINUTE);
  expect(scene.closed).toBe(1);
  scene.write('a.log', ' line\n');
  scene.write('b.log', 'first\n');
  expect(scene.pass(5_000).text.split('\n').sort()).toEqual(['', 'first', 'unfinished line']);
});

test('a closed file that is found under another name is not read as another', () => {
  const scene = new Scene({ globs: [] });
  const all = new Scene({ globs: [globOf(join(scene.folder, '*'))] });
  scene.write('a.log', '1\n');
  all.pass(6 * MINUTE);
  renameSync(scene.path('a.log'), scene.path('a.log.1'));
  scene.write('a.log', '2\n');
  expect(all.pass(4_000).text).toBe('1\n2\n');
});

test('what is older than --ignore-older is begun at its end', () => {
  const scene = new Scene({ ignoreOlder: 60 * MINUTE });
  scene.write('old.log', 'old\n');
  scene.write('new.log', 'new\n');
  const before = new Date(scene.now - 61 * MINUTE);
  utimesSync(scene.path('old.log'), before, before);
  scene.pass(2_000);
  expect([scene.text, scene.closed]).toEqual(['new\n', 1]);
  scene.write('old.log', 'more\n');
  expect(scene.pass(3_000).text).toBe('new\nmore\n');
});

test('names are those of now, though a folder is not listed each time', async () => {
  const folder = scratch();
  mkdirSync(join(folder, 'x'));
  let before = namesIn(folder);
  // Once it has been as it is for a moment, the same listing is given again.
  await expect
    .poll(() => [before, (before = namesIn(folder))].every((names, _, [first]) => names === first), { interval: 5 })
    .toBe(true);
  for (let i = 0; i < 300; i += 1) {
    writeFileSync(join(folder, String(i)), '');
    expect(namesIn(folder)).toContain(String(i));
    namesIn(folder);
    unlinkSync(join(folder, String(i)));
    expect(namesIn(folder)).toEqual(readdirSync(folder));
  }
});
