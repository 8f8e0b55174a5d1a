import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const RULES = rulesOf(`
version: 1
rules:
  - id: probe
    when: { msg: { contains: failed } }
    await: { success: [{ msg: ready }], within: 60s, by: [] }
    then: { level: debug }
`);

const FAILED = '{"level":50,"msg":"failed"}\n';
const READY = '{"level":30,"msg":"ready"}\n';
const LOWERED = '{"level":20,"msg":"failed","relevel":{"rule":"probe","was":50,"why":"success after 0 ms"}}\n';

test.each(['strict', 'relaxed'] as const)('in %s order, a noisy file drives out its own waits, and no others', (order) => {
  const engine = new Engine(RULES, { ...ROOMY, clock: 'live', order, holdLines: 100 });
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
