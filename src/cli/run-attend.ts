import { HIGH_WATER } from '../io/output/output.ts';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, ChildEnd } from '../io/child/child.ts';
import { openPlaces } from '../io/child/places.ts';
import { pumpChild, type ChildPump } from '../io/child/pump.ts';
import { endSignals, type EndSignal } from '../io/end-signals.ts';
import { detailsOf } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { FAILED, type Exit, type Host } from './host.ts';
import { openPeer, sayUndelivered } from './open-output.ts';
import { type LoadedBefore, openRules } from './run-rules.ts';
import type { RunParsed } from './run-asked.ts';
import { settingsOf, type Settings } from './settings.ts';

/** ms that our last words may take, and between two looks whether they are out. */
const LAST_WORDS = 100;
const NAP = 5;

export interface Attending {
  readonly parsed: RunParsed;
  readonly host: Host;
  /** A file that takes all lines. */
  readonly file: { readonly path: string; readonly fd: number | undefined } | undefined;
  /** Where rules were loaded before the child was started. */
  readonly loaded: LoadedBefore | undefined;
  /** Signals that the child has from us, or that came to both of us. */
  readonly heard: ReadonlySet<NodeJS.Signals>;
}

/** Stays with a child until it has ended and all that it wrote has been written. */
export async function attend(child: Child, { parsed, host, file, loaded, heard }: Attending): Promise<Exit> {
  const settings = settingsOf(parsed.asked);
  const name = basename(parsed.command[0]!);
  // Our words go where the places have them go, and the places want to know the output, which has words for us; none comes at once.
  const diagnostics = await openDiagnostics(settings.logFormat, host, {
    write: (text) => places.stderr.write(text),
    end: async () => {},
  });
  const { output: to = { kind: 'file' } } = settings;
  const peer = to.kind === 'file' ? undefined : await openPeer(to, diagnostics);
  const onResumed = (place: string, lost: number): void =>
    diagnostics.say('warn', `${place}: there is room again; ${lost} bytes were not written`);
  const places = openPlaces({
    ...host,
    output: file ?? peer,
    highWater: HIGH_WATER,
    onResumed,
    onTrouble: (message) => diagnostics.say('warn', message),
  });
  const { outputs } = places;
  const ours = await openRules({ name, settings, placeOf: parsed.placeOf, loaded, outputs, host, diagnostics });
  const [stdout, stderr] = child.streams;
  const pump = pumpChild({
    name,
    // Of what was written before we came, the errors are read first: what answers them is mostly on the other one, or behind them.
    streams: [
      { stream: stderr, to: places.err },
      { stream: stdout, to: places.out },
    ],
    engine: ours.engine,
    process: ours.process,
    now: host.now,
    mode: settings.shadow ? 'shadow' : 'filter',
    onProblem: (error) => diagnostics.say('error', error.message, detailsOf(error)),
  });

  const end = await child.ended;
  pump.exited(eventOf(end, heard), host.now());
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
    // Nobody tells us to end when the command has; and a peer may never come.
    if (peer !== undefined || places.lacksReader()) forced.giveUpSoon();
    await places.end((error) => diagnostics.say('error', error.message, detailsOf(error)));
  });
  const how = await Promise.race([written, forced.ended]);
  forced.stop();
  clearTimeout(patience);
  if (how === undefined) return exitOf(end);
  if (peer !== undefined && sayUndelivered(peer, how, diagnostics)) {
    places.err.output.flush();
    return FAILED;
  }
  if (places.lacksReader()) {
    diagnostics.say('error', `${file!.path}: nobody reads it; ${places.waiting()} bytes were not written`);
    places.err.output.flush();
    return FAILED;
  }
  if (how === 'given-up') return exitOf(end);
  const unwritten = places.waiting();
  if (unwritten > 0) {
    diagnostics.say('warn', `ended by ${how} before all was written; ${unwritten} bytes were not written`);
    const { output: err } = places.err;
    err.flush();
    // The thread pool writes to a socket, and would not be waited for.
    for (let left = LAST_WORDS; err.waiting > 0 && left > 0; left -= NAP) await sleep(NAP);
  }
  return { kind: 'killed', signal: how, unwritten };
}

/**
 * The code that rules see: a death by signal is 128 and its number. `undefined`: the child ended by a signal that came through us, or left
 * with the code that says so. A rollout is no failure of the command.
 */
function eventOf(end: ChildEnd, heard: ReadonlySet<NodeJS.Signals>): number | undefined {
  const code = end.kind === 'exited' ? end.code : BY_SIGNAL + constants.signals[end.signal];
  const isAsked = [...heard].some((signal) => code === BY_SIGNAL + constants.signals[signal]);
  return isAsked ? undefined : code;
}

const BY_SIGNAL = 128;

function exitOf(end: ChildEnd): Exit {
  return end.kind === 'exited' ? { kind: 'code', code: end.code } : end;
}

/**
 * Signals that come when the child has ended are for us. The first has us let go of streams that others hold open; a
 * second, or the grace period, ends us though a reader has not taken all.
 */
function whenForced(pump: ChildPump, { grace }: Settings, host: Host) {
  const meaningOf = endSignals(host.now);
  let signalTimer: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let resolve!: (how: EndSignal | 'given-up') => void;
  const ended = new Promise<EndSignal | 'given-up'>((settle) => (resolve = settle));
  host.onSignal((each) => {
    const meaning = meaningOf(each);
    if (meaning === 'second') return resolve(each);
    if (meaning === 'same') return;
    pump.letGo();
    signalTimer = setTimeout(() => resolve(each), grace);
  });
  return {
    ended,
    giveUpSoon: () => {
      patience = setTimeout(() => resolve('given-up'), grace);
    },
    stop: () => {
      clearTimeout(signalTimer);
      clearTimeout(patience);
    },
  };
}
