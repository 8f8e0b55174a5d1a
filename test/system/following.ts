import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
export const PROGRAM = process.env['RELEVEL_PROGRAM'] ?? join(ROOT, 'dist/relevel.js');
const RULES = join(ROOT, 'test/cli/rules.yaml');

export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-follow-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export interface Following {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** `relevel follow` with these arguments; `as`: what stands before its command, such as `setpriv`. It is killed after the test. */
export function follow(...args: readonly string[]): Following {
  return followAs([], ...args);
}

export function followAs(as: readonly string[], ...args: readonly string[]): Following {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
  const words = [...as, process.execPath, PROGRAM, 'follow', '-r', RULES, '--interval', '20ms', ...args];
  const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, ended };
}
