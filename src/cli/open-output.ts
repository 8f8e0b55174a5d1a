import { appendLines, openAppended } from '../io/append.ts';
import type { EndSignal } from '../io/end-signals.ts';
import { Output } from '../io/output.ts';
import type { PeerAddress } from '../io/peer-connection.ts';
import type { PeerOutput } from '../io/peer-output.ts';
import { writeAddress } from '../sidecar/address.ts';
import type { Destination } from './destination.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import { HIGH_WATER } from './settings.ts';

/** Opens stdout, or what stands in its place. Throws where a file cannot be opened; a peer need not be there yet. */
export async function openOutput(
  to: Destination | undefined,
  host: Host,
  diagnostics: Diagnostics,
): Promise<Output | PeerOutput> {
  if (to === undefined) return new Output({ fd: host.stdout, name: 'stdout', highWater: HIGH_WATER, watchesReader: true });
  if (to.kind === 'file') return appendLines({ fd: openAppended(to.path), name: to.path, highWater: HIGH_WATER });
  return openPeer(to, diagnostics);
}

export async function openPeer(address: PeerAddress, diagnostics: Diagnostics): Promise<PeerOutput> {
  const { PeerOutput: Peer } = await import('../io/peer-output.ts');
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
