import { setImmediate as pause, setTimeout as sleep } from 'node:timers/promises';
import { runExamples } from '../engine/examples.ts';
import type { Engine } from '../engine/engine.ts';
import type { PumpEngine } from '../io/pump-engine.ts';
import { LOCAL } from '../io/zone.ts';
import { loadRules } from '../rules/load.ts';
import '../rules/linear.ts';
import type { RulesFile } from '../rules/problem.ts';
import { escapeControls, quote, suggest } from '../rules/quote.ts';
import type { Rule, RuleSet } from '../rules/rule.ts';
import { writeAddress } from '../sidecar/address.ts';
import type { ServiceManager } from '../sidecar/notify.ts';
import { OutputWatch, type WatchedOutput } from '../sidecar/output-watch.ts';
import { Reloader, type Reload, type RulesRead } from '../sidecar/reloader.ts';
import { lookAtRules } from '../sidecar/rules-state.ts';
import type { Served, ServerOptions } from '../sidecar/server.ts';
import { swappable } from '../sidecar/swap.ts';
import { tap, type Tap } from '../sidecar/tap.ts';
import type { InputVitals, Vitals } from '../sidecar/vitals.ts';
import { detailsOf, type Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import { loadRuleSet, type RulesAsked } from '../packs/load-rules.ts';
import { findRules } from '../packs/rules-files.ts';
import type { Settings } from './settings.ts';
import { PACKS, VERSION } from '../packs/shipped.ts';
import { sayExpired, sayUnfit } from './watch.ts';

/** ms between two looks at the rules files, and at what the outputs have taken. */
const LOOK = 1_000;

/** ms, at the end, for what a service manager has not been told yet. */
const PATIENCE = 2_000;

/** How long it looks at what comes in, to tell what a rule does, and how often it may be asked. ms */
const EXPLAIN_FOR = 10_000;
const EXPLAIN_EVERY = 60_000;

export interface SidecarOptions {
  readonly settings: Settings;
  readonly placeOf: RulesAsked['placeOf'];
  /** `off`: the rules that were read first are those of the whole run. */
  readonly reload: 'on' | 'off';
  readonly host: Host;
  readonly diagnostics: Diagnostics;
}

/** What a command gives to what runs beside it. */
export interface Beside {
  readonly engine: Pick<Engine, 'adopt'> & Vitals['engine'];
  /** The engine, or what was put around it. */
  readonly outer: PumpEngine;
  /** Those in force at the start. */
  readonly ruleSet: RuleSet;
  /** Where it follows files. */
  readonly inputs: InputVitals | undefined;
  /** Where lines go: none yet, as long as nothing is open. */
  readonly outputs: () => readonly WatchedOutput[];
}

export interface Sidecar {
  /** In place of `outer`. */
  readonly engine: PumpEngine;
  /** For SIGHUP. */
  readonly reload: () => Promise<Reload>;
  /** For the service manager, where the service is ours: it does its work; it begins to end. */
  readonly ready: () => void;
  readonly stopping: () => void;
  /** Waits until it has been told so, but not for long. */
  readonly told: () => Promise<void>;
  readonly end: () => void;
}

/** To be called before the rules are first read, or a change just behind that would go unseen; then `begin` starts what runs beside. */
export async function openSidecar(options: SidecarOptions): Promise<{ readonly begin: (beside: Beside) => Promise<Sidecar> }> {
  const { settings, reload } = options;
  const files = settings.rules.filter((name) => name !== 'builtin' && !name.startsWith('builtin/'));
  const look = lookAtRules(files);
  const seen = reload === 'on' ? await look() : undefined;
  return { begin: (beside) => begin(beside, options, { look, seen, isPolling: reload === 'on' && files.length > 0 }) };
}

interface RulesFiles {
  readonly look: () => Promise<string | undefined>;
  readonly seen: string | undefined;
  readonly isPolling: boolean;
}

async function begin(
  { engine, outer: inner, ruleSet, inputs, outputs }: Beside,
  options: SidecarOptions,
  files: RulesFiles,
): Promise<Sidecar> {
  const { settings, host, diagnostics } = options;
  const tapped = settings.listen === undefined ? undefined : tap(inner);
  const outer = tapped?.engine ?? inner;
  let inForce = ruleSet;
  const swap = swappable(engine, outer, host.now);
  const reloader = new Reloader({
    look: files.look,
    seen: files.seen,
    read: () => readRules(options),
    adopt: (rules) => {
      inForce = rules;
      swap.adopt(rules);
    },
    onReload: (reload) => sayReload(reload, diagnostics),
    now: host.now,
  });
  const timer = files.isPolling ? setInterval(() => void reloader.poll(), LOOK).unref() : undefined;
  // In a pipe or around a daemon, the service is the daemon: it says itself when it is ready.
  const manager = inputs === undefined ? undefined : await managerFor(host, diagnostics);
  const reload = async (): Promise<Reload> => {
    manager?.reloading();
    try {
      return await reloader.reload();
    } finally {
      manager?.ready();
    }
  };
  const watch = new OutputWatch(outputs, host.now);
  const sampler = settings.listen === undefined ? undefined : setInterval(() => void watch.sample(), LOOK).unref();
  const served = settings.listen === undefined ? undefined : await listen(settings.listen);
  return {
    engine: files.isPolling ? swap.engine : outer,
    reload,
    ready: () => manager?.ready(),
    stopping: () => void manager?.stopping(),
    told: () => (manager === undefined ? Promise.resolve() : settled(manager.stopping())),
    end: () => {
      clearInterval(timer);
      clearInterval(sampler);
      served?.close();
    },
  };

  async function listen(address: NonNullable<Settings['listen']>): Promise<Served | undefined> {
    const onProblem = (error: Error): void => diagnostics.say('warn', error.message, detailsOf(error));
    const isReloading = options.reload === 'on';
    const vitals = {
      version: VERSION,
      pid: host.pid,
      startedAt: host.now(),
      now: host.now,
      engine,
      reloads: isReloading ? () => reloader.reloads : undefined,
      memory: () => process.memoryUsage(),
      cpu: () => process.cpuUsage(),
      inputs,
      outputs: () => watch.sample(),
    };
    try {
      const { serve } = await import('../sidecar/server.ts');
      const server = await serve({
        address,
        vitals,
        reload: isReloading ? reload : undefined,
        reloadFor: settings.allowReload ? 'all' : 'host',
        explain: explainer(tapped!, () => inForce, options), // it listens
        onProblem,
      });
      if (address.kind === 'tcp' && address.port === 0)
        diagnostics.say('info', `listens on ${writeAddress(server.address)}`, { listen: writeAddress(server.address) });
      return server;
    } catch (error) {
      // The lines matter more than the figures about them.
      diagnostics.say('error', `${(error as Error).message}; the lines pass all the same`, detailsOf(error));
      return undefined;
    }
  }
}

/** Looks at what comes in, once a minute at most. */
function explainer({ listen }: Tap, inForce: () => RuleSet, { settings, host }: SidecarOptions): ServerOptions['explain'] {
  let nextAt = -Infinity;
  return async (rule) => {
    const ids = inForce().rules.map(({ id }) => id);
    if (!ids.includes(rule))
      return { status: 404, refused: `explain: no rule has the id ${quote(rule)}${suggest(rule, ids, 'ids')}` };
    const at = host.now();
    if (at < nextAt) return { status: 429, refused: `explain: once a minute; again in ${Math.ceil((nextAt - at) / 1000)} s` };
    nextAt = at + EXPLAIN_EVERY;
    const { LiveLines } = await import('../workbench/explain/live.ts');
    const lines = new LiveLines();
    listen((source, bytes) => lines.take(source, bytes));
    await sleep(EXPLAIN_FOR, undefined, { ref: false });
    listen(undefined);
    const engine = { ...settings, clock: 'replay', order: 'relaxed', zone: LOCAL, local: LOCAL, archive: undefined } as const;
    return JSON.stringify(await lines.account(rule, { ruleSet: inForce(), settings: engine, now: host.now(), pause }));
  };
}

/** Waits for this for a moment, and keeps the process alive meanwhile: what runs may not. */
async function settled(promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([promise, patience]);
  clearTimeout(timer);
}

async function managerFor({ env, pid }: Host, diagnostics: Diagnostics): Promise<ServiceManager> {
  const { serviceManager, systemdNotify } = await import('../sidecar/notify.ts');
  const onProblem = (error: Error): void =>
    diagnostics.say('warn', `${error.message}; the service manager is told nothing`, detailsOf(error));
  return serviceManager({ env, pid, monotonic: () => process.hrtime.bigint(), tell: systemdNotify, onProblem });
}

function sayReload(reload: Reload, diagnostics: Diagnostics): void {
  if (reload.kind === 'adopted') diagnostics.say('info', `rules reloaded, ${reload.rules} in force`, { rules: reload.rules });
  if (reload.kind !== 'refused') return;
  for (const problem of reload.problems) {
    if (typeof problem === 'string') diagnostics.say('error', problem);
    else diagnostics.problem(problem);
  }
  const count = reload.problems.length;
  diagnostics.say(
    'error',
    `the changed rules were refused, ${count} problem${count === 1 ? '' : 's'}; the rules before them stay in force`,
    { problems: count },
  );
}

/** Reads the rules again, and runs their examples: what is wrong with them shall not come into force. */
async function readRules({ settings, placeOf, host, diagnostics }: SidecarOptions): Promise<RulesRead> {
  const { ruleSet, problems, faults } = await loadRuleSet({ ...settings, placeOf });
  if (ruleSet === undefined) return { kind: 'wrong', problems: [...problems, ...faults] };
  const { sources } = findRules(settings.rules, PACKS);
  const failures: string[] = [];
  for (const source of sources) if (source.kind === 'file') failures.push(...(await failuresIn(source.file, settings)));
  if (failures.length > 0) return { kind: 'wrong', problems: failures };
  sayUnfit(ruleSet, diagnostics);
  sayExpired(ruleSet, host.now(), diagnostics);
  return { kind: 'read', ruleSet };
}

/** Examples that turned out otherwise, as `relevel check` runs them. Lines get their turn between the rules. */
async function failuresIn(file: RulesFile, settings: Settings): Promise<string[]> {
  const { ruleSet } = loadRules([file]);
  const bare: readonly Rule[] = ruleSet.rules.map((rule) => ({ ...rule, examples: [] }));
  const failures: string[] = [];
  for (const [index, rule] of ruleSet.rules.entries()) {
    if (rule.examples.length === 0) continue;
    await new Promise(setImmediate);
    for (const failure of runExamples({ ...ruleSet, rules: bare.with(index, rule) }, settings)) {
      const { example, line, expected, got } = failure;
      const place = `${escapeControls(file.name)}: rule ${quote(rule.id)}, example ${quote(example)}, line ${line}`;
      failures.push(`${place}: expected ${escapeControls(expected)}, got ${escapeControls(got)}`);
    }
  }
  return failures;
}
