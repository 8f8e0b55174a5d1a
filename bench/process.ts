import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A process to measure. */
export interface Job {
  readonly command: readonly string[];
  /** The file that it gets to read. */
  readonly input: string;
  /** `follow`: the command names the file, and is ended when it has opened it: it reads on to the end. `file`: a regular file in, /dev/null out. `pipe`: between two `cat`s. `printf`: the whole of a short input lies in a pipe. */
  readonly mode: 'file' | 'pipe' | 'printf' | 'follow';
}

/** What one run of it cost, from before it was started until its last byte was taken. */
export interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** The measured program failed: its figures would mean nothing. */
export class BrokenProgram extends Error {
  override readonly name = 'BrokenProgram';
}

/** Past it a run is hung. The slowest baseline takes seconds. */
const TIMEOUT_MS = 600_000;

/** Runs a job once, as a whole process, start-up included. Throws `BrokenProgram` if it does not end well. */
export async function run(job: Job): Promise<Run> {
  const stages = stagesOf(job);
  const start = performance.now();
  const children = stages.map(({ command, stdin, stdout }) => startProcess(command, stdin, stdout));
  // Ours are closed at once: a pipe ends where its last writer is gone.
  for (const fd of new Set(stages.flatMap(({ stdin, stdout }) => [stdin, stdout]))) closeSync(fd);

  const measured = children[stages.findIndex(({ command }) => command === job.command)]!;
  const usage = watch(measured.pid!);
  if (job.mode === 'follow') endWhenOpen(measured, job.input);
  const [failure] = await Promise.all([measured, ...children].map(failureOf));
  const seconds = (performance.now() - start) / 1000;
  const { cpuSeconds, peakBytes } = usage.stop();
  if (failure !== undefined) throw new BrokenProgram(`${job.command.join(' ')}: ${failure}`);
  return { seconds, cpuSeconds, peakBytes };
}

interface Stage {
  readonly command: readonly string[];
  readonly stdin: number;
  readonly stdout: number;
}

function stagesOf({ command, input, mode }: Job): readonly Stage[] {
  const nowhere = openSync('/dev/null', 'w');
  if (mode === 'file') return [{ command, stdin: openSync(input, 'r'), stdout: nowhere }];
  if (mode === 'follow') return [{ command, stdin: openSync('/dev/null', 'r'), stdout: nowhere }];

  const before = openPipe();
  if (mode === 'printf') {
    writeSync(before.write, readFileSync(input));
    closeSync(before.write);
    return [{ command, stdin: before.read, stdout: nowhere }];
  }
  const after = openPipe();
  return [
    { command: ['cat'], stdin: openSync(input, 'r'), stdout: before.write },
    { command, stdin: before.read, stdout: after.write },
    { command: ['cat'], stdin: after.read, stdout: nowhere },
  ];
}

/** A true pipe, which `child_process` does not make: its own are sockets. Both ends block, and are the caller's to close. */
export function openPipe(): { readonly read: number; readonly write: number } {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-bench-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const both = openSync(path, 'r+'); // without it, each of the next two would wait for the other
  const pipe = { read: openSync(path, 'r'), write: openSync(path, 'w') };
  closeSync(both);
  rmSync(folder, { recursive: true });
  return pipe;
}

/** Starts `command` on two open files. Nothing of our own environment may steer it. */
export function startProcess([program, ...args]: readonly string[], stdin: number, stdout: number): ChildProcess {
  return spawn(program!, args, {
    stdio: [stdin, stdout, 'pipe'],
    env: { PATH: process.env['PATH'] },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
}

/** Sends SIGTERM to a process as soon as it has opened a file: a follower then reads what is there, and ends. */
export function endWhenOpen(child: ChildProcess, path: string): void {
  const timer = setInterval(() => {
    if (!isOpenIn(child.pid!, path)) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, POLL_MS);
  child.on('close', () => clearInterval(timer));
}

function isOpenIn(pid: number, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((name) => readlinkSync(`/proc/${pid}/fd/${name}`) === path);
  } catch {
    return false; // it has just started, or is gone
  }
}

/** Waits for the end of it: `undefined`, or how it failed, with the last of what it said on stderr. */
export function failureOf(child: ChildProcess): Promise<string | undefined> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}\n${said}`));
  });
}

/** Often enough to see the peak of a run of 50 ms; seldom enough to cost nothing. */
const POLL_MS = 10;

/** proc(5): the kernel's USER_HZ, 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Follows a process's use of memory and CPU through /proc: it needs no wrapper around the program, and no package. */
function watch(pid: number): { stop(): Pick<Run, 'cpuSeconds' | 'peakBytes'> } {
  let [cpuSeconds, peakBytes] = [0, 0];
  const look = (): void => {
    try {
      const peak = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      // proc(5): utime and stime are fields 14 and 15; the program's name, field 2, ends with the last parenthesis.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /su, '')
        .split(' ');
      if (peak !== null) peakBytes = Number(peak[1]) * 1024;
      cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      // It is gone; what was seen last holds.
    }
  };
  const timer = setInterval(look, POLL_MS);
  return {
    stop() {
      clearInterval(timer);
      return { cpuSeconds, peakBytes };
    },
  };
}
