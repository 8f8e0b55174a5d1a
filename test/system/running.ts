import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The built program. */
export const PROGRAM = join(import.meta.dirname, '../../dist/relevel.js');

/** A process of a test, and what it has written so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Takes what a process writes that was started `detached`. After the test it is killed, with all it started. */
export function runningOf(child: ChildProcess, encoding: BufferEncoding = 'utf8'): Running {
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding(encoding).on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr?.setEncoding(encoding).on('data', (chunk: string) => (text.stderr += chunk));
  child.stdin?.on('error', () => {}); // it may be gone before it read all
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // all of them have ended
    }
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, ended };
}

/** Runs a bash script, in which `relevel` is the built program. It is killed after the test, with all it started. */
export function bash(script: string, env: NodeJS.ProcessEnv = {}): Running {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
  const program = `'${process.execPath}' '${PROGRAM}'`;
  const whole = `relevel() { ${program} "$@"; }\n${script.replaceAll('exec relevel', `exec ${program}`)}`;
  const child = spawn('bash', ['--norc', '-c', whole], { env: { PATH: process.env['PATH'], ...env }, detached: true });
  return runningOf(child);
}
