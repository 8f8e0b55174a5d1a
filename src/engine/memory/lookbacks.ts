import { areComparable } from '../../record/clock-domain.ts';
import type { LogRecord } from '../../record/record.ts';
import type { EventFound } from '../events.ts';
import { Home, type Memories, type Memory } from './memories.ts';
import type { CompiledRule, Plan } from '../plan.ts';
import type { Heirs } from '../reload.ts';
import { hasTimers, type Clock } from '../settings.ts';
import type { Timed } from '../timed.ts';

/** With its envelope, which may say what the line does not. */
function lineOf(record: LogRecord): Buffer<ArrayBuffer> {
  const { bytes, start, end } = record.envelope ?? record;
  return Buffer.from(bytes.subarray(start, end));
}

/** What one source remembers for the rules that look back. */
export class Lookbacks {
  readonly #memories: Memories;
  readonly #clock: Clock;
  /** By channel; only of those that rules look back at. */
  #homes: Home[];

  constructor(memories: Memories, plan: Plan, clock: Clock) {
    this.#memories = memories;
    this.#clock = clock;
    this.#homes = plan.channels.map(() => new Home());
  }

  /**
   * What the rule looks back at for a line of this key and time, if it came in time; `undefined` also where it does not look back.
   * `'forgotten'`: there was no room to remember what may have decided otherwise; `'no-time'`: in replay, whether it came in time nobody
   * knows. A failure always may; of a success, it is `else` that could do to the line what is not its due.
   */
  find(
    { rule, channel }: CompiledRule,
    key: string,
    { time, domain }: Timed,
    now: number,
  ): Memory | 'forgotten' | 'no-time' | undefined {
    const { lookback } = rule.await!;
    if (lookback === undefined) return undefined;
    const home = this.#homes[channel!.index]!;
    const memory = home.byKey.get(key);
    const arrival = this.#arrivalAt(now);
    if (memory === undefined) {
      const at = { time, domain, arrival };
      const isLost = home.hasLost('failure', at, lookback) || (rule.else !== undefined && home.hasLost('success', at, lookback));
      return isLost ? 'forgotten' : undefined;
    }
    if (areComparable(memory.domain, domain)) return Math.abs(time - memory.time) <= lookback ? memory : undefined;
    switch (this.#clock) {
      case 'order':
        return memory;
      case 'replay':
        return memory.kind === 'failure' || rule.else !== undefined ? 'no-time' : undefined;
      default:
        return arrival - memory.arrival <= lookback ? memory : undefined;
    }
  }

  /** Remembers the line as the events that it is. */
  remember(read: () => LogRecord, events: readonly EventFound[], { time, domain }: Timed, now: number): void {
    for (const { channel, key, kind, index } of events) {
      if (!channel.remembered) continue;
      const line = channel.quoted ? lineOf(read()) : undefined;
      this.#memories.remember(
        this.#homes[channel.index]!,
        key,
        { kind, index, time, domain, arrival: this.#arrivalAt(now) },
        line,
      );
    }
  }

  /** A line went by unseen that may have been any event: what was remembered before proves nothing any more. */
  loseAll({ time, domain }: Timed, now: number): void {
    const arrival = this.#arrivalAt(now);
    for (const home of this.#homes) {
      for (const memory of this.#memories.empty(home)) home.lose(memory);
      for (const kind of ['success', 'failure'] as const) home.lose({ kind, time, domain, arrival });
    }
  }

  /** In replay nobody may see when a line came. */
  #arrivalAt(now: number): number {
    return hasTimers(this.#clock) ? now : 0;
  }

  clear(): void {
    for (const home of this.#homes) this.#memories.clear(home);
  }

  /** The rules have changed, to those of `plan`: what is remembered goes with the rules that look back. */
  adopt(heirs: Heirs, plan: Plan): void {
    const homes = plan.channels.map(() => new Home());
    for (const [{ rule, channel }, heir] of heirs) {
      if (rule.await?.lookback === undefined) continue;
      const home = this.#homes[channel!.index]!;
      if (channel!.quoted || !heir.channel!.quoted) homes[heir.channel!.index] = home;
      // What was remembered without its line cannot be quoted.
      else for (const memory of home.inOrder.all()) homes[heir.channel!.index]!.lose(memory);
    }
    const kept = new Set(homes);
    for (const home of this.#homes) if (!kept.has(home)) this.#memories.clear(home);
    this.#homes = homes;
  }
}
