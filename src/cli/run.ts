import { openSync } from 'node:fs';
import { basename } from 'node:path';
import { Engine } from '../engine/engine.ts';
import { startChild, StartError, type Child, type ChildEnd } from '../io/child.ts';
import { sureEngine } from '../io/child-engine.ts';
import { openPlaces } from '../io/child-places.ts';
import { pumpChild, type ChildPump } from '../io/child-pump.ts';
import { hearSignals } from '../io/child-signals.ts';
import { fault } from '../io/fault.ts';
import type { EndSignal, PumpEngine } from '../io/pump.ts';
import { quote } from '../rules/quote.ts';
import type { RuleSet } from '../rules/rule.ts';
import { defineCommand, refuse, type Command, type CommandParts } from './command.ts';
import { detailsOf, openDiagnostics, type Diagnostics } from './diagnostics.ts';
import { isWatched, openArchive } from './filter.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { loadRuleSet, type RulesAsked, type RulesLoaded } from './load-rules.ts';
import { FILTER_OPTIONS, GRACE, LINE_FORMAT, set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { printLines } from './print.ts';
import { DEFAULTS, HIGH_WATER, settingsOf, type Asked, type Settings } from './settings.ts';
import { anyText, oneOf } from './values.ts';
import { sayExpired, watch } from './watch.ts';

interface RunAsked extends Asked {
  /** What rules that do not load mean for the command. */
  onError?: 'pass' | 'fail';
  /** A file in place of stdout and stderr. */
  output?: string;
}

const OPTIONS: readonly Option<RunAsked>[] = [
  ...FILTER_OPTIONS.flatMap((option): readonly Option<RunAsked>[] => {
    if (option.name === 'format') return [LINE_FORMAT];
    if (option !== GRACE) return [option];
    const help = `how long other processes may hold the outputs open when the command has ended (${DEFAULTS.grace / 1000}s)`;
    return [
      {
        name: 'on-error',
        value: 'what',
        help: 'where rules do not load: pass, run the command unfiltered; fail, do not run it (pass)',
        take: set('onError', oneOf('pass', 'fail')),
      },
      { name: 'output', value: 'file', help: 'append all lines to this file, of both outputs', take: set('output', anyText) },
      { ...GRACE, help },
    ];
  }),
];

const MANUAL: CommandParts<RunAsked>['manual'] = {
  name: 'run',
  summary: 'run a command, and do the same with what it writes',
  words: '-- command [arg ...]',
  about: `Runs a command, with our stdin and environment. What it writes on stdout and stderr leaves
on ours, each in its own order; for the rules both are one source, named as the command.`,
  after: `Signals are passed on, but for those of keys (Ctrl-C, Ctrl-\\, Ctrl-Z) in the foreground of a
terminal: that gives them to the command itself. A service manager that sends signals to all
processes of a service should send them to the first only (systemd: KillMode=mixed). Our
parent's choice to ignore a signal is lost: nohup belongs behind the "--".

The command has pipes, or sockets, which /dev/stdout cannot open, where there is no /bin/sh
or no /proc; of other descriptors it has none. A file of --output is kept open: rotate it by
copying and truncating.

With the process id 1, as in a container, orphans are adopted and never reaped: have an init
before it (tini, docker run --init).

Exit status: the command's, or its signal's; 127 there is no such command; 126 it cannot be
run; 2 asked wrongly, or --on-error fail, and 1 no --output: nothing was run.`,
};

/** Takes what stands before the first `--` as its own, and all behind it as the command. */
export const run: Command = {
  manual: { ...MANUAL, options: OPTIONS },
  run: (args, host) => {
    const dashes = args.indexOf('--');
    const own = dashes === -1 ? args : args.slice(0, dashes);
    const command = dashes === -1 ? [] : args.slice(dashes + 1);
    return defineCommand({
      manual: MANUAL,
      options: OPTIONS,
      blank: (): RunAsked => ({}),
      run: (parsed) => runCommand(parsed, command, host),
    }).run(own, host);
  },
};

async function runCommand(
  { asked: { onError = 'pass', output, ...asked }, words, placeOf }: Parsed<RunAsked>,
  [command, ...args]: readonly string[],
  host: Host,
): Promise<Exit> {
  const [word] = words;
  if (word !== undefined)
    return refuse([`${quote(word)}: a command belongs behind "--", as in: relevel run -- date`], 'run', host);
  if (command === undefined) return refuse(['no command is named behind "--", as in: relevel run -- date'], 'run', host);
  const settings = settingsOf(asked);
  const load = (): Promise<RulesLoaded> => loadRuleSet({ ...settings, placeOf });

  const loaded = onError === 'fail' ? await load() : undefined;
  if (loaded !== undefined && loaded.ruleSet === undefined) {
    const diagnostics = await openDiagnostics(settings.logFormat, host);
    sayProblems(loaded, diagnostics);
    await diagnostics.end();
    return REFUSED;
  }
  let file: number | undefined;
  try {
    file = output === undefined ? undefined : openSync(output, 'a');
  } catch (error) {
    await printLines([`relevel: error: ${fault(quote(output!), 'open', error).message}`], host);
    return FAILED;
  }

  const signals = hearSignals();
  try {
    // First of all, so that it waits for nothing of ours: what it writes until we read stays in its pipes.
    const child = await startChild(command, args);
    signals.tell(child);
    return await attend(child, basename(command), { settings, host, file, placeOf, load: () => loaded ?? loadAnyhow(load) });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const diagnostics = await openDiagnostics(settings.logFormat, host);
    diagnostics.say('error', error.message, detailsOf(error));
    await diagnostics.end();
    return { kind: 'code', code: error.exitCode };
  } finally {
    signals.stop();
  }
}

/** Whatever goes wrong is a problem of the rules: the command runs. */
async function loadAnyhow(load: () => Promise<RulesLoaded>): Promise<RulesLoaded> {
  try {
    return await load();
  } catch (error) {
    return { ruleSet: undefined, problems: [], faults: [`the rules cannot be loaded: ${String(error)}`] };
  }
}

function sayProblems({ problems, faults }: RulesLoaded, diagnostics: Diagnostics): void {
  for (const problem of problems) diagnostics.problem(problem);
  for (const text of faults) diagnostics.say('error', text);
}

interface Attending {
  readonly settings: Settings;
  readonly host: Host;
  /** A descriptor for all lines. */
  readonly file: number | undefined;
  readonly placeOf: RulesAsked['placeOf'];
  readonly load: () => RulesLoaded | Promise<RulesLoaded>;
}

/** Stays with a child until it has ended and all that it wrote has been written. */
async function attend(child: Child, name: string, around: Attending): Promise<Exit> {
  const { settings, host, file } = around;
  const places = openPlaces({ ...host, file, highWater: HIGH_WATER });
  const diagnostics = await openDiagnostics(settings.logFormat, host, places.stderr);
  const ours = await openOurs(name, around, diagnostics);
  const [stdout, stderr] = child.streams;
  const pump = pumpChild({
    name,
    streams: [
      { stream: stdout, to: places.out },
      { stream: stderr, to: places.err },
    ],
    engine: ours.engine,
    now: host.now,
    mode: settings.shadow ? 'shadow' : 'filter',
    onProblem: (error) => diagnostics.say('error', error.message, detailsOf(error)),
  });

  const end = await child.ended;
  const forced = whenForced(pump, settings, host);
  const patience = setTimeout(() => {
    if (pump.letGo())
      diagnostics.say(
        'warn',
        `${name} has ended, but other processes hold its outputs open: what they write from now on is lost`,
      );
  }, settings.grace);
  const written = pump.ended.then(async () => {
    clearTimeout(patience);
    await ours.end();
    await places.end((error) => diagnostics.say('error', error.message, detailsOf(error)));
  });
  const signal = await Promise.race([written, forced.signal]);
  forced.stop();
  clearTimeout(patience);
  if (signal === undefined) return exitOf(end);
  return { kind: 'killed', signal, unwritten: places.waiting() };
}

function exitOf(end: ChildEnd): Exit {
  return end.kind === 'exited' ? { kind: 'code', code: end.code } : end;
}

/**
 * Signals that come when the child has ended are for us. The first has us let go of streams that others hold open; a
 * second, or the grace period, ends us though a reader has not taken all.
 */
function whenForced(pump: ChildPump, { grace }: Settings, host: Host) {
  let timer: NodeJS.Timeout | undefined;
  const signal = new Promise<EndSignal>((resolve) => {
    host.onSignal((each) => {
      if (timer !== undefined) return resolve(each);
      pump.letGo();
      timer = setTimeout(() => resolve(each), grace);
    });
  });
  return { signal, stop: () => clearTimeout(timer) };
}

/** What a child's lines go through. */
interface Ours {
  readonly engine: PumpEngine;
  /** Says what is to be said at the end. */
  readonly end: () => Promise<void>;
}

const NO_RULES: RuleSet = { protect: [], rules: [] };

/** Whatever is wrong with our rules, the command has its lines copied; rules that are mended are taken as any that change. */
async function openOurs(name: string, around: Attending, diagnostics: Diagnostics): Promise<Ours> {
  const { settings, host, placeOf, load } = around;
  const clock = settings.clock === 'replay' ? 'replay' : 'live';
  const reload = clock === 'live' ? 'on' : 'off';
  const beside = isWatched(settings, clock)
    ? await (await import('./sidecar.ts')).openSidecar({ settings, placeOf, reload, host, diagnostics })
    : undefined;
  const loaded = await load();
  if (loaded.ruleSet === undefined) {
    sayProblems(loaded, diagnostics);
    diagnostics.say('error', `${name} runs unfiltered: each line leaves as it comes; to not run it then, say --on-error fail`);
  }
  const ruleSet = loaded.ruleSet ?? NO_RULES;
  if (clock === 'live') sayExpired(ruleSet, host.now(), diagnostics);
  const archive = openArchive(settings, host, diagnostics);
  const engine = new Engine(ruleSet, { ...settings, clock, archive });
  const sure = sureEngine(engine, (error, kept) => {
    const lost = kept > 0 ? `; ${kept} lines that were held are lost` : '';
    const where = error instanceof Error ? (error.stack ?? error.message) : String(error);
    diagnostics.say('error', `the engine failed, from now on each line leaves as it comes${lost}; please report this: ${where}`);
  });
  const watched = watch(sure, { settings, now: host.now, diagnostics });
  const sidecar = await beside?.begin({ engine, outer: watched.engine, inputs: undefined });
  return {
    engine: sidecar?.engine ?? watched.engine,
    end: async () => {
      sidecar?.end();
      archive?.close();
      watched.end();
      if (!settings.summary) return;
      const { reportOf } = await import('./report.ts');
      const { title, table, details } = reportOf(engine.counts, settings.shadow ? 'shadow' : 'filter');
      diagnostics.table(title, table, details);
    },
  };
}
