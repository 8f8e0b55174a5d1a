import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { probe, type ProbeOptions } from '../../src/prober/daemon.ts';
import { openKernel } from '../../src/prober/kernel.ts';
import type { Port } from '../../src/prober/port.ts';
import { recordPort } from '../../src/prober/recording.ts';
import { options } from './support.ts';

// Probes the real kernel as whoever starts it, wherever: another user, a network namespace. Takes settings as JSON:
// options of the prober; `host`, where a recording is to be written in place of lines; and `disturb`, a program to run
// just before ethtool's `command` is asked of `name` for the first time.
interface Settings extends Partial<ProbeOptions> {
  readonly host?: string;
  readonly disturb?: { readonly name: string; readonly command: number; readonly run: readonly [string, ...string[]] };
}
const { host, disturb, ...changed } = JSON.parse(process.argv[2] ?? '{}') as Settings;

const real = await openKernel();
let disturbed = false;
const kernel: Port = {
  ...real,
  ethtool(socket, name, data) {
    if (!disturbed && disturb?.name === name && disturb.command === data[0]) {
      disturbed = true;
      const [program, ...args] = disturb.run;
      execFileSync(program, args);
    }
    return real.ethtool(socket, name, data);
  },
};
const recorder = recordPort(kernel, host ?? '');
const abort = new AbortController();
process.once('SIGTERM', () => abort.abort());

process.exitCode = await probe({
  ...options(host === undefined ? kernel : recorder.port, (text) => void (host === undefined && process.stdout.write(text))),
  pid: process.pid,
  now: Date.now,
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
  signal: abort.signal,
  ...changed,
});
if (host !== undefined) process.stdout.write(recorder.text());
