import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith } from '../cli/host.ts';
import { bash, PROGRAM, runningOf } from './running.ts';

const RULES = join(import.meta.dirname, '../cli/rules.yaml');

/** A process may take this long to start, where others keep the machine busy. */
const PATIENCE = { timeout: 30_000 };
const poll = { ...PATIENCE, interval: 20 };

const TROUBLE = '{"level":50,"pid":7,"msg":"Error creating MSHV"}\n';
const OTHER = 'level=error msg="no rule cares"\n';

/** Whatever ends a process that does not listen, but for what a fault of its own raises. */
const ENDING: readonly NodeJS.Signals[] = [
  ...(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM'] as const),
  ...(['SIGPROF', 'SIGXCPU', 'SIGSTKFLT', 'SIGIO', 'SIGPWR'] as const),
];

test.each(ENDING)('%s has the filter release what it holds, and copy on', PATIENCE, async (signal) => {
  const { child, ended, stdout } = bash('exec relevel -r "$RULES"', { RULES });
  child.stdin!.write(OTHER + TROUBLE);
  await expect.poll(stdout, poll).toBe(OTHER);
  child.kill(signal);
  await expect.poll(stdout, poll).toBe(OTHER + TROUBLE);
  child.stdin!.end(OTHER);
  expect([await ended, stdout()]).toEqual([0, OTHER + TROUBLE + OTHER]);
});

test.each(ENDING)('%s and the end of the grace period end it with 128 + n', PATIENCE, async (signal) => {
  const { child, ended, stdout, stderr } = bash('exec relevel --grace 50ms -r "$RULES"', { RULES });
  child.stdin!.write(OTHER + TROUBLE);
  await expect.poll(stdout, poll).toBe(OTHER);
  child.kill(signal);
  expect([await ended, stdout()]).toEqual([128 + constants.signals[signal], OTHER + TROUBLE]);
  expect(stderr()).toContain(`relevel: warn: ended by ${signal} before the end of the input\n`);
});

test.each(ENDING.filter((signal) => signal !== 'SIGHUP'))(
  '%s has follow end, and write what it holds',
  PATIENCE,
  async (signal) => {
    const { child, ended, stdout } = bash('exec relevel follow --from start -r "$RULES" "$FILE"', {
      RULES,
      FILE: fileWith(OTHER + TROUBLE),
    });
    await expect.poll(stdout, poll).toBe(OTHER);
    child.kill(signal);
    expect([await ended, stdout()]).toEqual([0, OTHER + TROUBLE]);
  },
);

// As where a terminal goes, or a unit that says SendSIGHUP=.
test('SIGHUP just behind SIGTERM is no second signal', PATIENCE, async () => {
  const { child, ended, stdout } = bash('exec relevel -r "$RULES"', { RULES });
  child.stdin!.write(OTHER + TROUBLE);
  await expect.poll(stdout, poll).toBe(OTHER);
  child.kill('SIGTERM');
  child.kill('SIGHUP');
  await expect.poll(stdout, poll).toBe(OTHER + TROUBLE);
  child.stdin!.end(OTHER);
  expect([await ended, stdout()]).toEqual([0, OTHER + TROUBLE + OTHER]);
});

/** Sends a program SIGUSR1 as soon as it does anything, which is to ask for a module of Node's. */
const EARLY = `
const ask = process.getBuiltinModule;
process.getBuiltinModule = (name) => {
  process.getBuiltinModule = ask;
  process.kill(process.pid, 'SIGUSR1');
  return ask.call(process, name);
};`;

const doors: readonly (readonly string[])[] = [[], ['run', '--', 'cat'], ['follow', RULES], ['check', '--help']];

test.each(doors)('an early SIGUSR1 opens no debugger: relevel %s %s', PATIENCE, async (...args) => {
  const preload = fileWith(EARLY, 'early.cjs');
  const child = spawn(process.execPath, ['--require', preload, PROGRAM, ...args], { detached: true });
  const { ended, stderr } = runningOf(child);
  child.stdin.end(OTHER);
  if (args[0] === 'follow') setTimeout(() => child.kill('SIGTERM'), 1_000);
  await ended;
  expect(stderr()).not.toContain('Debugger');
});
