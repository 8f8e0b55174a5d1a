import { expect, test } from 'vitest';
import { pushBytes } from '../../src/io/pump-engine.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { swappable } from '../../src/sidecar/swap.ts';
import { ROOMY, rulesOf } from '../support/run.ts';
import { line, RULES } from './vitals.ts';

function swapping() {
  const inner = openEngine(rulesOf(RULES), { ...ROOMY, clock: 'live' });
  const { engine, adopt } = swappable(inner, inner, () => 100);
  const written: string[] = [];
  const input = engine
    .source('test')
    .input({ write: (bytes, start, end) => written.push(Buffer.from(bytes.subarray(start, end)).toString()) });
  return { inner, engine, adopt, input, written };
}

test('the next chunk is judged by other rules', () => {
  const { engine, adopt, input, written } = swapping();
  pushBytes(engine, input, Buffer.from(line('failed')), 100);
  adopt({ protect: [], rules: [] });
  expect(written).toEqual([]);
  pushBytes(engine, input, Buffer.from(line('again')), 101);
  expect(written.join('')).toBe(line('failed') + line('again'));
  expect(engine.nextDue()).toBe(100 + 1000);
});

test('a silent stream takes them when the timer turns', () => {
  const { inner, engine, adopt, input, written } = swapping();
  expect(engine.nextDue()).toBe(100 + 1000);
  pushBytes(engine, input, Buffer.from(line('failed')), 100);
  adopt({ protect: [], rules: [] });
  expect(engine.nextDue()).toBe(-Infinity);
  engine.advance(1100);
  expect(written.join('')).toBe(line('failed'));
  expect(inner.plan.rules).toEqual([]);
});
