import { fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { openAppended } from '../io/output/append.ts';
import { startChild, StartError } from '../io/child/child.ts';
import { inheritanceOf } from '../io/child/inheritance.ts';
import { makePipes, type PipeMaker } from '../io/child/pipes.ts';
import { hearSignals } from '../io/child/signals.ts';
import type { Command } from './command.ts';
import type { Exit, Host } from './host.ts';
import type { LoadedBefore } from './run-rules.ts';
import { FILTER_OPTIONS, GRACE, LINE_FORMAT, set, type Option } from './options.ts';
import { parse } from './parse.ts';
import type { RunAsked, RunParsed } from './run-asked.ts';
import { DEFAULTS } from './settings.ts';
import { anyText, count, oneOf } from './values.ts';

// Built as a file of its own, which has the command started before the rest is loaded: what is imported here, each start
// of a command waits for.

const OPTIONS: readonly Option<RunAsked>[] = FILTER_OPTIONS.flatMap((option): readonly Option<RunAsked>[] => {
  if (option.name === 'format') return [LINE_FORMAT];
  if (option.name === 'records') return [];
  if (option !== GRACE) return [option];
  return [
    {
      name: 'on-error',
      value: 'what',
      help: 'if the rules do not load: pass, run the command unfiltered; fail, do not run it (default: pass)',
      take: set('onError', oneOf('pass', 'fail')),
    },
    {
      name: 'child-ignore',
      value: 'signal',
      repeatable: true,
      help: 'start the command with this signal ignored, or none (default: the signals that the parent of relevel ignores, if /proc shows them)',
      take: takeSignal,
    },
    {
      name: 'child-nofile',
      value: 'n',
      help: "the command's soft limit of open files (default: that of the parent of relevel, if /proc shows it)",
      take: set('childNofile', count),
    },
    {
      name: 'child-node-options',
      value: 'options',
      help: 'NODE_OPTIONS for the command, if it is a Node program (default: those of relevel)',
      take: set('childNodeOptions', anyText),
    },
    {
      ...GRACE,
      help: `how long relevel waits after the command has ended, if other processes hold its outputs open or a collector is away (default: ${DEFAULTS.grace / 1000}s)`,
    },
  ];
});

function takeSignal(asked: RunAsked, text: string): string | undefined {
  const name = text.startsWith('SIG') ? text : `SIG${text}`;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  const number = numbers[name];
  if (number === undefined && text !== 'none') return 'a signal, such as SIGPIPE, or none';
  asked.childIgnore = [...(asked.childIgnore ?? []), ...(number === undefined ? [] : [number])];
  return undefined;
}

const MANUAL = {
  name: 'run',
  summary: 'run a command, and do the same with what it writes',
  words: '-- command [arg ...]',
  about: `Runs a command, with our stdin and environment. What it writes on stdout and stderr leaves
on ours, each in its own order; for the rules both are one source, named as the command.`,
  examples: [
    ['relevel run --rules rules.yaml -- app --flag', 'the output of a program'],
    ['relevel run --output app.log -- app', 'into a file that may be rotated'],
  ],
  after: `Signals are passed on, but for those of keys (Ctrl-C, Ctrl-\\, Ctrl-Z) in the foreground of a
terminal: that gives them to the command itself. A service manager that sends signals to all
processes of a service should send them to the first only (systemd: KillMode=mixed).

The command starts with the signals ignored that our parent ignores, and with its limit of
open files, as far as /proc tells. What a wrapper such as nohup sets is lost: it belongs
behind the "--".

The command has pipes, or sockets, which /dev/stdout cannot open, where there is no /bin/sh
or no /proc; of other descriptors it has none. A file of --output may be
rotated by any means: relevel looks each second which file has the name.

With the process id 1, as in a container, orphans are adopted and never reaped: have an init
before it (tini, docker run --init).

Exit status: the command's, or its signal's; 127 there is no such command; 126 it cannot be
run; 2 asked wrongly, or --on-error fail, and 1 no file for --output: nothing was run. Also
1 where a collector lacks lines.`,
} as const;

/** How we end where there is no output. */
const FAILED = 1;

/** Takes what stands before the first `--` as its own, and all behind it as the command. */
export const run: Command = {
  manual: { ...MANUAL, options: OPTIONS },
  run: async (args, host) => {
    const dashes = args.indexOf('--');
    const own = dashes === -1 ? args : args.slice(0, dashes);
    const command = dashes === -1 ? [] : args.slice(dashes + 1);
    const maker = command.length === 0 ? undefined : makePipes();
    try {
      const parsed = { ...parse<RunAsked>(own, host.env, OPTIONS, {}), command };
      const isClear = parsed.wants === 'run' && parsed.problems.length === 0 && parsed.words.length === 0;
      if (isClear && maker !== undefined) return await start(parsed, maker, host);
      const { explain } = await import('./run-unstarted.ts');
      return await explain(parsed, run.manual, host);
    } finally {
      maker?.stop();
    }
  },
};

async function start(parsed: RunParsed, maker: PipeMaker, host: Host): Promise<Exit> {
  const { asked, command } = parsed;
  const { output } = asked;
  let loaded: LoadedBefore | undefined;
  if (asked.onError === 'fail') {
    const { loadOrSay } = await import('./run-unstarted.ts');
    loaded = await loadOrSay(parsed, host);
    if (loaded.ruleSet === undefined) return { kind: 'refused' };
  }
  if (asked.archive !== undefined || asked.shadowLog !== undefined || isFile(host.stdin)) {
    const { refuseClash } = await import('./run-unstarted.ts');
    if (await refuseClash(parsed, host)) return { kind: 'refused' };
  }
  const signals = hearSignals();
  try {
    const file = output?.kind === 'file' ? { path: output.path, fd: openFile(output.path) } : undefined;
    const parents = inheritanceOf(host.parent);
    const child = await startChild(command[0]!, command.slice(1), {
      maker,
      inheritance: { ignored: asked.childIgnore ?? parents.ignored, openFiles: asked.childNofile ?? parents.openFiles },
      nodeOptions: asked.childNodeOptions,
    });
    signals.tell(child);
    const { attend } = await import('./run-attend.ts');
    return await attend(child, { parsed, host, file, loaded, heard: signals.heard });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const { sayFailure } = await import('./run-unstarted.ts');
    return await sayFailure(error, parsed, host);
  } finally {
    signals.stop();
  }
}

/** Undefined: a FIFO that nobody reads yet. The command is not to wait for that. */
function openFile(path: string): number | undefined {
  try {
    return openAppended(path);
  } catch (error) {
    throw new StartError((error as Error).message, FAILED, (error as Error).cause);
  }
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false; // it is closed
  }
}
