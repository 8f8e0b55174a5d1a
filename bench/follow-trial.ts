import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export interface Trial {
  /** An empty folder. */
  readonly folder: string;
  readonly rotation: 'rename' | 'copytruncate';
  readonly files: number;
  /** ms that the writer writes. */
  readonly length: number;
  readonly kills: number;
  readonly seed: number;
}

export interface TrialResult {
  /** Lines written to the followed files. */
  readonly lines: number;
  readonly bytes: number;
  /** Lines of them that are nowhere in the output, though a reader could have seen them. */
  readonly lost: number;
  /** Lines written between a copy and its truncation, which stand in neither file behind it, and those of them that are nowhere in the output. */
  readonly unsafe: number;
  readonly unseen: number;
  /** Lines that stand before one that was written earlier, within one life of relevel. */
  readonly disordered: number;
  /** Lines that were written again after a kill, and the most bytes of them after one. */
  readonly repeated: number;
  readonly mostRepeatedBytes: number;
  /** Lines that nobody wrote, but for one torn by each kill. */
  readonly strange: number;
  readonly exit: number | NodeJS.Signals;
  readonly said: string;
}

/**
 * Writes lines as fast as they go, each by a call of its own, into files that are rotated every
 * 200 ms; follows them, and kills who follows at random instants. At each tenth rotation some lines are written between the copy and the
 * truncation: who does not read in this instant never sees them.
 */
const WRITER = `
import { appendFileSync, closeSync, copyFileSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
const [folder, rotation, files, length] = process.argv.slice(2);
const logs = Array.from({ length: Number(files) }, (_, i) => ({ path: folder + '/' + i + '.log', fd: -1, seq: 0, step: 0, age: 0, at: 0 }));
for (const log of logs) log.fd = openSync(log.path, 'a');
const begin = Date.now();
let bytes = 0;
const unsafe = [];
const put = (log, what) => {
  bytes += writeSync(log.fd, '{"file":' + logs.indexOf(log) + ',"seq":' + log.seq++ + ',' + what + '}\\n');
};
const ordinary = '"level":30,"msg":"a line of an ordinary length, as many are"';
const write = (log) => {
  const step = log.step++;
  if (step % 500 === 0) put(log, '"level":50,"pid":' + step + ',"msg":"Error creating MSHV"');
  else if (step % 500 === 5) put(log, '"level":30,"pid":' + (step - 5) + ',"device":"/dev/kvm","outcome":"ready"');
  else put(log, ordinary);
};
const rotate = (log) => {
  const aside = log.path + '.' + ++log.age;
  if (rotation === 'rename') {
    renameSync(log.path, aside);
    closeSync(log.fd);
    log.fd = openSync(log.path, 'a');
  } else {
    copyFileSync(log.path, aside);
    if (log.age % 10 === 0) {
      unsafe.push([logs.indexOf(log), log.seq, log.seq + 5]);
      for (let n = 0; n < 5; n += 1) put(log, ordinary);
    }
    ftruncateSync(log.fd, 0);
  }
};
logs.forEach((log, i) => (log.at = begin + 200 + (i * 200) / logs.length));
for (;;) {
  const now = Date.now();
  if (now - begin >= Number(length)) break;
  for (const log of logs) {
    if (now >= log.at) {
      rotate(log);
      log.at += 200;
    }
    for (let n = 0; n < 50; n += 1) write(log);
  }
}
process.stdout.write(JSON.stringify({ bytes, unsafe, lines: logs.map((log) => log.seq) }));
`;

interface Report {
  readonly bytes: number;
  /** Lines of each file. */
  readonly lines: readonly number[];
  /** Of a file, from one line to before another. */
  readonly unsafe: readonly (readonly [file: number, from: number, to: number])[];
}

const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

