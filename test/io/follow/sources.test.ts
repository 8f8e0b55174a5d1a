import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import { globOf } from '../../../src/io/follow/glob.ts';
import { FollowedSources } from '../../../src/io/follow/sources.ts';
import { OwnFiles } from '../../../src/io/own-files.ts';
import { ROOMY } from '../../support/run.ts';
import { scratch } from '../scratch.ts';

test('what is refused is said once, until the same goes well again', () => {
  const path = join(scratch(), 'a.log');
  writeFileSync(path, 'line\n');
  const engine = openEngine({ protect: [], rules: [] }, { ...ROOMY, clock: 'live' });
  const said: string[] = [];
  const sources = new FollowedSources({
    globs: [globOf(path)],
    from: 'start',
    resumed: undefined,
    engine,
    outer: engine,
    sink: { write: () => {} },
    roomSize: 4096,
    mode: 'filter',
    now: () => 0,
    onRead: () => {},
    rotateWait: 5_000,
    onLost: (message) => expect.fail(message),
    onHole: (hole) => expect.fail(hole),
    onProblem: ({ message }) => said.push(message),
    onRecovery: (message) => said.push(message),
    interval: 200,
    ignoreOlder: undefined,
    exclude: [],
    followLinks: false,
    own: new OwnFiles([]),
    onNote: (message) => expect.fail(message),
    onNothing: (pattern) => expect.fail(pattern),
  });
  sources.look(0, true);
  const [source] = sources.all;
  onTestFinished(() => source!.files.close());
  const refuse = (): never => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', errno: -13, syscall: 'open' });
  };
  const message = `${path}: cannot follow: permission denied`;
  for (let looks = 0; looks < 3; looks += 1) {
    sources.attempt(source!, 'look', refuse);
    expect(sources.attempt(source!, 'read', () => 'none')).toBe('none');
    expect([...source!.faults.values()]).toEqual([message]);
  }
  expect(said).toEqual([message]);
  sources.attempt(source!, 'look', () => {});
  expect(source!.faults.size).toBe(0);
  sources.attempt(source!, 'look', refuse);
  expect(said).toEqual([message, `${path}: can be followed again`, message]);
});
