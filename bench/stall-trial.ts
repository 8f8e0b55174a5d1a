import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ask } from '../src/sidecar/ask.ts';
import { readStatus } from '../src/sidecar/status.ts';
import { openPipe } from './process.ts';

const PROGRAM = join(import.meta.dirname, '../dist/relevel.js');

export interface Stall {
  readonly way: 'pipe' | 'run' | 'follow';
  /** An empty folder. */
  readonly folder: string;
  readonly lines: number;
  /** ms that the reader reads nothing. */
  readonly length: number;
}

export interface StallResult {
  /** What was read is what was written, to the byte. */
  readonly isWhole: boolean;
  /** Bytes that were read in before the reader stood still, and after a part of its rest: the same, or reading has no end. */
  readonly takenEarly: number;
  readonly takenLate: number;
  /** Of the lines that there are, bytes. */
  readonly bytes: number;
  readonly peakBytes: number;
  readonly exit: number | NodeJS.Signals;
}

/** Has a reader read a little, stop for a while, during which the program is asked how it does, and read the rest. */
export async function runStall({ way, folder, lines, length }: Stall): Promise<StallResult> {
  const address = { kind: 'unix', path: join(folder, 'socket') } as const;
  const relevel = `exec '${process.execPath}' '${PROGRAM}'`;
  const options = `--listen 'unix:${address.path}' --rules builtin`;
  const writer = `seq -f '{"level":30,"msg":"line %.0f"}' ${lines}`;
  const file = join(folder, 'app.log');
  const commands: Readonly<Record<Stall['way'], string>> = {
    pipe: `${writer} | { ${relevel} ${options}; }`,
    run: `${relevel} run ${options} -- ${writer}`,
    follow: `${relevel} follow ${options} --from start '${file}'`,
  };
  execFileSync('bash', ['-c', `${writer} > '${file}'`]);
  const expected = createHash('sha256').update(readFileSync(file)).digest('hex');
  const bytes = readFileSync(file).length;

  const pipe = openPipe();
  const child = spawn('bash', ['-c', commands[way]], {
    stdio: ['ignore', pipe.write, 'ignore'],
    env: { PATH: process.env['PATH'] },
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  closeSync(pipe.write);
  const reader = new Socket({ fd: pipe.read, readable: true, writable: false });
  try {
    const hash = createHash('sha256');
    let read = 0;
    let onRead = (): void => {};
    reader.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      read += chunk.length;
      onRead();
    });
    const readAll = once(reader, 'end');
    await new Promise<void>((resolve) => {
      onRead = () => {
        if (read < bytes / 10) return;
        reader.pause();
        resolve();
      };
    });
    onRead = () => {};

    const status = async () => readStatus((await ask(address, { method: 'GET', path: '/status', patience: 5_000 })).body)!;
    await setTimeout(length / 2);
    const early = await status();
    await setTimeout(length / 2);
    const late = await status();
    const peakBytes = Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${late.pid}/status`, 'utf8'))?.[1]) * 1024;
    reader.resume();
    if (way === 'follow') {
      onRead = () => {
        if (read === bytes) process.kill(late.pid, 'SIGTERM');
      };
      onRead();
    }
    await readAll;
    const takenEarly = early.counts.bytesIn;
    const takenLate = late.counts.bytesIn;
    return { isWhole: hash.digest('hex') === expected, takenEarly, takenLate, bytes, peakBytes, exit: await ended };
  } finally {
    reader.destroy();
    child.kill('SIGKILL');
  }
}
