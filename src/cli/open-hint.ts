import type { PumpEngine } from '../io/pump-engine.ts';
import type { Hinted, HintOptions } from './hint.ts';

/** Hints for a person who watches: only where there is one is their code loaded. */
export async function openHint(engine: PumpEngine, options: HintOptions): Promise<Hinted | undefined> {
  const { host, settings } = options;
  if (settings.logFormat !== 'text' || settings.framing !== 'lines' || !host.stderrIsTerminal()) return undefined;
  return (await import('./hint.ts')).hint(engine, options);
}
