import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { probe, type ProbeOptions } from '../../src/prober/daemon.ts';
import type { Port } from '../../src/prober/port.ts';
import { replayPort } from '../../src/prober/recording.ts';

/** One naive tick of everything, in our own voice, at a time that stands still. */
export function options(port: Port, write: ProbeOptions['write']): ProbeOptions {
  return {
    port,
    write,
    wait: () => Promise.resolve(),
    signal: new AbortController().signal,
    pid: 7,
    hostname: 'a',
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    order: ['mshv', 'kvm'],
    depth: 'look',
    include: ['*'],
    exclude: [],
    as: 'relevel',
    format: 'pino',
    polite: undefined,
    every: 10_000,
    count: 1,
  };
}

const HOSTS = join(import.meta.dirname, '../../fixtures/ioctl');

/** A host of fixtures/ioctl, by its file's name. */
export const host = (name: string): Port => replayPort(name, readFileSync(join(HOSTS, `${name}.json`), 'utf8'));

/** Probes, and gives back the texts that were written, and the exit code. */
export async function collect(port: Port, changed: Partial<ProbeOptions>): Promise<{ texts: string[]; exitCode: number }> {
  const texts: string[] = [];
  const exitCode = await probe({ ...options(port, (text) => void texts.push(text)), ...changed });
  return { texts, exitCode };
}
