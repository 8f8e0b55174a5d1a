import { Output, OutputError } from '../io/output.ts';
import { pump, type PumpEngine, type PumpInput } from '../io/pump.ts';
import { detailsOf, type Diagnostics } from './diagnostics.ts';
import { FAILED, type Exit, type Host } from './host.ts';
import { HIGH_WATER, type Settings } from './settings.ts';

/** Moves bytes from the inputs through an engine to stdout, and says what went wrong with that. */
export async function move(
  inputs: readonly PumpInput[],
  engine: PumpEngine,
  { shadow, grace }: Pick<Settings, 'shadow' | 'grace'>,
  host: Host,
  diagnostics: Diagnostics,
): Promise<Exit> {
  const { ended, standDown } = pump({
    inputs,
    engine,
    output: new Output({ fd: host.stdout, name: 'stdout', highWater: HIGH_WATER }),
    now: host.now,
    mode: shadow ? 'shadow' : 'filter',
    grace,
    onProblem: (error) => diagnostics.say('error', error.message, detailsOf(error)),
  });
  host.onSignal(standDown);
  try {
    const end = await ended;
    if (end.kind === 'killed') {
      const lost = end.unwritten > 0 ? `; ${end.unwritten} bytes were not written` : '';
      diagnostics.say('warn', `ended by ${end.signal} before the end of the input${lost}`);
    }
    return end;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    diagnostics.say('error', error.message, detailsOf(error));
    return FAILED;
  }
}
