import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { fileWith, scratch } from '../cli/host.ts';
import { runningOf, type Running } from './running.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/relevel.js');
const RULES = join(ROOT, 'test/cli/rules.yaml');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** A process may take this long to start, where others keep the machine busy. */

const TROUBLE = '{"level":50,"pid":7,"msg":"Error creating MSHV"}\n';
const REPEAT = '{"level":50,"msg":"ethtool failed"}\n';
const FIRST = '{"level":40,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50"}}\n';
const SUMMARY = '{"level":40,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50","repeats":2';
const OTHER = 'level=error msg="no rule cares"\n';

/** Runs a shell command, in which `relevel` stands for the built program. It is killed after the test, with all it started. */
function run(command: string, env: NodeJS.ProcessEnv = {}): Running {
  const script = `relevel() { '${process.execPath}' '${PROGRAM}' "$@"; }\n${command.replaceAll('exec relevel', `exec '${process.execPath}' '${PROGRAM}'`)}`;
  const child = spawn('bash', ['--norc', '-c', script], { env: { PATH: process.env['PATH'], RULES, ...env }, detached: true });
  return runningOf(child);
}

const endings: readonly [claim: string, command: string, code: number, out: string, err: string][] = [
  ['a file through and through', 'relevel -r "$RULES" <"$IN"', 0, OTHER, ''],
  ['a pipe', 'cat "$IN" | relevel', 0, OTHER, ''],
  ['the shipped rules', 'relevel "$IN"', 0, OTHER, ''],
  ['a reader that leaves is no fault', 'yes "$(cat "$IN")" | { relevel; echo "code $?" >&2; } | head -1', 0, OTHER, 'code 0\n'],
  ['nor one of the help', '{ relevel --help; echo "code $?" >&2; } | true', 0, '', 'code 0\n'],
  [
    'a full disk is a failure',
    'relevel <"$IN" >/dev/full',
    1,
    '',
    `relevel: error: stdout: cannot write: no space left on device; ${OTHER.length} bytes were not written\n`,
  ],
  [
    'a missing file is one, and the rest is read',
    'relevel /gone.log "$IN"',
    1,
    OTHER,
    'relevel: error: /gone.log: cannot open: no such file or directory\n',
  ],
  ['a folder is no input', 'relevel / "$IN"', 1, OTHER, 'relevel: error: /: cannot read: is a directory\n'],
  [
    'a folder of rules that cannot be read',
    'relevel -r "$LOOP"',
    2,
    '',
    'relevel: error: -r: $LOOP: cannot read: too many symbolic links encountered\n',
  ],
  [
    'bad rules leave the stream untouched',
    '{ relevel -r "$BAD" 2>/dev/null; echo "code $?" >&2; cat; } <"$IN"',
    0,
    OTHER,
    'code 2\n',
  ],
  [
    'bad flags too',
    '{ relevel --xyzzy; echo "code $?" >&2; cat; } <"$IN"',
    0,
    OTHER,
    'relevel: error: unknown option "--xyzzy"\nrelevel: see "relevel --help"\ncode 2\n',
  ],
  [
    'a word',
    'relevel restroe',
    2,
    '',
    'relevel: error: "restroe" is neither a command nor a file; did you mean "restore"\nrelevel: see "relevel --help"\n',
  ],
  ['what was written before the rules were asked for', 'RELEVEL_RULES= relevel <"$IN"', 0, OTHER, ''],
  [
    'a full disk under the help',
    'relevel help >/dev/full',
    1,
    '',
    'relevel: error: stdout: cannot write: no space left on device; ',
  ],
];

test.each(endings)('%s', PATIENCE, async (_claim, command, code, out, err) => {
  const loop = join(scratch(), 'loop');
  symlinkSync(loop, loop);
  const { ended, stdout, stderr } = run(command, { IN: fileWith(OTHER), BAD: fileWith('version: 2\n', 'bad.yaml'), LOOP: loop });
  expect(await ended).toBe(code);
  expect(stdout()).toBe(out);
  expect(stderr().slice(0, err === '' ? undefined : err.replace('$LOOP', loop).length)).toBe(err.replace('$LOOP', loop));
});

