// Ends as the program does, while V8's compilers are at work beside it and find no room. Says `compiling` when it gets there.
import { writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { compileFunction, runInNewContext } from 'node:vm';
import { exitWith } from '../../src/io/leave.ts';
import { spareFromNow } from '../../src/io/memory.ts';

/** How many functions are compiled: about as many as can be waiting at once. */
const FUNCTIONS = 25;
/** In each of them. */
const STATEMENTS = 300;
/** Bytes that belong to no object of V8's, and count as if they did: twice the room that it has after a collection. */
const OUTSIDE = 8 << 20;

type Busy = (a: number, b: Readonly<Record<string, number>>) => number;
/** A function of V8's own, which only its syntax for tests can name. */
const native = (call: string) => compileFunction(`%${call};`, ['busy']) as (busy: Busy) => void;

spareFromNow();
setFlagsFromString('--allow-natives-syntax');
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const prepare = native('PrepareFunctionForOptimization(busy)');
const optimize = native('OptimizeFunctionOnNextCall(busy, "concurrent")');

const fields = { x0: 1, x1: 2, x2: 3, x3: 4, x4: 5, x5: 6, x6: 7 };
const functions = Array.from({ length: FUNCTIONS }, (_, i) => {
  const statement = (j: number) => `s = (s + a * ${j} + b.x${j % 7}) | 0; if (s === ${i}) s = mix(s, ${j});`;
  const statements = Array.from({ length: STATEMENTS }, (_element, j) => statement(j));
  const code = `const mix = (x, y) => x ^ y; let s = 0; ${statements.join(' ')} return s;`;
  const busy = compileFunction(code, ['a', 'b']) as Busy;
  prepare(busy);
  for (let call = 0; call < 20; call++) busy(call, fields);
  return busy;
});
collect();
const outside = [new ArrayBuffer(OUTSIDE / 2), new ArrayBuffer(OUTSIDE / 2)];
for (const busy of functions) {
  optimize(busy);
  busy(outside.length, fields);
}
writeSync(1, 'compiling\n');
exitWith(0);