export async function runTrial({ folder, rotation, files, length, kills, seed }: Trial): Promise<TrialResult> {
  const random = randomOf(seed);
  const out = join(folder, 'out');
  let said = '';
  let startedAt = 0;
  const start = (): ChildProcess => {
    startedAt = Date.now();
    const child = spawn(
      process.execPath,
      [
        process.env['RELEVEL_PROGRAM'] ?? join(ROOT, 'dist/relevel.js'),
        'follow',
        '-r',
        join(ROOT, 'test/cli/rules.yaml'),
        '--checkpoint',
        join(folder, 'checkpoint'),
        '--output',
        out,
        `${folder}/*.log`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    return child;
  };

  let follower = start();
  // What was rotated before anybody looked is not asked for.
  await until(() => existsSync(join(folder, 'checkpoint')), 30_000);
  const writer = spawn(process.execPath, ['--input-type=module', '-', folder, rotation, String(files), String(length)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  writer.stdin.end(WRITER);
  let report = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => (report += text));
  const written = once(writer, 'close');

  const lives: number[] = [];
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep((length / kills) * (0.4 + 1.1 * random()));
      follower.kill('SIGKILL');
      await once(follower, 'close');
      lives.push(existsSync(out) ? statSync(out).size : 0);
      follower = start();
    }
    await written;
    const { bytes, lines, unsafe } = JSON.parse(report) as Report;
    const ended = once(follower, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    await complete(out, lines, 300_000);
    // A life that has just begun does not know a signal yet.
    await until(() => statSync(join(folder, 'checkpoint')).mtimeMs > startedAt, 30_000);
    follower.kill('SIGTERM');
    const exit = await ended;
    return { ...judge(out, lives, lines, unsafe), bytes, lines: lines.reduce((sum, each) => sum + each, 0), exit, said };
  } finally {
    writer.kill('SIGKILL');
    follower.kill('SIGKILL');
  }
}

async function until(isSo: () => boolean, deadline: number): Promise<void> {
  for (const end = Date.now() + deadline; !isSo() && Date.now() < end;) await sleep(10);
}

/** Waits until the last line of each file stands in the output. */
async function complete(path: string, written: readonly number[], deadline: number): Promise<void> {
  const last = Date.now() + deadline;
  const awaited = new Set(written.map((lines, file) => `{"file":${file},"seq":${lines - 1},`));
  const buffer = Buffer.alloc(4 * 1024 * 1024);
  let at = 0;
  while (awaited.size > 0 && Date.now() < last) {
    const fd = openSync(path, 'r');
    let length: number;
    while ((length = readSync(fd, buffer, 0, buffer.length, at)) > 64) {
      for (const text of awaited) if (buffer.subarray(0, length).includes(text)) awaited.delete(text);
      // What is awaited may lie across.
      at += length - 64;
    }
    closeSync(fd);
    await sleep(50);
  }
}

/** `lives`: the sizes that the output had at each kill. */
function judge(path: string, lives: readonly number[], written: readonly number[], unsafe: Report['unsafe']) {
  const seen = written.map((lines) => new Uint8Array(lines));
  const last = written.map(() => -1);
  let repeated = 0;
  let disordered = 0;
  let strange = 0;
  let life = 0;
  let repeatedBytes = 0;
  let mostRepeatedBytes = 0;
  for (const { line, at } of linesOf(path)) {
    if (life < lives.length && at >= lives[life]!) {
      while (life < lives.length && at >= lives[life]!) life += 1;
      last.fill(-1);
      repeatedBytes = 0;
    }
    const [, file, seq] = /^\{"file":(\d+),"seq":(\d+),.*\}$/u.exec(line) ?? [];
    if (seq === undefined) {
      // What a kill tore stands at its end, and is ended by the next life.
      if (life < lives.length && at + line.length >= lives[life]!) continue;
      strange += 1;
      continue;
    }
    const n = Number(file);
    if (seen[n]![Number(seq)] === 1) {
      repeated += 1;
      repeatedBytes += line.length + 1;
      mostRepeatedBytes = Math.max(mostRepeatedBytes, repeatedBytes);
    }
    seen[n]![Number(seq)] = 1;
    if (Number(seq) <= last[n]!) disordered += 1;
    last[n] = Number(seq);
  }
  const missing = seen.reduce((sum, each) => sum + each.reduce((none, there) => none + 1 - there, 0), 0);
  let unseen = 0;
  for (const [file, from, to] of unsafe) for (let seq = from; seq < to; seq += 1) unseen += 1 - seen[file]![seq]!;
  const unsafeLines = unsafe.reduce((sum, [, from, to]) => sum + to - from, 0);
  return { lost: missing - unseen, unsafe: unsafeLines, unseen, disordered, repeated, mostRepeatedBytes, strange };
}

function* linesOf(path: string): Generator<{ readonly line: string; readonly at: number }> {
  const fd = openSync(path, 'r');
  const buffer = Buffer.alloc(4 * 1024 * 1024);
  let kept = 0;
  let base = 0;
  try {
    for (;;) {
      const length = readSync(fd, buffer, kept, buffer.length - kept, null);
      if (length === 0) return;
      const end = kept + length;
      let at = 0;
      for (let newline = buffer.indexOf(0x0a); newline !== -1 && newline < end; newline = buffer.indexOf(0x0a, at)) {
        yield { line: buffer.latin1Slice(at, newline), at: base + at };
        at = newline + 1;
      }
      buffer.copy(buffer, 0, at, end);
      kept = end - at;
      base += at;
    }
  } finally {
    closeSync(fd);
  }
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
