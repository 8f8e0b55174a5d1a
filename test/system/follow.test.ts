import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runTrial } from '../../bench/follow-trial.ts';
import { PATIENCE, poll } from '../support/patience.ts';
import { follow, PROGRAM, scratch } from './following.ts';

/** The most that is repeated after a kill: 32 MiB, and a chunk of each file that was in hand. */
const MOST_REPEATED = 32 * 1024 * 1024 + 4 * 256 * 1024;

// What is written between a copy and its truncation no reader can be sure to see; nothing else may be lost.
test.each(['rename', 'copytruncate'] as const)(
  'of files rotated by %s at full speed, no line is lost by a kill, order is kept, and repeats are bounded',
  PATIENCE,
  async (rotation) => {
    const result = await runTrial({ folder: scratch(), rotation, files: 4, length: 5_000, kills: 5, seed: 7 });
    expect(result, result.said).toMatchObject({ lost: 0, disordered: 0, strange: 0, exit: 0 });
    expect(result.lines).toBeGreaterThan(10_000);
    expect(result.mostRepeatedBytes).toBeLessThan(MOST_REPEATED);
  },
);

const REPEAT = '{"level":50,"msg":"ethtool failed"}\n';
const FIRST = '{"level":40,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50"}}\n';
const SUMMARY = /^\{"level":40,"msg":"ethtool failed","relevel":\{"rule":"repeats","was":"50","repeats":(\d+)/u;
const TROUBLE = '{"level":50,"pid":7,"msg":"Error creating MSHV"}\n';
const OTHER = 'level=error msg="no rule cares"\n';

test('a restart neither forgets nor repeats a summary', PATIENCE, async () => {
  const folder = scratch();
  const log = join(folder, 'a.log');
  const checkpoint = join(folder, 'checkpoint');
  writeFileSync(log, REPEAT.repeat(3));
  const first = follow('--checkpoint', checkpoint, log);
  await expect.poll(first.stdout, poll).toBe(FIRST);
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(first.stdout()).toBe(FIRST);

  appendFileSync(log, `${REPEAT.repeat(2)}${OTHER}`);
  const second = follow('--checkpoint', checkpoint, log);
  await expect.poll(second.stdout, poll).toBe(OTHER);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(second.stdout()).toBe(OTHER);

  // Without a checkpoint to leave it to, the summary is written at the end.
  const third = follow('--from', 'checkpoint', '--checkpoint', checkpoint, join(folder, 'none'));
  await expect.poll(third.stdout, poll).toMatch(SUMMARY);
  expect(SUMMARY.exec(third.stdout())?.[1]).toBe('4');
});

test('what waits when it is killed is read again, and what waits at a signal leaves unchanged', PATIENCE, async () => {
  const folder = scratch();
  const log = join(folder, 'a.log');
  const checkpoint = join(folder, 'checkpoint');
  writeFileSync(log, OTHER + TROUBLE + OTHER);
  const first = follow('--checkpoint', checkpoint, '--checkpoint-interval', '20ms', log);
  await expect
    .poll(() => existsSync(checkpoint) && readFileSync(checkpoint, 'utf8'), poll)
    .toContain(`"offset":${OTHER.length},`);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(first.stdout()).toBe(OTHER);

  const second = follow('--checkpoint', checkpoint, log);
  appendFileSync(log, OTHER);
  await expect.poll(() => existsSync(checkpoint), poll).toBe(true);
  await expect.poll(() => readFileSync(checkpoint, 'utf8'), poll).toContain('"writtenAt"');
  appendFileSync(log, '{"level":30,"pid":7,"device":"/dev/kvm","outcome":"ready"}\n');
  await expect.poll(second.stdout, poll).toContain('"msg":"no MSHV"');
  expect(second.stdout()).not.toContain(TROUBLE);
  appendFileSync(log, TROUBLE);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(second.stdout().endsWith(TROUBLE)).toBe(true);
});

test('SIGUSR1 has it go on in a new output', PATIENCE, async () => {
  const folder = scratch();
  const [log, out] = [join(folder, 'a.log'), join(folder, 'out')];
  writeFileSync(log, OTHER);
  const { child, ended } = follow('--from', 'start', '--output', out, log);
  await expect.poll(() => existsSync(out) && readFileSync(out, 'utf8'), poll).toBe(OTHER);
  renameSync(out, `${out}.1`);
  child.kill('SIGUSR1');
  await expect.poll(() => existsSync(out), poll).toBe(true);
  appendFileSync(log, 'more\n');
  await expect.poll(() => readFileSync(out, 'utf8'), poll).toBe('more\n');
  expect(readFileSync(`${out}.1`, 'utf8')).toBe(OTHER);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('an output that ends in a torn line is gone on with on the next', PATIENCE, async () => {
  const folder = scratch();
  const [log, out] = [join(folder, 'a.log'), join(folder, 'out')];
  writeFileSync(out, 'torn');
  writeFileSync(log, OTHER);
  follow('--from', 'start', '--output', out, log);
  await expect.poll(() => readFileSync(out, 'utf8'), poll).toBe(`torn\n${OTHER}`);
});

test('a checkpoint that is damaged is set aside, and all is read', PATIENCE, async () => {
  const folder = scratch();
  const [log, checkpoint] = [join(folder, 'a.log'), join(folder, 'checkpoint')];
  writeFileSync(log, OTHER);
  writeFileSync(checkpoint, 'relevel checkpoint 1 somebody’s\n');
  const { stdout, stderr } = follow('--checkpoint', checkpoint, log);
  await expect.poll(stdout, poll).toBe(OTHER);
  expect(stderr()).toContain(
    `${checkpoint}: is a damaged checkpoint; it is kept as ${checkpoint}.unusable, and all files are read from the start\n`,
  );
  expect(readFileSync(`${checkpoint}.unusable`, 'utf8')).toBe('relevel checkpoint 1 somebody’s\n');
});

test('where no checkpoint can be written, that is said once, and lines go on', PATIENCE, async () => {
  const folder = scratch();
  const log = join(folder, 'a.log');
  writeFileSync(log, OTHER);
  const { child, stdout, stderr, ended } = follow(
    ...['--checkpoint', join(folder, 'gone/checkpoint'), '--checkpoint-interval', '20ms', log],
  );
  const said = /cannot write the checkpoint: no such file or directory/gu;
  await expect.poll(stderr, poll).toMatch(said);
  for (const line of ['one\n', 'two\n', 'three\n']) {
    appendFileSync(log, line);
    await expect.poll(stdout, poll).toContain(line);
  }
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(stdout()).toBe(`${OTHER}one\ntwo\nthree\n`);
  expect(stderr().match(said)).toHaveLength(1);
});

test('a pattern for which there is no file is said, and waited for', PATIENCE, async () => {
  const folder = scratch();
  const { stdout, stderr } = follow(join(folder, '*.log'));
  await expect.poll(stderr, poll).toContain(`relevel: warn: ${folder}/*.log: there is no such file yet; it is waited for\n`);
  writeFileSync(join(folder, 'a.log'), OTHER);
  await expect.poll(stdout, poll).toBe(OTHER);
});

const POD = 'pods/ns_pod-1_0a1b/app/0.log';

test(
  'of a container’s log, lines in pieces are judged as one, also across a kill and a rotation, and restored',
  PATIENCE,
  async () => {
    const folder = scratch();
    const [log, checkpoint, out] = [join(folder, POD), join(folder, 'checkpoint'), join(folder, 'out')];
    mkdirSync(dirname(log), { recursive: true });
    const at = '2026-11-21T10:00:00.123456789Z';
    const pieces = [
      `${at} stderr P {"level":50,"pid":7,"msg":"Err\n`,
      `${at} stderr P or creating M\n`,
      `${at} stderr F SHV"}\n`,
    ];
    const between = `${at} stdout F level=error msg="no rule cares"\n`;
    const ready = `${at} stdout F {"level":30,"pid":7,"device":"/dev/kvm","outcome":"ready"}\n`;
    const args = ['--checkpoint', checkpoint, '--checkpoint-interval', '20ms', '--output', out, join(folder, 'pods/*/*/*.log')];
    writeFileSync(log, between);
    const first = follow(...args);
    await expect.poll(() => existsSync(out) && readFileSync(out, 'utf8'), poll).toBe(between);
    await expect
      .poll(() => existsSync(checkpoint) && readFileSync(checkpoint, 'utf8'), poll)
      .toContain(`"offset":${between.length},`);
    appendFileSync(log, pieces[0]!);
    first.child.kill('SIGKILL');
    await first.ended;

    appendFileSync(log, pieces[1]!);
    renameSync(log, `${log}.20261121-100000`);
    writeFileSync(log, pieces[2]! + ready);
    const second = follow(...args);
    await expect.poll(() => readFileSync(out, 'utf8'), poll).toContain('"outcome":"ready"');
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain(`${at} stderr F {"level":20,"pid":7,"msg":"no MSHV","relevel":{"rule":"probe"`);
    const restored = execFileSync(process.execPath, [PROGRAM, 'restore', out], { encoding: 'utf8' });
    expect(restored.endsWith(pieces.join('') + ready)).toBe(true);
    expect(
      restored
        .replaceAll(pieces.join('') + ready, '')
        .replaceAll(between, '')
        .replaceAll(pieces[0]!, ''),
    ).toBe('');
  },
);

const wrong: readonly [args: readonly string[], message: string][] = [
  [[], "relevel: error: <glob ...> is missing: which files to follow, such as '/var/log/app/*.log'"],
  [['--from', 'checkpoint', 'a'], 'relevel: error: --from checkpoint: --checkpoint <file> is missing'],
  [['--interval', '0s', 'a'], 'relevel: error: --interval: 0 is no time to wait'],
  [['[z-a]'], 'relevel: error: "[z-a]": the characters in [...] are no range'],
];

test.each(wrong)('%j is asked wrongly', PATIENCE, async (args, message) => {
  const { ended, stderr } = follow(...args);
  expect(await ended).toBe(2);
  expect(stderr()).toContain(message);
});
