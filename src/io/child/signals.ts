import { readFileSync } from 'node:fs';
import { onEndSignal } from '../end-signals.ts';

/** What may be said to a daemon beside what would end it. Signals that Node cannot hear, the realtime ones, SIGSTOP and SIGKILL, end or stop us alone. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGUSR1', 'SIGWINCH', 'SIGCONT'];

/** What a key makes a terminal say: to all who are in its foreground, and so to both of us. */
const BY_KEY: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>(['SIGINT', 'SIGQUIT', 'SIGTSTP']);

export interface SignalTarget {
  readonly pid: number;
  readonly send: (signal: NodeJS.Signals) => void;
}

export interface HeardSignals {
  /** All that came so far: the child has them, from us or from a terminal. */
  readonly heard: ReadonlySet<NodeJS.Signals>;
  readonly tell: (target: SignalTarget) => void;
  readonly stop: () => void;
}

/**
 * Hears signals from now on, so that none can take us from our child. `tell` says who is to have them; what came
 * earlier, it has then.
 *
 * SIGINT, SIGQUIT and SIGTSTP are not passed on while we and the child are both in the foreground of a terminal. There,
 * they come from a key, and the child has them already; one that somebody sent to us alone cannot be told from those.
 * SIGTSTP stops us too, so that a shell sees a job that has stopped.
 */
export function hearSignals(): HeardSignals {
  const early: NodeJS.Signals[] = [];
  const heard = new Set<NodeJS.Signals>();
  let target: SignalTarget | undefined;

  const hear = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGXCPU') return; // it is about our own processor time
    heard.add(signal);
    if (target === undefined) early.push(signal);
    else if (!BY_KEY.has(signal) || !sharesForeground(target.pid)) target.send(signal);
  };
  const hearStop = (): void => {
    hear('SIGTSTP');
    process.off('SIGTSTP', hearStop);
    process.kill(process.pid, 'SIGTSTP'); // by its default now; we go on behind it after a SIGCONT
    process.on('SIGTSTP', hearStop);
  };
  const deafen = onEndSignal(hear);
  for (const signal of FORWARDED) process.on(signal, hear);
  process.on('SIGTSTP', hearStop);

  return {
    heard,
    tell: (child) => {
      target = child;
      for (const signal of early.splice(0)) hear(signal);
    },
    stop: () => {
      deafen();
      for (const signal of FORWARDED) process.off(signal, hear);
      process.off('SIGTSTP', hearStop);
    },
  };
}

/** Whether we and `pid` are in the group that a terminal has in its foreground. */
function sharesForeground(pid: number): boolean {
  const child = groupsOf(String(pid));
  const own = groupsOf('self');
  return child !== undefined && child.group === child.foreground && child.group === own?.group;
}

interface Groups {
  readonly group: number;
  /** Of its terminal; -1 where it has none. */
  readonly foreground: number;
}

function groupsOf(process: string): Groups | undefined {
  try {
    // Behind the name, which may hold anything: state, parent, group, session, terminal, foreground group; proc_pid_stat(5).
    const stat = readFileSync(`/proc/${process}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { group: Number(fields[2]), foreground: Number(fields[5]) };
  } catch {
    return undefined;
  }
}
