import { setFlagsFromString } from 'node:v8';
import { compileFunction } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doOnce } from '../../src/io/compilers.ts';

beforeAll(() => setFlagsFromString('--allow-natives-syntax'));
afterAll(() => setFlagsFromString('--no-allow-natives-syntax'));

type Busy = (n: number) => number;

/** One that V8 has not seen yet. */
const newBusy = () =>
  compileFunction('let s = 0; for (let i = 0; i < 100; i++) s = (s * 31 + i * n) | 0; return s;', ['n']) as Busy;

/** Calls it for so many ms, or until it is optimized; says whether it is. */
function callFor(ms: number, busy: Busy): boolean {
  const isOptimized = compileFunction('return %ActiveTierIsTurbofan(busy);', ['busy']) as (busy: Busy) => boolean;
  for (const end = performance.now() + ms; performance.now() < end && !isOptimized(busy);) {
    for (let call = 0; call < 1000; call++) busy(call);
  }
  return isOptimized(busy);
}

const LONG = 10_000;

test('work that is done once is not optimized, but where Maglev comes first', () => {
  const busy = newBusy();
  expect(doOnce(() => callFor(500, busy))).toBe(Number.parseInt(process.versions.node, 10) >= 22);
  expect(callFor(LONG, busy)).toBe(true);
});

test('what follows is optimized as ever, also where the work has failed', () => {
  const broken = (): never => {
    throw new Error('no');
  };
  expect(() => doOnce(broken)).toThrow('no');
  expect(callFor(LONG, newBusy())).toBe(true);
});
