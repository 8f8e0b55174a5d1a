import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { PATIENCE, poll } from '../support/patience.ts';
import { ask } from './asking.ts';
import { follow, followAs, PROGRAM, scratch } from './following.ts';

const LINE = 'level=error msg="no rule cares"\n';
const REPEAT = '{"level":50,"msg":"ethtool failed"}\n';

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** How often a text stands in another. */
const countOf = (text: string, part: string): number => text.split(part).length - 1;

// its own files

test(
  'its own output, archive and checkpoint are left out of a glob, under any name, and each is said once',
  PATIENCE,
  async () => {
    const folder = scratch();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('a.log'), LINE + REPEAT.repeat(3));
    writeFileSync(at('out.log'), '');
    linkSync(at('out.log'), at('hard.log'));
    symlinkSync('out.log', at('soft.log'));
    const files = ['--output', at('out.log'), '--archive', at('kept.log'), '--checkpoint', at('state')];
    const { child, stderr, ended } = follow('--from', 'start', '--checkpoint-interval', '20ms', ...files, at('*'));
    await expect.poll(() => textOf(at('kept.log')), poll).toBe(REPEAT.repeat(2));
    await expect.poll(stderr, poll).toContain('is the checkpoint of this relevel');
    // A rotation gives the output another name, and the output another file.
    renameSync(at('out.log'), at('out.log.1'));
    child.kill('SIGUSR1');
    await expect.poll(() => existsSync(at('out.log')), poll).toBe(true);
    // Time for two searches, in which the last line is found.
    writeFileSync(at('b.log'), 'b\n');
    await expect.poll(() => textOf(at('out.log')), poll).toBe('b\n');
    writeFileSync(at('c.log'), 'c\n');
    await expect.poll(() => textOf(at('out.log')), poll).toBe('b\nc\n');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(textOf(at('out.log.1'))).toMatch(/^level=error msg="no rule cares"\n\{"level":40,"msg":"ethtool failed".*\n$/u);
    for (const role of ['output', 'archive', 'checkpoint'])
      expect(countOf(stderr(), `is the ${role} of this relevel, and is not followed\n`), stderr()).toBe(1);
  },
);

