import { openEngine } from '../engine/engine.ts';
import { FollowOutput } from '../io/follow/output.ts';
import { globOf } from '../io/follow/glob.ts';
import { follow as followFiles, type Follow } from '../io/follow/follow.ts';
import type { EndSignal } from '../io/end-signals.ts';
import { kindOf } from '../io/input/kinds.ts';
import { HIGH_WATER, OutputError } from '../io/output/output.ts';
import { OwnFiles, type OwnFile } from '../io/own-files.ts';
import { quote } from '../rules/quote.ts';
import { defineCommand, refuse } from './command.ts';
import { sayProblems, detailsOf } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { openArchive } from './filter.ts';
import { claimCheckpoint, namesOf, type CheckpointClaim } from './follow-checkpoint.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import { clashOf, openPeer, sayUndelivered } from './open-output.ts';
import { FILTER_OPTIONS, LINE_FORMAT, set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { openHint } from './open-hint.ts';
import { openShadows } from './shadows.ts';
import { settingsOf, type Asked, type Settings } from './settings.ts';
import { age, anyText, duration, oneOf, yesOrNo } from './values.ts';
import { sayUnknownVariables } from './variables.ts';
import { sayExpired, sayNoExits, sayUnfit, watch } from './watch.ts';
import { zoneFor } from './zone.ts';
import { LOCAL } from '../io/zone.ts';

/** ms between two looks at what an operator may want to mend. */
const CONCERN = 60_000;

/** What is said of following, beside what can be said of the filter. */
interface FollowSettings {
  readonly from: 'start' | 'end' | 'checkpoint';
  readonly checkpoint: string | undefined;
  readonly checkpointInterval: number;
  readonly ignoreCheckpoint: boolean;
  readonly interval: number;
  readonly rotateWait: number;
  readonly exclude: readonly string[];
  readonly followLinks: boolean;
  readonly ignoreOlder: number;
}

type FollowAsked = Asked & { -readonly [Key in keyof FollowSettings]?: FollowSettings[Key] };

const FOLLOW_DEFAULTS = { checkpointInterval: 1_000, ignoreCheckpoint: false, interval: 200, rotateWait: 5_000 };

const OPTIONS: readonly Option<FollowAsked>[] = [
  {
    name: 'checkpoint',
    value: 'file',
    help: 'keep in this file where each file stands, so that a restart, also after a kill, loses no line',
    take: set('checkpoint', anyText),
  },
  {
    name: 'from',
    value: 'place',
    help: 'where to begin files that are there at the start and that no checkpoint knows: start, end (default: start with --checkpoint, else end); checkpoint is start, and wants --checkpoint',
    take: set('from', oneOf('start', 'end', 'checkpoint')),
  },
  {
    name: 'ignore-checkpoint',
    help: 'begin anew, as if the checkpoint knew no file; it is overwritten',
    take: set('ignoreCheckpoint', yesOrNo),
  },
  {
    name: 'checkpoint-interval',
    value: 'duration',
    help: 'time between two checkpoints (default: 1s)',
    take: set('checkpointInterval', duration),
  },
  {
    name: 'interval',
    value: 'duration',
    help: 'time between two looks at the files (default: 200ms)',
    take: set('interval', duration),
  },
  {
    name: 'rotate-wait',
    value: 'duration',
    help: 'how long a deleted file, or one that was rotated twice, stays open after it last grew (default: 5s)',
    take: set('rotateWait', duration),
  },
  {
    name: 'exclude',
    value: 'glob',
    repeatable: true,
    help: 'do not follow files, or look into folders, that match; a glob without a "/" matches names in any folder',
    take: (asked, text) => {
      if (text === '') return anyText.expected;
      asked.exclude = [...(asked.exclude ?? []), text];
      return undefined;
    },
  },
  {
    name: 'ignore-older',
    value: 'duration',
    help: 'of a file that had not changed for so long when it was found, follow only what is written from then on',
    take: set('ignoreOlder', age),
  },
  {
    name: 'follow-links',
    help: 'follow links also out of folders that others than root and relevel may write',
    take: set('followLinks', yesOrNo),
  },
  ...FILTER_OPTIONS.filter(({ name }) => name !== 'clock' && name !== 'records').map((option) =>
    option.name === 'format' ? LINE_FORMAT : option,
  ),
];

/** Follows files as they grow and are rotated. */
export const follow = defineCommand<FollowAsked>({
  manual: {
    name: 'follow',
    summary: 'follow files as they grow and are rotated',
    words: '<glob ...>',
    about: `Follows files as they appear, grow, are renamed, truncated, copied and truncated, replaced
or deleted, and writes their lines to stdout, with true severities. Each path is a source
of its own. A glob has *, ?, [a-z], {a,b}, and ** for any number of folders; quote it. Its own
output, archive and checkpoint are left out, and so are compressed files.

Lines are judged inside the envelopes of container runtimes and behind syslog's headers; pieces
of one line, which a runtime has cut up, as one. They are waited for a second at most.`,
    examples: [
      ["relevel follow '/var/log/app/*.log'", 'lines from now on'],
      ["relevel follow --checkpoint app.pos '/var/log/app/*.log'", 'a restart loses no line'],
      ["relevel follow --output tcp://collector:5170 '/var/log/*.log'", 'to a collector'],
    ],
    after: `With --checkpoint, a process that is killed at any instant loses no line. Lines that it wrote
after its last checkpoint are written again: those read in about a second, of 32 MiB at
most, and those that were held. A damaged checkpoint is set aside, and all is read from the
start; a file that is no checkpoint of relevel is left alone, and is a usage error. One process
at a time uses a checkpoint: a second one waits for --grace, then ends with 1.

On the first SIGTERM, SIGINT or other signal that would end it, relevel reads what is there, and
releases what is held, unchanged; open groups and an unfinished last line are left to the next
start by the checkpoint, and without one are written. A second signal ends it at once.

SIGUSR1 has --output open its file anew. SIGHUP has the rules read again.

A rotated file is looked for beside the one that is followed, as name.1, name-20261121 or
name-20261121.log, and one that was read before under any name there. What is compressed, moved
elsewhere or deleted before relevel could open it is lost, and so is what was written between a
copy and a truncation. Where relevel can tell, it says so. After a truncation, 4096 NULs and
more at the start of a line are a hole: relevel skips them, and says how many.

Exit status: 0 ended by a first signal, or the reader of a pipe on stdout went away; 1 failed
while running, or any other reader went away; 2 asked wrongly; 128 + n ended early by signal n.`,
  },
  options: OPTIONS,
  blank: () => ({}),
  run: runFollow,
});

async function runFollow({ asked, words, placeOf }: Parsed<FollowAsked>, host: Host): Promise<Exit> {
  const problems = problemsOf(asked, words);
  if (problems.length > 0) return refuse(problems, 'follow', host);
  const settings = settingsOf(asked);
  const own = new OwnFiles(ownFilesOf(settings, asked.checkpoint, host));
  const loops = loopsOf(words, own);
  if (loops.length > 0) return refuse(loops, 'follow', host);
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const { openSidecar } = await import('./sidecar.ts');
  const beside = await openSidecar({ settings, placeOf, reload: 'on', host, diagnostics });
  const rules = await loadRuleSet({ ...settings, placeOf });
  if (rules.ruleSet === undefined) {
    sayProblems(rules, diagnostics);
    await diagnostics.end();
    return REFUSED;
  }
  await sayUnknownVariables(host, diagnostics);
  sayUnfit(rules.ruleSet, diagnostics);
  sayNoExits(rules.ruleSet, diagnostics);
  sayExpired(rules.ruleSet, host.now(), diagnostics);
  let onLost: (() => void) | undefined;
  // SIGHUP asks for a reload, and the rules have just been read.
  let onSignal: (signal: EndSignal) => void = (signal) => void (signal === 'SIGHUP' || waiting.abort());
  const waiting = new AbortController();
  host.onSignal((signal) => onSignal(signal));
  // Before anything listens: a process that this one takes over from may still do so.
  const claimed = await claim();
  if (claimed?.kind === 'over') {
    await diagnostics.end();
    return claimed.exit;
  }
  const archive = openArchive(settings, host, diagnostics);
  const shadowing = await openShadows(settings, host, diagnostics);
  const engine = openEngine(
    rules.ruleSet,
    { ...settings, clock: 'live', zone: zoneFor('live', diagnostics), local: LOCAL, archive, mayBeCutAnywhere: true },
    { draft: rules.draft, ...shadowing.parts },
  );
  const watched = watch(engine, { settings, now: host.now, diagnostics });
  let followed: Follow | undefined;
  let output: FollowOutput | undefined;
  const sidecar = await beside.begin({
    engine,
    outer: watched.engine,
    ruleSet: rules.ruleSet,
    inputs: {
      failing: () => followed?.failing() ?? [],
      outputTrouble: () => followed?.outputTrouble(),
      lagBytes: () => followed?.lagBytes() ?? 0,
      checkpointAt: () => followed?.checkpointAt(),
    },
    outputs: () => (output === undefined ? [] : [output]),
  });
  const hinted = await openHint(sidecar.engine, {
    counts: engine.counts,
    settings,
    ruleSet: rules.ruleSet,
    files: words,
    host,
    diagnostics,
  });
  const concern = setInterval(watched.end, CONCERN).unref();
  const exit = await run(claimed?.claim);
  claimed?.claim.release();
  clearInterval(concern);
  sidecar.end();
  archive?.close();
  shadowing.close();
  watched.end();
  hinted?.end();
  if (settings.summary) {
    const { reportOf } = await import('./report.ts');
    const { title, table, details } = reportOf(engine.counts, settings.shadow ? 'shadow' : 'filter');
    diagnostics.table(title, table, details);
  }
  await sidecar.told();
  await diagnostics.end();
  return exit;

  async function claim() {
    const { checkpoint: path } = asked;
    if (path === undefined) return undefined;
    return claimCheckpoint({ path, settings, host, diagnostics, signal: waiting.signal, onLost: () => onLost?.() });
  }

  async function run(checkpoint: CheckpointClaim | undefined): Promise<Exit> {
    const { checkpointInterval, ignoreCheckpoint, interval, rotateWait } = { ...FOLLOW_DEFAULTS, ...asked };
    const from = asked.from ?? (checkpoint === undefined ? 'end' : 'start');
    try {
      const known = checkpoint?.resume();
      const resumed = ignoreCheckpoint ? undefined : known;
      const { output: where } = settings;
      const peer = where === undefined || where.kind === 'file' ? undefined : await openPeer(where, diagnostics);
      const to = where?.kind === 'file' ? where.path : (peer ?? host.stdout);
      output = new FollowOutput({
        to,
        highWater: HIGH_WATER,
        now: host.now,
        onTrouble: (error) => diagnostics.say('error', error.message, detailsOf(error)),
        onNote: (message) => diagnostics.say('warn', message),
        onRecovery: (message) => diagnostics.say('info', message),
      });
      const clash = clashOf([], settings, host);
      if (clash !== undefined) {
        diagnostics.say('error', clash);
        return REFUSED;
      }
      const following = followFiles({
        globs: words.map(globOf),
        engine,
        outer: hinted?.engine ?? sidecar.engine,
        output,
        now: host.now,
        mode: settings.shadow ? 'shadow' : 'filter',
        interval,
        rotateWait,
        from: from === 'checkpoint' ? 'start' : from,
        resumed,
        checkpoint: checkpoint && { path: checkpoint.path, every: checkpointInterval, isOurs: checkpoint.isOurs },
        grace: settings.grace,
        onProblem: (error) => diagnostics.say('error', error.message, detailsOf(error)),
        onLost: (message) => diagnostics.say('warn', message),
        exclude: (asked.exclude ?? []).map(globOf),
        own,
        ignoreOlder: asked.ignoreOlder,
        followLinks: asked.followLinks ?? false,
        onNote: (message) => diagnostics.say('warn', message),
        onRecovery: (message) => diagnostics.say('info', message),
        onHole: (path, bytes) =>
          diagnostics.say('warn', `${path}: skipped ${bytes} NUL bytes: a hole that its writer left after a truncation`),
        onNothing: (pattern) => diagnostics.say('warn', `${pattern}: there is no such file yet; it is waited for`),
      });
      followed = following;
      onSignal = (signal) => {
        if (signal === 'SIGHUP') return void sidecar.reload();
        sidecar.stopping();
        following.stop(signal);
      };
      if (waiting.signal.aborted) onSignal('SIGTERM');
      process.on('SIGUSR1', following.reopen);
      sidecar.ready();
      let isLost = false;
      onLost = () => {
        isLost = true;
        // What was not written is read again from the checkpoint, by who has it now.
        following.stop('SIGTERM');
        following.stop('SIGTERM');
      };
      const end = await following.ended;
      if (isLost) {
        diagnostics.say('error', `${checkpoint!.path}: another process has taken the checkpoint over, and goes on from it`);
        return FAILED;
      }
      if (end.kind === 'killed' && peer !== undefined) return sayUndelivered(peer, end.signal, diagnostics) ? FAILED : end;
      if (end.kind === 'reader-left' && !(where === undefined && kindOf(host.stdout) === 'pipe')) {
        diagnostics.say('error', output.failure!.message, detailsOf(output.failure));
        return FAILED;
      }
      if (end.kind === 'killed') diagnostics.say('warn', `ended by ${end.signal} before all was written${lossOf(end)}`);
      return end;
    } catch (error) {
      if (!(error instanceof OutputError || (error instanceof Error && error.cause !== undefined))) throw error;
      diagnostics.say('error', error.message, detailsOf(error));
      return FAILED;
    }
  }
}

/** What this process writes to, regular file or not. */
function ownFilesOf({ output, archive, shadowLog }: Settings, checkpoint: string | undefined, { stdout }: Host): OwnFile[] {
  const files: OwnFile[] = [];
  if (output === undefined) files.push({ role: 'output', at: stdout });
  else if (output.kind === 'file') files.push({ role: 'output', at: output.path });
  if (archive !== undefined) files.push({ role: 'archive', at: archive });
  if (shadowLog !== undefined) files.push({ role: 'shadow log', at: shadowLog });
  if (checkpoint !== undefined) for (const at of namesOf(checkpoint)) files.push({ role: 'checkpoint', at });
  return files;
}

/** Where all that is named is its own: a shell that expanded a glob may name some of it beside others. */
function loopsOf(words: readonly string[], own: OwnFiles): string[] {
  const roles = words.map((word) => (globOf(word).isLiteral ? own.roleOf(word) : undefined));
  if (!roles.every((role) => role !== undefined)) return [];
  return words.map((word, i) => `${word}: is the ${roles[i]!} of this relevel; it would follow what it writes`);
}

function problemsOf(asked: FollowAsked, words: readonly string[]): string[] {
  const { from, checkpoint, checkpointInterval, ignoreCheckpoint, interval } = asked;
  const problems: string[] = [];
  if (words.length === 0) problems.push("<glob ...> is missing: which files to follow, such as '/var/log/app/*.log'");
  for (const word of [...words, ...(asked.exclude ?? [])]) {
    try {
      globOf(word);
    } catch (error) {
      const why = error instanceof SyntaxError ? 'the characters in [...] are no range' : (error as Error).message;
      problems.push(`${quote(word)}: ${why}`);
    }
  }
  if (from === 'checkpoint' && checkpoint === undefined) problems.push('--from checkpoint: --checkpoint <file> is missing');
  if (ignoreCheckpoint === true && checkpoint === undefined) problems.push('--ignore-checkpoint: --checkpoint <file> is missing');
  for (const [name, value] of Object.entries({ checkpointInterval, interval }))
    if (value === 0) problems.push(`${name === 'interval' ? '--interval' : '--checkpoint-interval'}: 0 is no time to wait`);
  return problems;
}

const lossOf = ({ unwritten, unreadBytes = 0 }: { readonly unwritten: number; readonly unreadBytes?: number }): string =>
  (unwritten > 0 ? `; ${unwritten} bytes were not written` : '') +
  (unreadBytes > 0 ? `; ${unreadBytes} bytes of the files were not read` : '');
