import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import type { Input } from '../../../src/engine/input.ts';
import { ROOMY, rulesOf } from '../../support/run.ts';

const RULES = rulesOf(`
version: 1
rules:
  - id: probe
    when: { msg: { contains: failed } }
    await: { success: [{ msg: ready }], within: 60s, by: [] }
    then: { level: debug }
`);

interface Stream {
  readonly input: Input;
  readonly written: () => string;
}

const FAILED = '{"level":50,"msg":"failed"}\n';
const READY = '{"level":30,"msg":"ready"}\n';
const LOWERED = '{"level":20,"msg":"failed","relevel":{"rule":"probe","was":"50","why":"success after 0 ms"}}\n';

test.each(['strict', 'relaxed'] as const)('in %s order, a noisy file drives out its own waits, and no others', (order) => {
  const engine = openEngine(RULES, { ...ROOMY, maxRecord: 0, clock: 'live', order, holdLines: 100 });
  const streams = ['quiet', 'noisy'].map((name) => {
    const written: string[] = [];
    const write = (bytes: Uint8Array, start: number, end: number): void => {
      written.push(Buffer.from(bytes.subarray(start, end)).toString());
    };
    return { input: engine.source(name).input({ write }), written };
  });
  const [quiet, noisy] = [streams[0]!, streams[1]!];
  quiet.input.push(Buffer.from(FAILED), 0);
  for (let line = 0; line < 1_000; line += 1) noisy.input.push(Buffer.from(FAILED), 0);
  // The queue is full: room for one more of the quiet file's is the noisy one's.
  quiet.input.push(Buffer.from(FAILED), 0);
  expect(quiet.written).toEqual([]);
  quiet.input.push(Buffer.from(READY), 0);
  expect(quiet.written.join('')).toBe(LOWERED + LOWERED + READY);
  expect(noisy.written.join('')).toBe(FAILED.repeat(902));
});

test('a file with ever new groups closes its own, and no others', () => {
  const rules = rulesOf(`
version: 1
rules:
  - id: repeats
    when: { msg: { starts_with: again } }
    then: { level: warn }
    repeat: { by: [], window: 10m, rest: fold }
`);
  const engine = openEngine(rules, { ...ROOMY, maxRecord: 0, clock: 'live', groups: 10 });
  const [quiet, noisy] = ['quiet', 'noisy'].map((name) => {
    let written = '';
    const write = (bytes: Uint8Array, start: number, end: number): void => {
      written += Buffer.from(bytes.subarray(start, end)).toString();
    };
    return { input: engine.source(name).input({ write }), written: () => written };
  }) as [Stream, Stream];
  const line = (of: string): Buffer => Buffer.from(`{"level":50,"msg":"again ${of}"}\n`);
  quiet.input.push(line('here'), 0);
  for (let other = 0; other < 1_000; other += 1) noisy.input.push(line(`there ${other}`), 0);
  quiet.input.push(line('here'), 0);
  expect(quiet.written().split('\n')).toHaveLength(2);
  expect(engine.counts).toMatchObject({ changed: 1_001, folded: 1, summaries: 0 });
  expect(engine.figures.openGroups).toBe(10);
});

test('a file with ever new events forgets its own, and no others', () => {
  const rules = rulesOf(`
version: 1
rules:
  - id: probe
    when: { msg: failed }
    await: { success: [{ msg: ready }], within: 1s, lookback: 10m, by: [pid] }
    then: { level: debug }
`);
  const engine = openEngine(rules, { ...ROOMY, maxRecord: 0, clock: 'live', groups: 10 });
  const sink = { write: (): void => {} };
  const [quiet, noisy] = ['quiet', 'noisy'].map((name) => engine.source(name).input(sink));
  const line = (pid: number, msg: string): Buffer => Buffer.from(`{"level":50,"pid":${pid},"msg":"${msg}"}\n`);
  quiet!.push(line(1, 'ready'), 0);
  for (let pid = 0; pid < 1_000; pid += 1) noisy!.push(line(pid, 'ready'), 0);
  quiet!.push(line(1, 'failed'), 0);
  expect(engine.counts.changed).toBe(1);
  noisy!.push(line(999, 'failed'), 0);
  noisy!.push(line(1, 'failed'), 0);
  // The one that was forgotten waits.
  expect(engine.counts).toMatchObject({ changed: 2 });
  expect(engine.figures.openWaits).toBe(1);
});