const clocks: readonly [claim: string, command: string, live: boolean][] = [
  ['a file', 'relevel -r "$RULES" "$IN"', false],
  ['stdin, where it is a file', 'relevel -r "$RULES" <"$IN"', false],
  ['a pipe', 'relevel -r "$RULES" < <(cat "$IN")', true],
  ['a file and a pipe', 'cat "$IN" | relevel -r "$RULES" "$IN" -', true],
  ['a pipe that is to be replayed', 'cat "$IN" | relevel --clock replay -r "$RULES"', false],
];

// In live, a rule that has expired is named at the start.
test.each(clocks)('%s has its own clock', PATIENCE, async (_claim, command, live) => {
  const { ended, stderr } = run(command, { IN: fileWith(OTHER) });
  expect(await ended).toBe(0);
  expect(stderr().includes('rests')).toBe(live);
});

test('opens no debugger', PATIENCE, async () => {
  const { child, ended, stdout, stderr } = run('exec relevel');
  child.stdin!.write(OTHER);
  await expect.poll(stdout, poll).toBe(OTHER);
  child.kill('SIGUSR1');
  // What was heard before it has been dealt with when the next line leaves.
  child.stdin!.end(OTHER);
  expect([await ended, stdout(), stderr()]).toEqual([0, OTHER + OTHER, '']);
});

test('on a signal, releases what is held, writes summaries, and copies to the end', PATIENCE, async () => {
  const { child, ended, stdout, stderr } = run('exec relevel -r "$RULES" --summary');
  child.stdin!.write(`${REPEAT.repeat(3)}${TROUBLE}${OTHER}`);
  await expect.poll(stdout, poll).toBe(FIRST);
  child.kill('SIGTERM');
  await expect.poll(stdout, poll).toContain(SUMMARY);
  expect(stdout()).toContain(TROUBLE + OTHER);
  const before = stdout();
  child.stdin!.end(`${REPEAT}${TROUBLE}`);
  expect(await ended).toBe(0);
  expect(stdout()).toBe(`${before}${REPEAT}${TROUBLE}`);
  expect(stderr()).toContain('in   7 = 4 unchanged + 1 changed + 2 folded\n  out  6 = 4 unchanged + 1 changed + 1 summaries\n');
  expect(stderr()).toContain('1  a signal came\n');
});

const seconds: readonly [second: NodeJS.Signals, code: number][] = [
  ['SIGTERM', 143],
  ['SIGINT', 130],
];

test.each(seconds)('a second signal, %s, ends it', PATIENCE, async (second, code) => {
  const { child, ended, stdout, stderr } = run('exec relevel -r "$RULES"');
  child.stdin!.write(`${REPEAT}${TROUBLE}${OTHER}`);
  await expect.poll(stdout, poll).toBe(FIRST);
  child.kill('SIGTERM');
  await expect.poll(stdout, poll).toBe(`${FIRST}${TROUBLE}${OTHER}`);
  child.kill(second);
  expect(await ended).toBe(code);
  expect(stderr()).toContain(`relevel: warn: ended by ${second} before the end of the input\n`);
});

test('the grace period ends it too', PATIENCE, async () => {
  const { child, ended, stdout } = run('exec relevel -r "$RULES" --grace 50ms');
  child.stdin!.write(OTHER);
  await expect.poll(stdout, poll).toBe(OTHER);
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
});

test('keeps folded lines in an archive, and gives all bytes back with it', PATIENCE, async () => {
  const archive = join(scratch(), 'archive');
  const { ended, stdout } = run('relevel -r "$RULES" --archive "$ARCHIVE" <"$IN" | relevel restore', {
    ARCHIVE: archive,
    IN: fileWith(REPEAT.repeat(4)),
  });
  expect(await ended).toBe(0);
  expect(readFileSync(archive, 'utf8')).toBe(REPEAT.repeat(3));
  expect(stdout()).toBe(REPEAT.repeat(2)); // the first, and the summary's last one
});

