import type { LogRecord } from '../record/record.ts';
import type { EventFound } from './events.ts';
import { keyOf } from './keys.ts';
import { Home, type Memories, type Memory } from './memories.ts';
import type { CompiledRule, Plan } from './plan.ts';
import type { Heirs } from './reload.ts';

/** What one source remembers for the rules that look back. */
export class Lookbacks {
  readonly #memories: Memories;
  /** By channel; only of those that rules look back at. */
  #homes: Home[];

  constructor(memories: Memories, plan: Plan) {
    this.#memories = memories;
    this.#homes = plan.channels.map(() => new Home());
  }

  /** What the rule looks back at for a line of this key and time, if it came in time; `undefined` also where it does not look back. */
  find({ rule, channel }: CompiledRule, key: string, time: number): Memory | undefined {
    const { lookback } = rule.await!;
    if (lookback === undefined) return undefined;
    const memory = this.#homes[channel!.index]!.byKey.get(key);
    return memory !== undefined && Math.abs(time - memory.time) <= lookback ? memory : undefined;
  }

  /** Remembers the line as the events that it is. */
  remember(record: LogRecord, events: readonly EventFound[], time: number): void {
    for (const { channel, kind, name } of events) {
      if (!channel.remembered) continue;
      const key = keyOf(channel.there, undefined, record);
      if (key === undefined) continue;
      const line = channel.quoted ? Buffer.from(record.bytes.subarray(record.start, record.end)) : undefined;
      this.#memories.remember(this.#homes[channel.index]!, key, { kind, name, time }, line);
    }
  }

  clear(): void {
    for (const home of this.#homes) this.#memories.clear(home);
  }

  /** The rules have changed, to those of `plan`: what is remembered goes with the rules that look back. */
  adopt(heirs: Heirs, plan: Plan): void {
    const homes = plan.channels.map(() => new Home());
    for (const [{ rule, channel }, heir] of heirs) {
      if (rule.await?.lookback === undefined) continue;
      // What was remembered without its line cannot be quoted.
      if (channel!.quoted || !heir.channel!.quoted) homes[heir.channel!.index] = this.#homes[channel!.index]!;
    }
    const kept = new Set(homes);
    for (const home of this.#homes) if (!kept.has(home)) this.#memories.clear(home);
    this.#homes = homes;
  }
}
