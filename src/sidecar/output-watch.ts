import type { Now } from '../io/clock.ts';
import type { Outgoing } from '../io/output/output.ts';

/** What of an output is told to those who ask. */
export type WatchedOutput = Pick<Outgoing, 'name' | 'waiting' | 'delivered' | 'connected'>;

/** What is known of an output at an instant. */
export interface OutputState {
  readonly name: string;
  readonly connected: boolean;
  /** Bytes that it has not taken yet, or is not known to have. */
  readonly waiting: number;
  /** Bytes that it has taken. */
  readonly delivered: number;
  /** ms since it last took something, or since nobody has been there; 0 if nothing waits for it, or something was taken just now. */
  readonly stalled: number;
}

interface Progress {
  readonly delivered: number;
  readonly at: number;
}

/**
 * Tells since when outputs have taken nothing. They do not say so themselves: how long a reader has been slow concerns nobody on
 * the way of a line. So `sample` is to be called now and then; each question is a sample, too.
 */
export class OutputWatch {
  readonly #outputs: () => readonly WatchedOutput[];
  readonly #now: Now;
  /** When each was last known to be well, and how much it had taken by then. */
  readonly #progress = new Map<WatchedOutput, Progress>();

  constructor(outputs: () => readonly WatchedOutput[], now: Now) {
    this.#outputs = outputs;
    this.#now = now;
  }

  sample(): readonly OutputState[] {
    const at = this.#now();
    return this.#outputs().map((output) => {
      const { name, connected, waiting, delivered } = output;
      const before = this.#progress.get(output);
      const isWell = connected && (waiting === 0 || before === undefined || delivered !== before.delivered);
      const progress = isWell || before === undefined ? { delivered, at } : before;
      this.#progress.set(output, progress);
      return { name, connected, waiting, delivered, stalled: at - progress.at };
    });
  }
}
