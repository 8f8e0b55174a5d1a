import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokenProgram } from './process.ts';

/** A plain program of Node's that starts a command, and what comes behind it. */
export const PLAIN_START: readonly string[] = [
  process.execPath,
  '-e',
  `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' })`,
  '--',
];

/**
 * From the start of each program to that of the command that it starts, ms: they are run in turns, and the n-th of one
 * and the n-th of the other saw the same machine. The first round does not count. Throws `BrokenProgram`.
 */
export async function commandStarts(programs: readonly (readonly string[])[], rounds: number): Promise<number[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-bench-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR); // so that neither end waits for the other
  const times: number[][] = programs.map(() => []);
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const [i, program] of programs.entries()) {
        const [file, ...args] = [...program, 'sh', '-c', `echo > '${path}'`];
        const start = performance.now();
        const child = spawn(file, args, { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
        const ended = once(child, 'exit') as Promise<[number | null]>;
        readSync(fd, Buffer.alloc(1)); // blocks: nothing of ours is to come between
        const ms = performance.now() - start;
        const [code] = await ended;
        if (code !== 0) throw new BrokenProgram(`${program.join(' ')}: ended with ${code}`);
        if (round > 0) times[i]!.push(ms);
      }
    }
    return times;
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