test('goes on without an archive that cannot be written', PATIENCE, async () => {
  const { ended, stdout, stderr } = run('relevel -r "$RULES" --archive /dev/full "$IN"', { IN: fileWith(REPEAT.repeat(3)) });
  expect(await ended).toBe(0);
  expect(stdout()).toBe(`${FIRST}${REPEAT}${REPEAT}`);
  expect(stderr()).toBe(
    'relevel: warn: /dev/full: cannot keep folded lines: no space left on device; until it can be written, repeats pass unchanged\n',
  );
});

test('lets a stream through unchanged and undelayed in shadow', PATIENCE, async () => {
  const { child, ended, stdout, stderr } = run('exec relevel -r "$RULES" --shadow --summary');
  child.stdin!.write(`${REPEAT.repeat(3)}${TROUBLE}`);
  await expect.poll(stdout, poll).toBe(`${REPEAT.repeat(3)}${TROUBLE}`);
  child.stdin!.end();
  expect(await ended).toBe(0);
  expect(stdout()).toBe(`${REPEAT.repeat(3)}${TROUBLE}`);
  expect(stderr()).toContain('in   4 = 1 unchanged + 1 changed + 2 folded\n');
});

test('a stderr that nobody reads does not keep it from ending', PATIENCE, async () => {
  const gone = `$(printf '/gone-%s ' {1..9000})`;
  const { stdout } = run(`relevel ${gone} "$IN" 2> >(sleep 60); echo "code $?"`, { IN: fileWith(OTHER) });
  await expect.poll(stdout, poll).toBe(`${OTHER}code 1\n`);
});

test('a plain start loads no more than the main path', () => {
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/\b(?:from|import)"(\.[^"]+)"/gu))
      load(join(dirname(path), target!));
  };
  load(PROGRAM);
  const text = [...loaded].map((path) => readFileSync(path, 'utf8')).join('');
  for (const heavy of ['ZodError', 'RE2JS', 'YAMLParseError', 'CommanderError', 'thread-stream'])
    expect(text).not.toContain(heavy);
  expect(loaded.size).toBeLessThanOrEqual(6);
});

/** Too few for what WebAssembly of Node 20 to 24 reserves; newer ones can do without. */
const FEW_ADDRESSES = 'ulimit -v 8000000';
const reserves =
  spawnSync('sh', ['-c', `${FEW_ADDRESSES}; exec "$0" -e 'new WebAssembly.Memory({ initial: 1 })'`, process.execPath]).status !==
  0;

test.each([
  [`relevel < "$IN"`, 1, '', 'relevel: error: WebAssembly cannot reserve 10 GB of address space; raise its limit'],
  ['relevel run -- cat "$IN"', 0, '{"level":50,"msg":"x"}\n', 'until then cat runs unfiltered: each line leaves as it comes'],
  ['relevel run --on-error fail -- cat "$IN"', 1, '', 'relevel: error: WebAssembly cannot reserve'],
] as const)('says what to do where addresses are limited: %s', PATIENCE, async (command, code, out, err) => {
  const { ended, stdout, stderr } = run(`${FEW_ADDRESSES}; ${command}`, { IN: fileWith('{"level":50,"msg":"x"}\n') });
  if (!reserves) {
    expect(await ended).toBe(0);
    expect(stdout()).toBe('{"level":50,"msg":"x"}\n');
    expect(stderr()).not.toContain('cannot reserve');
    return;
  }
  expect(await ended).toBe(code);
  expect(stdout()).toBe(out);
  expect(stderr()).toContain(err);
  expect(stderr()).not.toContain('    at ');
});

test.each(['', 'run -- touch "$OUT"'])(
  'says what it lacks on a Node without WebAssembly, and touches nothing: relevel %s',
  PATIENCE,
  async (args) => {
    const out = `${scratch()}/out`;
    const command = `exec relevel ${args}`;
    const { ended, stderr } = run(command, { OUT: out, NODE_OPTIONS: '--jitless' });
    expect(await ended).toBe(1);
    expect(stderr()).toContain('relevel: error: this Node has no WebAssembly');
    expect(stderr()).not.toContain('    at ');
    expect(existsSync(out)).toBe(false);
  },
);