test('a regular file that is its stdout is left out too', PATIENCE, async () => {
  const folder = scratch();
  const [log, out] = [join(folder, 'a.log'), join(folder, 'out.log')];
  writeFileSync(log, LINE);
  const words = [PROGRAM, 'follow', '--from', 'start', '--interval', '20ms', join(folder, '*.log')];
  const child = spawn(process.execPath, words, { stdio: ['ignore', openSync(out, 'a'), 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect.poll(() => textOf(out), poll).toBe(LINE);
  writeFileSync(join(folder, 'b.log'), 'b\n');
  await expect.poll(() => textOf(out), poll).toBe(`${LINE}b\n`);
});

test('an output called like a rotated file of what is followed is not read as one', PATIENCE, async () => {
  const folder = scratch();
  const [log, out] = [join(folder, 'a.log'), join(folder, 'a.log.1')];
  writeFileSync(log, LINE);
  follow('--from', 'start', '--output', out, log);
  await expect.poll(() => textOf(out), poll).toBe(LINE);
  for (const line of ['b\n', 'c\n']) {
    appendFileSync(log, line);
    await expect.poll(() => textOf(out), poll).toContain(line);
  }
  expect(textOf(out)).toBe(`${LINE}b\nc\n`);
});

test('to follow nothing but what it writes is refused', PATIENCE, async () => {
  const folder = scratch();
  const [log, other] = [join(folder, 'a.log'), join(folder, 'b.log')];
  writeFileSync(log, LINE);
  symlinkSync('a.log', other);
  const { ended, stderr } = follow('--output', other, log);
  expect(await ended).toBe(2);
  expect(stderr()).toContain(`${log}: is the output of this relevel; it would follow what it writes\n`);
  expect(textOf(log)).toBe(LINE);
});

// what a glob stands for

test(
  'compressed files are left out of a glob, and that is said once; --exclude leaves out others, and folders',
  PATIENCE,
  async () => {
    const folder = scratch();
    const at = (name: string): string => join(folder, name);
    mkdirSync(at('closed'));
    for (const name of ['a.log', 'noise.log', 'closed/b.log']) writeFileSync(at(name), `${name}\n`);
    for (const name of ['a.log.1.gz', 'a.log-20261121.zst', 'b.bz2', 'c.xz']) writeFileSync(at(name), gzipSync('secret\n'));
    const { stdout, stderr } = follow('--from', 'start', '--exclude', 'noise*', '--exclude', at('closed'), at('**'));
    await expect.poll(stdout, poll).toBe('a.log\n');
    writeFileSync(at('d.log'), 'd\n');
    await expect.poll(stdout, poll).toBe('a.log\nd\n');
    expect(countOf(stderr(), 'is compressed, and is not followed, nor are others like it\n'), stderr()).toBe(1);
  },
);

test('braces stand for each of what is in them', PATIENCE, async () => {
  const folder = scratch();
  for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name));
  for (const name of ['a/x.log', 'b/y.log', 'b/z.log', 'c/x.log']) writeFileSync(join(folder, name), `${name}\n`);
  const { stdout } = follow('--from', 'start', join(folder, '{a,b}/{x,y}.log'));
  await expect.poll(() => stdout().split('\n').sort(), poll).toEqual(['', 'a/x.log', 'b/y.log']);
});

// what may not be read

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('a folder that may not be looked into is a fault, said once, until it is opened', PATIENCE, async () => {
  const folder = scratch();
  chmodSync(folder, 0o755);
  const at = (name: string): string => join(folder, name);
  for (const name of ['open', 'closed']) mkdirSync(at(name));
  for (const name of ['open/a.log', 'closed/b.log']) writeFileSync(at(name), `${name}\n`);
  chmodSync(at('closed'), 0o700);
  mkdirSync(at('run'));
  chmodSync(at('run'), 0o777);
  const socket = at('run/socket');
  const { stdout, stderr } = followAs(NOBODY, '--from', 'start', '--listen', `unix:${socket}`, at('*/*.log'));
  await expect.poll(stdout, poll).toBe('open/a.log\n');
  const said = `relevel: error: ${at('closed')}: cannot look for files: permission denied\n`;
  await expect.poll(stderr, poll).toContain(said);
  expect(await ask(socket, '/readyz')).toEqual({ status: 503, body: `not ready: input fails: ${at('closed')}\n` });
  expect((await ask(socket, '/metrics')).body).toContain('\nrelevel_failing_inputs 1\n');
  // Two more searches.
  for (const name of ['c', 'd']) {
    writeFileSync(at(`open/${name}.log`), `${name}\n`);
    await expect.poll(stdout, poll).toContain(`${name}\n`);
  }
  chmodSync(at('closed'), 0o755);
  await expect.poll(stdout, poll).toContain('closed/b.log\n');
  await expect.poll(stderr, poll).toContain(`relevel: info: ${at('closed')}: can be looked into again\n`);
  expect((await ask(socket, '/readyz')).status).toBe(200);
  expect(countOf(stderr(), said)).toBe(1);
});

test.runIf(isRoot)(
  'a file is read by its name in a folder that may be entered and not listed; by a glob it is a fault',
  PATIENCE,
  async () => {
    const folder = scratch();
    const log = join(folder, 'a.log');
    writeFileSync(log, LINE);
    chmodSync(log, 0o644);
    chmodSync(folder, 0o711);
    const named = followAs(NOBODY, '--from', 'start', log);
    await expect.poll(named.stdout, poll).toBe(LINE);
    appendFileSync(log, 'more\n');
    await expect.poll(named.stdout, poll).toBe(`${LINE}more\n`);
    expect(named.stderr()).toContain(
      `${folder}: cannot list: permission denied; what is rotated there is read only while it is open\n`,
    );
    renameSync(log, `${log}.1`);
    writeFileSync(log, 'next\n');
    await expect.poll(named.stdout, poll).toBe(`${LINE}more\nnext\n`);

    const found = followAs(NOBODY, join(folder, '*.log'));
    await expect.poll(found.stderr, poll).toContain(`${folder}: cannot look for files: permission denied\n`);
  },
);

// links

test.runIf(isRoot)(
  'a link out of a folder that others may write is not followed, but with --follow-links',
  PATIENCE,
  async () => {
    const folder = scratch();
    const at = (name: string): string => join(folder, name);
    chmodSync(folder, 0o755);
    writeFileSync(at('secret'), 'secret\n', { mode: 0o600 });
    for (const name of ['sticky', 'theirs', 'safe', 'private']) mkdirSync(at(name));
    chmodSync(at('sticky'), 0o1777);
    chownSync(at('theirs'), 65534, 65534);
    for (const name of ['private', 'safe']) writeFileSync(at(`${name}/c.log`), `${name}\n`, { mode: 0o600 });
    const planting = (script: string): void =>
      void execFileSync(NOBODY[0]!, [...NOBODY.slice(1), 'sh', '-c', script], { cwd: folder });
    planting(
      'ln -s ../secret sticky/a.log; ln -s ../private theirs/folder; echo b > theirs/b.log; ln -s b.log theirs/current.log',
    );
    // What root did where only root may write is followed, and so is what leads on from there.
    symlinkSync('../secret', at('safe/a.log'));
    const words = ['--from', 'start', at('{sticky,theirs,safe}/*.log'), at('theirs/*/*.log')];
    const { stdout, stderr } = follow(...words);
    const lines = (text: string): string[] =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .sort();
    await expect.poll(() => lines(stdout()), poll).toEqual(['b', 'safe', 'secret']);
    // A rotated name, and a file that is swapped for a link later.
    planting(
      'mv theirs/b.log theirs/b.log.2; ln -s ../secret theirs/b.log.1; ln -s ../private/c.log theirs/b.log; echo late >> theirs/b.log.2',
    );
    await expect.poll(() => lines(stdout()), poll).toEqual(['b', 'late', 'safe', 'secret']);
    planting('rm theirs/b.log; echo new > theirs/b.log');
    await expect.poll(() => lines(stdout()), poll).toEqual(['b', 'late', 'new', 'safe', 'secret']);
    const said = `${at('sticky/a.log')}: is a link in a folder that others may write, and is not followed; see --follow-links\n`;
    expect(countOf(stderr(), said), stderr()).toBe(1);
    expect(
      stderr()
        .split('\n')
        .filter((line) => line.includes(at('theirs/'))),
      stderr(),
    ).toHaveLength(1);

    const trusting = follow('--follow-links', ...words);
    await expect.poll(() => lines(trusting.stdout()), poll).toContain('private');
  },
);
