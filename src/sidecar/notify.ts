import { spawn } from 'node:child_process';
import { fault } from '../io/fault.ts';

/** What is told of us to systemd, or to whoever else sent NOTIFY_SOCKET; sd_notify(3). Nothing is waited for. */
export interface ServiceManager {
  /** The service does its work; also the end of a reload. */
  ready(): void;
  reloading(): void;
  /** From the first time on; resolves when all has been told. */
  stopping(): Promise<void>;
}

export interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** CLOCK_MONOTONIC, ns. */
  readonly monotonic: () => bigint;
  /** Tells these assignments; `systemdNotify`. */
  readonly tell: (assignments: readonly string[]) => Promise<void>;
  /** It cannot be told; once, until it can again. */
  readonly onProblem: (error: Error) => void;
}

const SILENT: ServiceManager = { ready: () => {}, reloading: () => {}, stopping: async () => {} };

/** Keeps the service manager informed, and its watchdog quiet for as long as our own loop turns; without NOTIFY_SOCKET, says nothing. */
export function serviceManager({ env, pid, monotonic, tell, onProblem }: ServiceManagerOptions): ServiceManager {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return SILENT;
  let told: Promise<void> = Promise.resolve();
  let waiting = 0;
  let isDeaf = false;
  let isStopping = false;

  /** In order: a late READY=1 would undo a RELOADING=1. What could not be told once is still tried: a watchdog kills who is silent. */
  const say = (...assignments: string[]): void => {
    waiting += 1;
    told = told
      .then(() => tell(assignments))
      .then(
        () => {
          isDeaf = false;
        },
        (error: unknown) => {
          if (!isDeaf) onProblem(error as Error);
          isDeaf = true;
        },
      )
      .finally(() => {
        waiting -= 1;
      });
  };

  const period = watchdogPeriod(env, pid);
  const ping = (): void => {
    if (waiting === 0) say('WATCHDOG=1');
  };
  const watchdog = period === undefined ? undefined : setInterval(ping, period).unref();
  return {
    ready: () => say('READY=1'),
    reloading: () => say('RELOADING=1', `MONOTONIC_USEC=${monotonic() / 1000n}`),
    stopping: async () => {
      clearInterval(watchdog);
      if (!isStopping) say('STOPPING=1');
      isStopping = true;
      await told;
    },
  };
}

/** Half of what the watchdog allows, as sd_watchdog_enabled(3) recommends; ms. `undefined` where none watches us. */
function watchdogPeriod(env: ServiceManagerOptions['env'], pid: number): number | undefined {
  const micros = Number(env['WATCHDOG_USEC'] ?? '');
  const whose = env['WATCHDOG_PID'] ?? '';
  if (!(micros > 0) || (whose !== '' && whose !== String(pid))) return undefined;
  return Math.max(1, Math.floor(micros / 2000));
}

/**
 * Tells by `systemd-notify`, which comes with systemd: Node has no datagram sockets of the unix
 * family, which is how it would be told directly. As the program is a process of its own, the unit
 * needs `NotifyAccess=all`.
 */
export function systemdNotify(assignments: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('systemd-notify', [...assignments], { stdio: 'ignore' });
    child.unref();
    child.on('error', (error) => reject(fault('systemd-notify', 'run', error)));
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`systemd-notify: ended with ${signal ?? `status ${code}`}`)),
    );
  });
}
