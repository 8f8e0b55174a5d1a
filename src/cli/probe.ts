import { readFileSync, writeFileSync } from 'node:fs';
import { hostname, machine, release, type } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { endSignals } from '../io/end-signals.ts';
import { fault } from '../io/fault.ts';
import { HIGH_WATER, Output, OutputError } from '../io/output/output.ts';
import { probe as probeHost } from '../prober/daemon.ts';
import { openKernel } from '../prober/kernel.ts';
import type { Port } from '../prober/port.ts';
import { recordPort, replayPort } from '../prober/recording.ts';
import { quote } from '../rules/quote.ts';
import { defineCommand, refuse, type Command } from './command.ts';
import { detailsOf, type Diagnostics } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { DONE, FAILED, type Exit, type Host } from './host.ts';
import { variableOf } from './options.ts';
import type { Environment } from './environment.ts';
import type { Parsed } from './parse.ts';
import { POLITE_MEMORY, PROBE_OPTIONS, probeSettingsOf, type ProbeAsked, type ProbeSettings } from './probe-options.ts';

const command = defineCommand<ProbeAsked>({
  manual: {
    name: 'probe',
    summary: 'log what this host says of its hypervisors and network interfaces',
    words: '',
    about: `Asks /dev/mshv and /dev/kvm whether a hypervisor can be used, and each network interface
for its ethtool statistics. Writes what it learned on stdout, one line each, as a daemon that
knows no better would: each failure an error, each time.

  relevel probe --summary                       what works on this host, and what to do
  relevel probe --every 10s | relevel           real events, with true severities`,
    after: `Needs Linux on x64 or arm64, and the package koffi beside relevel. Changes nothing on the host.

Of the variables of relevel only RELEVEL_GRACE and RELEVEL_LOG_FORMAT hold here.

SIGTERM and SIGINT end it after the line that it is at; a second one ends it at once.

Exit status: 0 a hypervisor can be used, or none was asked for, or the reader went away;
3 none can be used, when last asked; 1 the host could not be probed; 2 asked wrongly;
128 + n ended at once by signal n.`,
  },
  options: PROBE_OPTIONS,
  blank: () => ({}),
  run: runProbe,
});

export const probe: Command = {
  manual: command.manual,
  run: (args, host) => command.run(args, { ...host, env: withoutNamesakes(host.env) }),
};

/**
 * `--format`, `--order` and `--summary` mean something else to the filter, and `relevel probe | relevel` has one
 * environment. So the command line alone speaks here, but for what both mean alike.
 */
function withoutNamesakes(env: Environment): Environment {
  const own = PROBE_OPTIONS.filter(({ name }) => name !== 'grace' && name !== 'log-format').map(variableOf);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.includes(name)));
}

async function runProbe({ asked, words, placeOf }: Parsed<ProbeAsked>, host: Host): Promise<Exit> {
  const settings = probeSettingsOf(asked);
  const problems = [
    ...words.map((word) => `probe: ${quote(word)}: takes options only; an interface is --interface ${quote(word)}`),
    ...contradictions(asked, settings, placeOf),
  ];
  if (problems.length > 0) return refuse(problems, 'probe', host);

  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const exit = await probeAndWrite(settings, host, diagnostics);
  await diagnostics.end();
  return exit;
}

/** Options that leave each other nothing to do. */
function contradictions(asked: ProbeAsked, { count, record }: ProbeSettings, placeOf: (name: string) => string): string[] {
  const problems: string[] = [];
  for (const name of ['polite', 'as', 'format'] as const) {
    if (asked.summary === true && asked[name] !== undefined) {
      problems.push(`${placeOf(name)}: a table has no voice and no format; leave it or --summary out`);
    }
  }
  if (asked.as !== undefined && asked.format !== undefined) {
    problems.push(`${placeOf('format')}: ${asked.as} has a format of its own; leave it or --as out`);
  }
  if (record !== undefined && count === Infinity) {
    problems.push(`${placeOf('record')}: is written at the end, and there is none; say --count`);
  }
  return problems;
}

