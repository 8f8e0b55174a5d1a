import { OutputError, type Outgoing } from '../io/output/output.ts';
import type { PumpEngine } from '../io/pump-engine.ts';
import { pump, type PumpInput } from '../io/pump.ts';
import { detailsOf, type Diagnostics } from './diagnostics.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { clockFor } from './inputs.ts';
import { clashOf, openOutput, sayUndelivered, type Opened } from './open-output.ts';
import type { Settings } from './settings.ts';

export interface Moving extends Pick<Settings, 'shadow' | 'shadowLog' | 'grace' | 'output' | 'archive'> {
  /** Hears of the output when it is open. */
  readonly onOutput?: (output: Outgoing) => void;
}

/** Moves bytes from the inputs through an engine to the output, and says what went wrong with that. */
export async function move(
  inputs: readonly PumpInput[],
  engine: PumpEngine,
  settings: Moving,
  host: Host,
  diagnostics: Diagnostics,
): Promise<Exit> {
  const { shadow, grace } = settings;
  // Whoever writes while we read is not to be harmed by a full disk; of files that lie there, nothing more need be read.
  const isLive = clockFor(inputs) === 'live';
  let hasLost = false;
  const onResumed = (): void => void (hasLost = true);
  let opened: Opened;
  try {
    opened = await openOutput({ to: settings.output, host, diagnostics, onResumed: isLive ? onResumed : undefined });
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    diagnostics.say('error', error.message, detailsOf(error));
    return FAILED;
  }
  const { output, peer } = opened;
  const clash = clashOf(
    inputs.map(({ name, fd }) => ({ name, file: fd ?? name })),
    settings,
    host,
  );
  if (clash !== undefined) {
    diagnostics.say('error', clash);
    return REFUSED;
  }
  settings.onOutput?.(output);
  const { ended, standDown } = pump({
    inputs,
    engine,
    output,
    now: host.now,
    mode: shadow ? 'shadow' : 'filter',
    grace,
    onProblem: (error) => diagnostics.say('error', error.message, detailsOf(error)),
    onOutage: isLive ? (error) => diagnostics.say('error', error.message, detailsOf(error)) : undefined,
  });
  host.onSignal(standDown);
  try {
    const end = await ended;
    if (end.kind === 'done' && hasLost) return FAILED;
    if (end.kind !== 'killed') return end;
    if (peer === undefined) {
      const lost = end.unwritten > 0 ? `; ${end.unwritten} bytes were not written` : '';
      diagnostics.say('warn', `ended by ${end.signal} before the end of the input${lost}`);
      return end;
    }
    return sayUndelivered(peer, end.signal, diagnostics) ? FAILED : end;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    diagnostics.say('error', error.message, detailsOf(error));
    return FAILED;
  }
}
