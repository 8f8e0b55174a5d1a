import type { Unsupported } from './finding.ts';
import type { NetInterface } from './port.ts';

/** How much a polite prober remembers. */
export interface MemorySettings {
  /** ms after which an interface is asked again */
  readonly span: number;
  /** Most interfaces remembered; one more, and the oldest is forgotten. */
  readonly capacity: number;
}

interface Remembered {
  readonly index: number;
  readonly finding: Unsupported;
  readonly due: number;
}

/**
 * The interfaces that have no statistics. All are remembered equally long and a `Map` keeps the order of insertion, so that
 * the oldest is always the first.
 */
export class Memory {
  readonly #settings: MemorySettings;
  readonly #known = new Map<string, Remembered>();

  constructor(settings: MemorySettings) {
    this.#settings = settings;
  }

  /** What was kept of this interface, unless it is too old, or of another that had the same name. */
  recall({ name, index }: NetInterface, now: number): Unsupported | undefined {
    const known = this.#known.get(name);
    if (known === undefined) return undefined;
    if (known.index === index && now < known.due) return known.finding;
    this.#known.delete(name);
    return undefined;
  }

  /** Keeps a finding of an interface that `recall` has just not found. */
  keep({ name, index }: NetInterface, finding: Unsupported, now: number): void {
    if (this.#known.size >= this.#settings.capacity) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.set(name, { index, finding: { ...finding, remembered: true }, due: now + this.#settings.span });
  }
}
