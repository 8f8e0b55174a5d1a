import { openEngine } from '../engine/engine.ts';
import { KernelError } from '../kernel/instance.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { sureEngine, type ProcessEnd } from '../io/child/engine.ts';
import type { Outgoing } from '../io/output/output.ts';
import type { PumpEngine } from '../io/pump-engine.ts';
import type { RuleSet } from '../rules/rule.ts';
import { sayProblems, type Diagnostics } from './diagnostics.ts';
import { isWatched, openArchive } from './filter.ts';
import type { Host } from './host.ts';
import { loadRuleSet, type RulesAsked, type RulesLoaded } from '../packs/load-rules.ts';
import { openHint } from './open-hint.ts';
import { openShadows } from './shadows.ts';
import type { Settings } from './settings.ts';
import { sayUnknownVariables } from './variables.ts';
import { sayExpired, sayUnfit, watch } from './watch.ts';
import { sayOrder, zoneFor } from './zone.ts';
import { LOCAL } from '../io/zone.ts';

/** What was got ready before the command was started. */
export interface LoadedBefore extends RulesLoaded {
  readonly kernel: Kernel;
}

export interface RunRulesOptions {
  /** How the command is called. */
  readonly name: string;
  readonly settings: Settings;
  readonly placeOf: RulesAsked['placeOf'];
  /** Where they were loaded already. */
  readonly loaded: LoadedBefore | undefined;
  readonly outputs: readonly Outgoing[];
  readonly host: Host;
  readonly diagnostics: Diagnostics;
}

/** What a child's lines go through. */
export interface RunRules {
  readonly engine: PumpEngine;
  readonly process: ProcessEnd;
  /** Says what is to be said at the end. */
  readonly end: () => Promise<void>;
}

const NO_RULES: RuleSet = { protect: [], rules: [] };

/** Whatever is wrong with our rules, the command has its lines copied; rules that are mended are taken as any that change. */
export async function openRules({
  name,
  settings,
  placeOf,
  loaded,
  outputs,
  host,
  diagnostics,
}: RunRulesOptions): Promise<RunRules> {
  const clock = settings.clock === 'auto' ? 'live' : settings.clock;
  const reload = clock === 'live' ? 'on' : 'off';
  const beside = isWatched(settings, clock)
    ? await (await import('./sidecar.ts')).openSidecar({ settings, placeOf, reload, host, diagnostics })
    : undefined;
  const found = loaded ?? (await loadAnyhow({ ...settings, placeOf }));
  if (found.ruleSet === undefined) {
    sayProblems(found, diagnostics);
    diagnostics.say('error', `${name} runs unfiltered: each line leaves as it comes; to not run it then, say --on-error fail`);
  }
  const ruleSet = found.ruleSet ?? NO_RULES;
  await sayUnknownVariables(host, diagnostics);
  sayUnfit(ruleSet, diagnostics);
  if (clock === 'live') sayExpired(ruleSet, host.now(), diagnostics);
  const archive = openArchive(settings, host, diagnostics);
  const shadowing = await openShadows(settings, host, diagnostics);
  sayOrder(clock, diagnostics);
  const zone = zoneFor(clock, diagnostics);
  const parts = { draft: found.draft, kernel: loaded?.kernel, ...shadowing.parts };
  const engine = openEngine(ruleSet, { ...settings, clock, zone, local: LOCAL, archive }, parts);
  const sure = sureEngine(engine, (error, kept) => {
    const lost = kept > 0 ? `; ${kept} lines that were held are lost` : '';
    if (error instanceof KernelError) {
      diagnostics.say('error', `${error.message}; until then ${name} runs unfiltered: each line leaves as it comes`);
      return;
    }
    const where = error instanceof Error ? (error.stack ?? error.message) : String(error);
    diagnostics.say('error', `the engine failed, from now on each line leaves as it comes${lost}; please report this: ${where}`);
  });
  const watched = watch(sure, { settings, now: host.now, diagnostics });
  const sidecar = await beside?.begin({ engine, outer: watched.engine, ruleSet, inputs: undefined, outputs: () => outputs });
  const inner = sidecar?.engine ?? watched.engine;
  const hinted =
    found.ruleSet && (await openHint(inner, { counts: engine.counts, settings, ruleSet, files: [], host, diagnostics }));
  return {
    engine: hinted?.engine ?? inner,
    process: sure,
    end: async () => {
      sidecar?.end();
      archive?.close();
      shadowing.close();
      watched.end();
      hinted?.end();
      if (!settings.summary) return;
      const { reportOf } = await import('./report.ts');
      const { title, table, details } = reportOf(engine.counts, settings.shadow ? 'shadow' : 'filter');
      diagnostics.table(title, table, details);
    },
  };
}

/** Whatever goes wrong is a problem of the rules: the command runs. */
async function loadAnyhow(asked: RulesAsked): Promise<RulesLoaded> {
  try {
    return await loadRuleSet(asked);
  } catch (error) {
    return { ruleSet: undefined, problems: [], faults: [`the rules cannot be loaded: ${String(error)}`] };
  }
}
