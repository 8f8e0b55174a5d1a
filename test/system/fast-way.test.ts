import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { createRelevel, createRelevelLines } from '../../src/index.ts';
import type { EngineFigures } from '../../src/engine/engine.ts';
import { readExposition } from '../sidecar/exposition-reader.ts';
import { PATIENCE, poll } from '../support/patience.ts';

// Lines that are like earlier ones cost a look-up. That it is so whatever is asked for is counted here, not timed.

const PROGRAM = join(import.meta.dirname, '../../dist/relevel.js');
const LIBRARY = join(import.meta.dirname, '../../dist/index.cjs');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

const COUNT = 2000;
/** Of so many lines some are the first of their kind, and some of the first have values that turn out to be new in each. */
const KNOWN = 0.9 * COUNT;

const RULES = (rest: string): string => `
version: 1
rules:
  - id: waits
    when: { msg: nobody answers }
    await: { success: [{ msg: answers }], within: 1h, by: [device] }
    then: { level: info }
  - id: repeats
    when: { level: error, msg: { contains: not supported } }
    then: { level: warn }
    repeat: { by: [device], window: 1h, rest: ${rest} }
`;

const started = Date.now();
const timeOf = (i: number): string => new Date(started - COUNT + i).toISOString();
const json = (i: number): string =>
  `{"level":"error","time":"${timeOf(i)}","request":${i},"device":"eth${i % 3}","msg":"statistics are not supported"}`;
const logfmt = (i: number): string =>
  `time=${timeOf(i)} level=error request=${i} device=eth${i % 3} msg="statistics are not supported"`;
const framed = (i: number): string => `${timeOf(i).replace('Z', '000001Z')} ${i % 4 === 0 ? 'stdout' : 'stderr'} F ${json(i)}`;
const linesOf = (line: (i: number) => string): string => Array.from({ length: COUNT }, (_, i) => `${line(i)}\n`).join('');
const WAITS = '{"level":"error","device":"kvm","msg":"nobody answers"}\n';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-fast-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A counter of the process that listens there; `undefined`: not yet. */
async function counterAt(socketPath: string, name: string): Promise<number | undefined> {
  try {
    const asked = request({ socketPath, path: '/metrics' }).end();
    const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
    return readExposition(await text(response)).get(name)!.samples[0]!.value;
  } catch {
    return undefined;
  }
}

interface Way {
  readonly line: (i: number) => string;
  readonly before?: string;
  readonly options?: readonly string[];
  readonly rest?: string;
  /** How the lines come in. */
  readonly door?: 'stdin' | 'run' | 'follow';
}

const ways: Readonly<Record<string, Way>> = {
  'with no option': { line: json },
  logfmt: { line: logfmt },
  '--archive': { line: json, options: ['--archive', '/dev/null'] },
  '--format json': { line: json, options: ['--format', 'json'] },
  '--format logfmt': { line: logfmt, options: ['--format', 'logfmt'] },
  '--no-annotate': { line: json, options: ['--no-annotate'] },
  '--shadow': { line: json, options: ['--shadow'] },
  'rest: a level': { line: json, rest: 'debug' },
  'while something waits': { line: json, before: WAITS },
  'the kubelet’s frames': { line: framed },
  'relevel run': { line: json, door: 'run' },
  'relevel follow': { line: json, door: 'follow' },
  'relevel follow, the kubelet’s frames': { line: framed, door: 'follow' },
};

test.each(Object.entries(ways))('lines that are alike are known: %s', PATIENCE, async (_, way) => {
  const { line, before = '', options = [], rest = 'fold', door = 'stdin' } = way;
  const folder = scratch();
  const [rules, input, socket] = ['rules.yaml', 'in.log', 'socket'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(rules, RULES(rest));
  writeFileSync(input, before + linesOf(line));
  const common = ['--rules', rules, '--listen', `unix:${socket}`, ...options];
  const args = {
    stdin: ['--clock', 'live', ...common],
    run: ['run', ...common, '--', '/bin/sh', '-c', `cat '${input}'; cat`],
    follow: ['follow', ...common, '--from', 'start', input],
  }[door];
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (door === 'stdin') child.stdin.write(before + linesOf(line));
  const total = before === '' ? COUNT : COUNT + 1;
  await expect.poll(() => counterAt(socket, 'relevel_received_lines_total'), poll).toBe(total);
  expect(await counterAt(socket, 'relevel_known_lines_total')).toBeGreaterThan(KNOWN);
});

interface Library {
  readonly createRelevel: typeof createRelevel;
  readonly createRelevelLines: typeof createRelevelLines;
}

/** The library as it is built, which says of its engine what a program is not told. */
const library = (): Library => createRequire(import.meta.url)(LIBRARY) as Library;
const knownBy = (stream: object): number => (stream as { readonly figures: EngineFigures }).figures.alikeLines;

const OPTIONS = { rules: { text: RULES('fold') }, source: 'test' } as const;
/** So many lines at once, as they come out of a pipe. */
const chunksOf = (line: (i: number) => string, size: number): string[] =>
  Array.from({ length: COUNT / size }, (_, n) => Array.from({ length: size }, (__, i) => `${line(n * size + i)}\n`).join(''));

test.each([json, logfmt])('lines that are alike are known: the library', (line) => {
  const stream = library().createRelevel(OPTIONS);
  stream.resume();
  for (const chunk of chunksOf(line, 50)) stream.write(chunk);
  expect(stream.counts.linesIn).toBe(COUNT);
  expect(knownBy(stream)).toBeGreaterThan(KNOWN);
});

test('lines that are alike are known: the library, by lines', () => {
  const stream = library().createRelevelLines(OPTIONS);
  stream.resume();
  for (let i = 0; i < COUNT; i += 1) stream.write(json(i));
  expect(stream.counts.linesIn).toBe(COUNT);
  expect(knownBy(stream)).toBeGreaterThan(KNOWN);
});

test('lines that are alike are known: two engines of one process, in turn', () => {
  const streams = [json, logfmt, json].map((line) => {
    const stream = library().createRelevel(OPTIONS);
    stream.resume();
    return { stream, chunks: chunksOf(line, 10) };
  });
  for (let n = 0; n < COUNT / 10; n += 1) for (const { stream, chunks } of streams) stream.write(chunks[n]!);
  for (const { stream } of streams) {
    expect(stream.counts.linesIn).toBe(COUNT);
    expect(knownBy(stream)).toBeGreaterThan(KNOWN);
  }
});
