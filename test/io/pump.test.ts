import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Sink } from '../../src/engine/settings.ts';
import { exitCodeOf } from '../../src/io/leave.ts';
import { Output } from '../../src/io/output/output.ts';
import type { PumpEngine } from '../../src/io/pump-engine.ts';
import { pump, type Pump, type PumpOptions } from '../../src/io/pump.ts';
import { emptyFifo, fifo, openUntilEnd, scratch } from './scratch.ts';

/** Passes everything on, and says what it was asked. `due` is for the test to set. */
class Witness implements PumpEngine {
  readonly said: string[] = [];
  due = Infinity;
  #sink: Sink | undefined;
  #room = new Uint8Array(0);

  source(name: string) {
    this.said.push(`source ${name}`);
    return {
      input: (sink: Sink) => {
        this.#sink = sink;
        return {
          pushFilled: (length: number) => sink.write(this.#room, 0, length),
          end: () => void this.said.push('input ends'),
        };
      },
      end: () => void this.said.push('source ends'),
    };
  }

  room(size: number): Uint8Array {
    return (this.#room = new Uint8Array(size));
  }

  advance(): void {
    this.said.push('advance');
    this.due = Infinity;
    this.#sink?.write(Buffer.from('summary\n'), 0, 8);
  }

  nextDue(): number {
    return this.due;
  }

  standDown(): void {
    this.said.push('standDown');
    this.#sink?.write(Buffer.from('held\n'), 0, 5);
  }
}

interface Case extends Partial<Omit<PumpOptions, 'output'>> {
  readonly out: number;
}

function start({ out, ...rest }: Case): { pump: Pump; problems: string[] } {
  const problems: string[] = [];
  const running = pump({
    inputs: [],
    engine: new Witness(),
    output: new Output({ fd: out, name: 'stdout', highWater: 1024 }),
    now: () => 100,
    mode: 'filter',
    grace: 60_000,
    onProblem: (error) => problems.push(error.message),
    onOutage: undefined,
    ...rest,
  });
  return { pump: running, problems };
}

/** Files with these texts, by path, and a place for what comes out. */
function filesWith(texts: readonly string[]) {
  const folder = scratch();
  const inputs = texts.map((text, i) => {
    const name = join(folder, `${i}.log`);
    writeFileSync(name, text);
    return { name, fd: undefined };
  });
  const target = join(folder, 'out');
  return { folder, inputs, out: openUntilEnd(target, 'w'), written: () => readFileSync(target, 'utf8') };
}

const sequences: readonly [texts: readonly string[], written: string][] = [
  [['a\n', 'b\n'], 'a\nb\n'],
  [['a', 'b'], 'a\nb'],
  [['a', '', 'b\n'], 'a\nb\n'],
  [['a', ''], 'a'],
  [['', ''], ''],
  [['a\r\n', '\n'], 'a\r\n\n'],
];

test.each(sequences)('reads %j in sequence as %j', async (texts, written) => {
  const files = filesWith(texts);
  const { pump: running } = start(files);
  expect(await running.ended).toEqual({ kind: 'done', unread: 0 });
  expect(files.written()).toBe(written);
});

test('opens each file as a source of its own, and ends it before the next', async () => {
  const files = filesWith(['a\n', 'b\n']);
  const engine = new Witness();
  await start({ ...files, engine }).pump.ended;
  const [one, two] = files.inputs.map(({ name }) => name);
  expect(engine.said).toEqual([`source ${one}`, 'input ends', 'source ends', `source ${two}`, 'input ends', 'source ends']);
});

test('says which files cannot be read, reads the others, and ends with 1', async () => {
  const files = filesWith(['a\n', 'b\n']);
  const gone = { name: join(files.folder, 'gone.log'), fd: undefined };
  const folder = { name: files.folder, fd: undefined };
  const { pump: running, problems } = start({ ...files, inputs: [files.inputs[0]!, gone, folder, files.inputs[1]!] });
  const end = await running.ended;
  expect(exitCodeOf(end)).toBe(1);
  expect(files.written()).toBe('a\nb\n');
  expect(problems).toEqual([
    `${gone.name}: cannot open: no such file or directory`,
    `${folder.name}: cannot read: is a directory`,
  ]);
});

test('copies the stream in shadow mode, whatever the engine writes', async () => {
  const files = filesWith(['a', 'b\n']);
  const engine = new Witness();
  const { pump: running } = start({ ...files, engine, mode: 'shadow' });
  running.standDown('SIGTERM');
  await running.ended;
  expect(files.written()).toBe('a\nb\n');
  expect(engine.said).toContain('input ends');
});

test('hands on what the engine throws', async () => {
  const files = filesWith(['a\n']);
  const engine = new Witness();
  const push = (): never => {
    throw new Error('a fault of ours');
  };
  engine.source = () => ({ input: () => ({ pushFilled: push, end: () => undefined }), end: () => undefined });
  await expect(start({ ...files, engine }).pump.ended).rejects.toThrow('a fault of ours');
});

test('says what is wrong with the disk, with what the engine still held', async () => {
  const { inputs } = filesWith(['a\n']);
  const { pump: running } = start({ inputs, out: openUntilEnd('/dev/full', 'w') });
  await expect(running.ended).rejects.toThrow('stdout: cannot write: no space left on device; 7 bytes were not written');
});

/** A pipe to read from, held open by the test, and a file to write to. */
function quietPipe() {
  const path = emptyFifo();
  const fd = openUntilEnd(path, 'r+');
  const target = join(scratch(), 'out');
  return { fd, inputs: [{ name: 'stdin', fd }], out: openUntilEnd(target, 'w'), written: () => readFileSync(target, 'utf8') };
}

test('wakes the engine when something is due, and sends what it writes', async () => {
  const quiet = quietPipe();
  const engine = new Witness();
  engine.due = 100;
  const { pump: running } = start({ ...quiet, engine });
  writeSync(quiet.fd, 'line\n');
  await expect.poll(quiet.written).toBe('line\nsummary\n'); // what had arrived came first
  running.standDown('SIGINT');
  running.standDown('SIGINT');
  await running.ended;
});

test('copies on after the first signal, and ends with the number of the second', async () => {
  const quiet = quietPipe();
  const { pump: running } = start(quiet);
  running.standDown('SIGTERM');
  writeSync(quiet.fd, 'more\n');
  await expect.poll(quiet.written).toBe('held\nmore\n');
  running.standDown('SIGINT');
  const end = await running.ended;
  expect(end).toEqual({ kind: 'killed', signal: 'SIGINT', unwritten: 0 });
  expect(exitCodeOf(end)).toBe(130);
});

test('ends when the grace period of the first signal is over', async () => {
  const { pump: running } = start({ ...quietPipe(), grace: 1 });
  running.standDown('SIGTERM');
  expect(exitCodeOf(await running.ended)).toBe(143);
});

test('lets no deadline pass while a full output keeps it from reading', async () => {
  const files = filesWith(['x'.repeat(300_000)]);
  const { path, reader } = fifo();
  const engine = new Witness();
  const { pump: running } = start({ inputs: files.inputs, engine, out: openUntilEnd(path, 'r+') });
  const buffer = Buffer.alloc(1 << 16);
  await expect.poll(() => readSync(reader, buffer)).toBeGreaterThan(0);
  expect(engine.said).not.toContain('advance');
  engine.due = 100;
  running.standDown('SIGTERM'); // makes it look at what is due, if it would
  await new Promise((resolve) => setTimeout(() => setImmediate(() => setImmediate(resolve)), 5));
  expect(engine.said).not.toContain('advance');
  running.standDown('SIGTERM');
  expect(await running.ended).toMatchObject({ kind: 'killed', signal: 'SIGTERM' });
});

test('ends quietly when the reader is gone', async () => {
  const files = filesWith(['a\n']);
  const path = emptyFifo();
  const reader = openSync(path, 'r+');
  const { pump: running } = start({ inputs: files.inputs, out: openUntilEnd(path, 'w') });
  closeSync(reader);
  expect(await running.ended).toEqual({ kind: 'reader-left' });
});
