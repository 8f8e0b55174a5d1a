import { areComparable, NO_DOMAIN, type ClockDomain } from '../../record/clock-domain.ts';
import { Row, type InRow } from '../hold/row.ts';
import { KeyTable } from './key-table.ts';

const NO_LINE = Buffer.alloc(0);

/** The last event of a channel with one key, for rules that look back. */
export interface Memory extends InRow<Memory> {
  readonly kind: 'success' | 'failure';
  /** Which of those events of its channel. */
  readonly index: number;
  readonly time: number;
  readonly domain: ClockDomain;
  /** When it came, by the clock. */
  readonly arrival: number;
  /** The whole line, where some text quotes it; else empty. */
  readonly line: Buffer;
  readonly home: Home;
  readonly key: string;
}

type Remembered = Pick<Memory, 'kind' | 'index' | 'time' | 'domain' | 'arrival'>;

/** What one source remembers of one channel, in the order in which it was set. */
export class Home {
  readonly byKey = new KeyTable<Memory>();
  readonly inOrder = new Row<Memory>();
  /** The latest of what was forgotten for want of room, by how its time is written. */
  readonly #lost = { success: new Map<ClockDomain, Lost>(), failure: new Map<ClockDomain, Lost>() };

  /** Notes what is forgotten and may still be looked back at. */
  lose({ kind, time, domain, arrival }: Omit<Remembered, 'index'>): void {
    const lost = this.#lost[kind];
    // Whoever writes times in many ways has them taken for times that cannot be compared.
    const place = lost.has(domain) || lost.size < MOST_DOMAINS ? domain : NO_DOMAIN;
    const before = lost.get(place);
    if (before === undefined) {
      lost.set(place, { time, arrival });
    } else {
      before.time = Math.max(before.time, time);
      before.arrival = Math.max(before.arrival, arrival);
    }
  }

  /** Whether an event may be missing that a line of this time, without one, would look back at. */
  hasLost(kind: Memory['kind'], at: Pick<Memory, 'time' | 'domain' | 'arrival'>, lookback: number): boolean {
    for (const [domain, { time, arrival }] of this.#lost[kind]) {
      if (areComparable(domain, at.domain) ? time >= at.time - lookback : !(arrival < at.arrival - lookback)) return true;
    }
    return false;
  }

  forgiveLosses(): void {
    this.#lost.success.clear();
    this.#lost.failure.clear();
  }
}

interface Lost {
  time: number;
  arrival: number;
}

/** More ways to write a time than these are not told apart. */
const MOST_DOMAINS = 16;

/**
 * The remembered events of all sources, and the bound on what they take: of the source and channel that has the most, the one that
 * was set the longest ago goes, so that a noisy source drives out its own.
 */
export class Memories {
  /** That have something in them. */
  readonly #homes = new Set<Home>();
  #size = 0;
  readonly #most: number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(most: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** Takes the place of what `home` remembers under `key`. `line` must be the caller's to give. */
  remember(home: Home, key: string, event: Remembered, line = NO_LINE): void {
    const before = home.byKey.get(key);
    if (before !== undefined) this.#forget(before);
    const { kind, index, time, domain, arrival } = event;
    const memory: Memory = { kind, index, time, domain, arrival, line, home, key, older: undefined, newer: undefined };
    home.byKey.set(memory);
    home.inOrder.add(memory);
    this.#homes.add(home);
    this.#size += 1;
    this.#bytes += line.length;
    while (this.#size > this.#most || (this.#bytes > this.#mostBytes && this.#size > 1)) this.#forgetOldest(home);
  }

  /** Forgets all of one source's channel. */
  clear(home: Home): void {
    this.empty(home);
    home.forgiveLosses();
  }

  /** The same, but that it was forgotten stays known. Gives what it was. */
  empty(home: Home): readonly Memory[] {
    const all = home.inOrder.all();
    for (const memory of all) this.#forget(memory);
    return all;
  }

  /** A home that has half of all there is, found at once; else the one that has the most. */
  #forgetOldest(home: Home): void {
    let largest = home;
    if (home.inOrder.size * 2 < this.#size)
      for (const other of this.#homes) if (other.inOrder.size > largest.inOrder.size) largest = other;
    const memory = largest.inOrder.oldest!; // the largest is not empty
    largest.lose(memory);
    this.#forget(memory);
  }

  #forget(memory: Memory): void {
    this.#size -= 1;
    this.#bytes -= memory.line.length;
    memory.home.byKey.delete(memory.key);
    memory.home.inOrder.delete(memory);
    if (memory.home.inOrder.size === 0) this.#homes.delete(memory.home);
  }
}