async function probeAndWrite(settings: ProbeSettings, host: Host, diagnostics: Diagnostics): Promise<Exit> {
  const output = new Output({ fd: host.stdout, name: 'stdout', highWater: HIGH_WATER });
  const abort = new AbortController();
  const meaningOf = endSignals(host.now);
  const killed = new Promise<Exit>((resolve) => {
    host.onSignal((signal) => {
      const kill = (): void => resolve({ kind: 'killed', signal, unwritten: output.waiting });
      const meaning = meaningOf(signal);
      if (meaning === 'second') return kill();
      if (meaning === 'same') return;
      abort.abort();
      setTimeout(kill, settings.grace).unref();
    });
  });
  try {
    const probing = probeInto(output, settings, host, abort.signal);
    const exit = await Promise.race([probing, killed]);
    if (exit.kind === 'killed' && exit.unwritten > 0) {
      diagnostics.say('warn', `ended by ${exit.signal}; ${exit.unwritten} bytes were not written`);
    }
    return exit;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof OutputError && error.readerLeft) return { kind: 'reader-left' };
    diagnostics.say('error', error.message, detailsOf(error));
    return FAILED;
  }
}

async function probeInto(output: Output, settings: ProbeSettings, { pid, now }: Host, signal: AbortSignal): Promise<Exit> {
  const { order, deep, interface: include, exclude, polite, format, every, count, record } = settings;
  const port = await openPort(settings);
  const recorder = record === undefined ? undefined : recordPort(port, hostText(settings));
  // A file that cannot be written is said now, not after all was asked.
  if (record !== undefined) writeRecording(record, '');
  try {
    const code = await probeHost({
      port: recorder?.port ?? port,
      write: lineWriter(output),
      wait: (ms) => sleep(ms, undefined, { signal }).catch(() => {}), // an end of the wait like any other
      signal,
      pid,
      hostname: hostname(),
      now,
      order,
      depth: deep ? 'create' : 'look',
      include,
      exclude,
      as: settings.summary ? 'summary' : settings.as,
      format,
      polite: polite ? POLITE_MEMORY : undefined,
      every,
      count,
    });
    await output.end();
    return code === 0 ? DONE : { kind: 'code', code };
  } finally {
    // What was asked, also where the reader has left by then.
    if (record !== undefined && recorder !== undefined) writeRecording(record, recorder.text());
  }
}

async function openPort({ replay }: ProbeSettings): Promise<Port> {
  return replay === undefined ? openKernel() : replayPort(replay, readRecording(replay));
}

function readRecording(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fault(path, 'read', error);
  }
}

function writeRecording(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw fault(path, 'write', error);
  }
}

/** What the recording says of its host. Its name is nobody's business. */
function hostText({ replay }: ProbeSettings): string {
  if (replay !== undefined) return `recorded from a replay of ${replay}`;
  return `recorded: ${type()} ${release()} ${machine()}, uid ${process.getuid?.()}`;
}

/** After so many lines a signal is heard: what is written at once gives the event loop no turn. */
const LINES_A_TURN = 16;

/** Writes each text at once. A reader that falls behind slows the prober, and never grows its memory. */
function lineWriter(output: Output): (text: string) => Promise<void> {
  let goOn = (): void => {};
  let lines = 0;
  output.listen({ onRoom: () => goOn(), onFailure: () => goOn() });
  return async (text) => {
    const bytes = Buffer.from(text);
    output.write(bytes, 0, bytes.length);
    output.flush();
    if (output.full && output.failure === undefined) await new Promise<void>((resolve) => (goOn = resolve));
    if (output.failure !== undefined) throw output.failure;
    lines += 1;
    if (lines % LINES_A_TURN === 0) await new Promise(setImmediate);
  };
}
