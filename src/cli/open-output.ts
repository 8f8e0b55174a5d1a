import { FileOutput } from '../io/output/file-output.ts';
import type { EndSignal } from '../io/end-signals.ts';
import { appendLines } from '../io/output/append.ts';
import { kindOf } from '../io/input/kinds.ts';
import { HIGH_WATER, Output, type Outgoing } from '../io/output/output.ts';
import type { PeerAddress } from '../io/output/peer-connection.ts';
import type { PeerOutput } from '../io/output/peer-output.ts';
import { ResumingOutput } from '../io/output/resuming-output.ts';
import { findLoop, isOneFile, type NamedFile } from '../io/same-file.ts';
import { writeAddress } from '../sidecar/address.ts';
import type { Destination } from './destination.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import type { Settings } from './settings.ts';

/** Where lines go, and whether that is a peer. */
export interface Opened {
  readonly output: Outgoing;
  readonly peer: PeerOutput | undefined;
}

export interface OpenOptions {
  readonly to: Destination | undefined;
  readonly host: Host;
  readonly diagnostics: Diagnostics;
  /** A disk that is full, or fails, is tried again; so many bytes were lost. Undefined: it is the end. */
  readonly onResumed: ((lost: number) => void) | undefined;
}

/** Opens stdout, or what stands in its place. Throws where a file cannot be opened; a peer, or the reader of a FIFO, need not be there yet. */
export async function openOutput({ to, host, diagnostics, onResumed }: OpenOptions): Promise<Opened> {
  if (to !== undefined && to.kind !== 'file') {
    const peer = await openPeer(to, diagnostics);
    return { output: peer, peer };
  }
  const resuming = (name: string, first: Outgoing, again: () => Outgoing): Opened => ({
    output:
      onResumed === undefined
        ? first
        : new ResumingOutput({
            name,
            first,
            again,
            now: host.now,
            onResumed: (lost) => {
              diagnostics.say('warn', `${name}: there is room again; ${lost} bytes were not written`);
              onResumed(lost);
            },
          }),
    peer: undefined,
  });
  if (to === undefined) {
    const options = { fd: host.stdout, name: 'stdout', highWater: HIGH_WATER, watchesReader: true };
    const stdout = new Output(options);
    const kind = kindOf(host.stdout);
    // Nothing else has a disk behind it.
    return kind === 'file' || kind === 'device'
      ? resuming('stdout', stdout, () => appendLines(options))
      : { output: stdout, peer: undefined };
  }
  const { path } = to;
  const openFile = (): FileOutput =>
    new FileOutput({ path, highWater: HIGH_WATER, onTrouble: (message) => diagnostics.say('warn', message) });
  return resuming(path, openFile(), openFile);
}

export async function openPeer(address: PeerAddress, diagnostics: Diagnostics): Promise<PeerOutput> {
  const { PeerOutput: Peer } = await import('../io/output/peer-output.ts');
  return new Peer({
    address,
    name: `${address.kind === 'tcp' ? 'tcp://' : ''}${writeAddress(address)}`,
    highWater: HIGH_WATER,
    random: Math.random,
    onTrouble: (message) => diagnostics.say('warn', message),
    onRecovery: (message) => diagnostics.say('info', message),
  });
}

/** Gives up on a peer, and says what it does not have. False where it has all. */
export function sayUndelivered(peer: PeerOutput, how: EndSignal | 'given-up', diagnostics: Diagnostics): boolean {
  const lacking = peer.abandon();
  if (lacking === undefined) return false;
  diagnostics.say('error', `${lacking}; ${how === 'given-up' ? 'gave up at the end of --grace' : `ended by ${how}`}`);
  return true;
}

/** Why these inputs, outputs and archive cannot go together: we would read what we write, or fold lines into the output. */
export function clashOf(
  inputs: readonly NamedFile[],
  { output, archive: kept, shadow, shadowLog }: Pick<Settings, 'output' | 'archive' | 'shadow' | 'shadowLog'>,
  host: Host,
): string | undefined {
  const outputs: NamedFile[] = [];
  if (output === undefined) outputs.push({ name: 'stdout', file: host.stdout });
  if (output?.kind === 'file') outputs.push({ name: '--output', file: output.path });
  const archive = kept === undefined || shadow ? undefined : { name: '--archive', file: kept };
  if (archive !== undefined && outputs.some(({ file }) => isOneFile(file, archive.file)))
    return `${archive.name}: ${archive.file} is the output too; folded lines belong into a file of their own`;
  const rows = shadowLog === undefined ? undefined : { name: '--shadow-log', file: shadowLog };
  if (
    rows !== undefined &&
    [...outputs, ...(archive === undefined ? [] : [archive])].some(({ file }) => isOneFile(file, rows.file))
  )
    return `${rows.name}: ${rows.file} is written to otherwise, too; its rows belong into a file of their own`;
  const loop = findLoop(inputs, [...outputs, ...(archive === undefined ? [] : [archive]), ...(rows === undefined ? [] : [rows])]);
  if (loop === undefined) return undefined;
  return `${loop.input}: is an input, and ${loop.output} writes to the same file, which would grow without end; write to another file`;
}
