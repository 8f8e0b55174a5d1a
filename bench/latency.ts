import { closeSync, readSync, writeSync } from 'node:fs';
import { quantile } from './measure.ts';
import { BrokenProgram, failureOf, openPipe, startProcess } from './process.ts';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Lines before the count begins: start-up, and the first compilation. */
const WARM_UP = 200;

const NEWLINE = 0x0a;

/** Sends `lines` through a live pipe one by one, each after the last came back, and looks how long each took. Throws `BrokenProgram`. */
export async function latencyOf(command: readonly string[], lines: readonly string[]): Promise<Latency> {
  const [to, from] = [openPipe(), openPipe()];
  // Reading blocks, and no timer of ours could end a program that never answers: coreutils' timeout does.
  const child = startProcess(['timeout', '-s', 'KILL', '60', ...command], to.read, from.write);
  const failure = failureOf(child);
  closeSync(to.read);
  closeSync(from.write);

  const times: number[] = [];
  const answer = Buffer.allocUnsafe(1 << 16);
  for (const line of lines) {
    const start = performance.now();
    writeSync(to.write, `${line}\n`);
    if (!readLine(from.read, answer)) break;
    times.push(performance.now() - start);
  }
  closeSync(to.write);
  closeSync(from.read);
  const why = await failure;
  if (why !== undefined || times.length < lines.length)
    throw new BrokenProgram(`${command.join(' ')}: ${why ?? 'a line never came back'}`);
  const sorted = times.slice(WARM_UP).toSorted((a, b) => a - b);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

/** Reads up to a newline; false where the input ends before. */
function readLine(fd: number, chunk: Buffer): boolean {
  for (;;) {
    const length = readSync(fd, chunk);
    if (length === 0) return false;
    if (chunk[length - 1] === NEWLINE) return true;
  }
}
