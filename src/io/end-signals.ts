import type { Now } from './clock.ts';

/**
 * The signals that end a process which does not listen, as far as Node can hear them and they come from outside.
 * Left out: SIGUSR1 and SIGPIPE, with which Node has its own ways; what a fault of the process itself raises, such as SIGSEGV;
 * the realtime signals, which Node cannot hear.
 */
const END_SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGABRT',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGPROF',
  'SIGXCPU',
  'SIGSTKFLT',
  'SIGIO',
  'SIGPWR',
] as const satisfies readonly NodeJS.Signals[];

export type EndSignal = (typeof END_SIGNALS)[number];

/** ms. Where a terminal goes, or a unit that says SendSIGHUP=, SIGHUP comes together with another signal, in either order. */
const TOGETHER = 100;

/** Tells what a signal means to a process that is to end: `first`, release what is held; `second`, end by force; `same`, nothing new. */
export function endSignals(now: Now): (signal: EndSignal) => 'first' | 'second' | 'same' {
  let first: { readonly signal: EndSignal; readonly at: number } | undefined;
  return (signal) => {
    if (first === undefined) {
      first = { signal, at: now() };
      return 'first';
    }
    const withHangup = signal === 'SIGHUP' || first.signal === 'SIGHUP';
    if (withHangup && now() - first.at < TOGETHER) return 'same';
    return signal === 'SIGXCPU' ? 'same' : 'second'; // the kernel sends it each second
  };
}

/** Calls a handler for each of them from now on. */
export function onEndSignal(handler: (signal: EndSignal) => void): () => void {
  const heard = END_SIGNALS.filter((signal) => signal !== 'SIGPROF' || !isProfiled());
  for (const signal of heard) process.on(signal, handler);
  return () => {
    for (const signal of heard) process.off(signal, handler);
  };
}

/** V8's profiler takes a sample at each SIGPROF: then the signal is its own. */
function isProfiled(): boolean {
  return [process.env['NODE_OPTIONS'] ?? '', ...process.execArgv].some((option) => option.includes('prof'));
}
