import type { ChildDeath } from '../io/child/child.ts';
import type { Now } from '../io/clock.ts';
import type { EndSignal } from '../io/end-signals.ts';
import type { PumpEnd } from '../io/pump.ts';
import type { Environment } from './environment.ts';
import type { Manual } from './manual.ts';

/** What a command has of the process that it runs in. */
export interface Host {
  readonly env: Environment;
  /** Descriptors. */
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  readonly stderrIsTerminal: () => boolean;
  readonly now: Now;
  readonly pid: number;
  /** The id of the process that started us. */
  readonly parent: number;
  /** From now on, SIGTERM, SIGINT and what else would end us are the handler's. */
  readonly onSignal: (handler: (signal: EndSignal) => void) => void;
  /** What the help says of each command. No command imports the list of all: it would import itself. */
  readonly manuals: () => Promise<readonly Manual[]>;
}

/** How a command ended. */
export type Exit =
  | PumpEnd
  | ChildDeath
  /** It did what was asked, and its exit code says what came of it; the command's help tells how. */
  | { readonly kind: 'code'; readonly code: number }
  /** It failed while running, and has said why. */
  | { readonly kind: 'failed' }
  /** Flags, rules or examples are wrong, and it has said which. */
  | { readonly kind: 'refused' };

export const DONE: Exit = { kind: 'done', unread: 0 };
export const FAILED: Exit = { kind: 'failed' };
export const REFUSED: Exit = { kind: 'refused' };
