import { openEngine, type Engine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import type { Vitals } from '../../src/sidecar/vitals.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

export const RULES = `version: 1
rules:
  - id: waits
    when: { msg: failed }
    await: { success: [{ msg: ready }], within: 1m, by: [pid] }
    then: { level: debug }
  - id: folds
    when: { msg: again }
    then: { level: info }
    repeat: { by: [], window: 1h, rest: fold }
`;

/** Vitals of an engine of its own, whose clock stands at 100 s. */
export function vitalsOf(
  rules = RULES,
  settings: Partial<EngineSettings> = {},
  more: Partial<Vitals> = {},
): { readonly vitals: Vitals; readonly engine: Engine; readonly push: (text: string, now: number) => void } {
  const engine = openEngine(rulesOf(rules), { ...ROOMY, maxRecord: 0, clock: 'live', ...settings });
  const input = engine.source('test').input({ write: () => {} });
  const vitals: Vitals = {
    version: '1.2.3',
    pid: 7,
    startedAt: 40_000,
    now: () => 100_000,
    engine,
    reloads: () => ({ adopted: 2, refused: 1, last: { kind: 'adopted', rules: 2 }, adoptedAt: 90_000 }),
    memory: () => ({ rss: 50_000_000, heapTotal: 0, heapUsed: 8_000_000, external: 1_000_000, arrayBuffers: 0 }),
    cpu: () => ({ user: 1_500_000, system: 500_000 }),
    inputs: undefined,
    outputs: () => [],
    ...more,
  };
  return { vitals, engine, push: (text, now) => input.push(Buffer.from(text), now) };
}

export const line = (msg: string): string => `{"level":50,"pid":1,"msg":"${msg}"}\n`;
