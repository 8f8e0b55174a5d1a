import type { Observer } from '../engine/observer.ts';
import { quote } from '../rules/quote.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import type { Settings } from './settings.ts';

/** What an engine is given so that what would be done is written. */
export interface Shadowing {
  readonly parts: {
    /** Of rules in force, whose verdicts change nothing under `--shadow`. */
    readonly observer: Observer | undefined;
    readonly shadows: {
      readonly observer: Observer | undefined;
      readonly onFailure: (id: string, error: unknown) => void;
    };
  };
  readonly close: () => void;
}

export async function openShadows(settings: Settings, host: Host, diagnostics: Diagnostics): Promise<Shadowing> {
  const { shadowLog, shadow } = settings;
  const log =
    shadowLog === undefined ? undefined : (await import('./shadow-log.ts')).openShadowLog(shadowLog, settings, host, diagnostics);
  return {
    parts: {
      observer: shadow ? log?.observer : undefined,
      shadows: {
        observer: log?.observer,
        onFailure: (id, error) =>
          diagnostics.say('error', `rule ${quote(id)} failed in shadow, and is no longer counted: ${String(error)}`),
      },
    },
    close: () => log?.close(),
  };
}
