import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { onTestFinished } from 'vitest';

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
