import type { EngineSettings } from '../engine/settings.ts';
import type { PumpEngine } from '../io/pump-engine.ts';
import { LOCAL } from '../io/zone.ts';
import { UTC } from '../record/zone.ts';
import type { RuleSet } from '../rules/rule.ts';
import type { Finding } from '../workbench/lint/finding.ts';
import { NeverLowered } from '../workbench/lint/never.ts';
import { Sample, type Sampled } from '../workbench/lint/sample.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import { inputsOf } from './inputs.ts';
import { move } from './move.ts';
import { progressOn } from './progress.ts';
import { DEFAULTS, type Settings } from './settings.ts';

/** What logs are read with. */
interface Asked {
  readonly ruleSet: RuleSet;
  readonly order: Settings['order'];
  readonly host: Host;
  readonly diagnostics: Diagnostics;
}

/** Lines of logs that must stay, and do not; `undefined`, if a log cannot be read, which is said. */
export async function loweredIn(logs: readonly string[], asked: Asked): Promise<Finding[] | undefined> {
  if (logs.length === 0) return [];
  const never = new NeverLowered(asked.ruleSet, settingsFor('relaxed'));
  if (!(await areRead(logs, never.engine, () => never.linesRead, asked))) return undefined;
  return never.lowered.map(({ source, line, rule, text, isFolded }) => ({
    code: 'lowers-what-must-stay',
    severity: 'error',
    file: source,
    line,
    column: 1,
    rule,
    message: `this line must stay, and is ${isFolded ? 'collapsed into a summary' : 'lowered'}: ${text}`,
    remedy: 'narrow the rule',
  }));
}

/** What the rules would do in logs; `undefined`, if a log cannot be read, which is said. */
export async function sampleOf(logs: readonly string[], asked: Asked): Promise<Sampled | undefined> {
  const sample = new Sample(asked.ruleSet, settingsFor(asked.order));
  return (await areRead(logs, sample.engine, () => sample.linesRead, asked)) ? sample.result() : undefined;
}

const settingsFor = (order: Settings['order']): EngineSettings => ({
  ...DEFAULTS,
  clock: 'replay',
  order,
  zone: UTC,
  local: LOCAL,
  archive: undefined,
});

async function areRead(
  logs: readonly string[],
  engine: PumpEngine,
  linesRead: () => number,
  { host, diagnostics }: Asked,
): Promise<boolean> {
  const progress = progressOn(engine, linesRead, host);
  const exit = await move(inputsOf(logs, host.stdin), progress.engine, DEFAULTS, host, diagnostics);
  progress.end();
  return exit.kind === 'done' && exit.unread === 0;
}
