import { Output, OutputError } from '../io/output.ts';
import { pump, type PumpEngine, type PumpInput } from '../io/pump.ts';
import type { Destination } from './destination.ts';
import { detailsOf, type Diagnostics } from './diagnostics.ts';
import { FAILED, type Exit, type Host } from './host.ts';
import { openOutput, sayUndelivered } from './open-output.ts';
import type { Settings } from './settings.ts';

export interface Moving extends Pick<Settings, 'shadow' | 'grace'> {
  readonly output: Destination | undefined;
}

/** Moves bytes from the inputs through an engine to the output, and says what went wrong with that. */
export async function move(
  inputs: readonly PumpInput[],
  engine: PumpEngine,
  { shadow, grace, output: to }: Moving,
  host: Host,
  diagnostics: Diagnostics,
): Promise<Exit> {
  let output: Awaited<ReturnType<typeof openOutput>>;
  try {
    output = await openOutput(to, host, diagnostics);
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    diagnostics.say('error', error.message, detailsOf(error));
    return FAILED;
  }
  const { ended, standDown } = pump({
    inputs,
    engine,
    output,
    now: host.now,
    mode: shadow ? 'shadow' : 'filter',
    grace,
    onProblem: (error) => diagnostics.say('error', error.message, detailsOf(error)),
  });
  host.onSignal(standDown);
  try {
    const end = await ended;
    if (end.kind !== 'killed') return end;
    if (output instanceof Output) {
      const lost = end.unwritten > 0 ? `; ${end.unwritten} bytes were not written` : '';
      diagnostics.say('warn', `ended by ${end.signal} before the end of the input${lost}`);
      return end;
    }
    return sayUndelivered(output, end.signal, diagnostics) ? FAILED : end;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    diagnostics.say('error', error.message, detailsOf(error));
    return FAILED;
  }
}
