import { expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import { tap } from '../../src/sidecar/tap.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

test('lends what comes in as long as somebody listens', () => {
  const rules = rulesOf('version: 1\nrules: [{ id: r, when: { msg: x }, then: { level: info } }]\n');
  const { engine, listen } = tap(openEngine(rules, { ...ROOMY, clock: 'live' }));
  const source = engine.source('s');
  let out = '';
  const input = source.input({ write: (bytes, start, end) => (out += Buffer.from(bytes.subarray(start, end)).toString()) });
  const seen: string[] = [];
  const push = (text: string): void => {
    engine.room(text.length).set(Buffer.from(text));
    input.pushFilled(text.length, 0);
  };
  push('level=error msg=x\n');
  listen((name, bytes) => seen.push(`${name} ${Buffer.from(bytes).toString()}`));
  push('level=error msg=x\n');
  listen(undefined);
  push('level=error msg=x\n');
  input.end(0);
  source.end(0);
  expect(seen).toEqual(['s level=error msg=x\n']);
  expect(out.match(/level=info/gu)).toHaveLength(3);
});
