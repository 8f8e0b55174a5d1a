import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readManuals } from '../../src/cli/commands.ts';
import type { Exit, Host } from '../../src/cli/host.ts';
import { main } from '../../src/cli/main.ts';

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of this text in a folder of its own, by the name that a message calls it. */
export function fileWith(text: string, name = 'in.log'): string {
  const path = join(scratch(), name);
  writeFileSync(path, text);
  return path;
}

export interface Ran {
  readonly exit: Exit;
  readonly out: string;
  readonly err: string;
}

/** 2026-01-01 */
const NOW = 1_767_225_600_000;

/** What differs from an empty stdin, and a process that nothing is known of. */
interface More extends Partial<Omit<Host, 'stdin' | 'stdout' | 'stderr'>> {
  readonly stdin?: string;
}

/** Runs `main` within this process. All three streams are files; the clock stands still. */
export async function runMain(args: readonly string[], more: More = {}): Promise<Ran> {
  const folder = scratch();
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('in'), more.stdin ?? '');
  const open = { stdin: openSync(path('in'), 'r'), stdout: openSync(path('out'), 'w'), stderr: openSync(path('err'), 'w') };
  const host: Host = {
    env: {},
    stderrIsTerminal: () => false,
    now: () => NOW,
    pid: 7,
    parent: 1,
    onSignal: () => {},
    manuals: readManuals,
    ...more,
    ...open,
  };
  try {
    const exit = await main(args, host);
    return { exit, out: readFileSync(path('out'), 'utf8'), err: readFileSync(path('err'), 'utf8') };
  } finally {
    for (const fd of Object.values(open)) closeSync(fd);
  }
}
