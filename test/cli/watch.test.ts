import { join } from 'node:path';
import { pushBytes } from '../../src/io/pump-engine.ts';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/cli/settings.ts';
import { watch } from '../../src/cli/watch.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const RULES = rulesOf(readFileSync(join(import.meta.dirname, 'rules.yaml'), 'utf8'));
const SLOW = Buffer.from('{"level":50,"pid":7,"msg":"Error creating MSHV"}\n');

test('says soon that the queue is full, then once a minute, and the rest at the end', () => {
  const said: string[] = [];
  let now = 0;
  const nothing = (): void => {};
  const { engine, end } = watch(openEngine(RULES, { ...ROOMY, clock: 'live', holdLines: 1 }), {
    settings: DEFAULTS,
    now: () => now,
    diagnostics: {
      say: (_severity, message) => said.push(`${now / 1000}s ${message.split(';')[0]}`),
      problem: nothing,
      table: nothing,
      end: async () => {},
    },
  });
  const input = engine.source('test').input({ write: nothing });
  for (now = 0; now <= 65_000; now += 500) pushBytes(engine, input, SLOW, now);
  end();
  expect(said).toEqual([
    '1s the hold queue was full: 2 lines were released unchanged',
    '61s the hold queue was full: 120 lines were released unchanged',
    '65.5s the hold queue was full: 8 lines were released unchanged',
  ]);
});
