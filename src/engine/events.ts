import type { LogRecord } from '../record/record.ts';
import type { Gate } from './gate.ts';
import { keyOf } from './memory/keys.ts';
import type { Channel, Plan } from './plan.ts';
import type { Waits } from './hold/waits.ts';

/** A line as an event of one channel. */
export interface EventFound {
  readonly channel: Channel;
  /** Of those fields that it and the line that awaits it have in common. */
  readonly key: string;
  readonly kind: 'success' | 'failure';
  readonly name: string;
}

/**
 * What the line is an event of, as far as something waits for it or a rule looks back at it, and it has all fields that tell for
 * whom; `undefined` where no event fits.
 */
export function eventsIn(record: LogRecord, gate: Gate, plan: Plan, waits: Waits): readonly EventFound[] | undefined {
  const first = plan.firstEvent;
  const last = plan.protectNeed;
  let fitting: Set<number> | undefined;
  for (let need = gate.nextNeed(first, last, record.level); need < last; need = gate.nextNeed(need + 1, last, record.level)) {
    if (plan.events[need - first]!.fits(record)) (fitting ??= new Set()).add(need - first);
  }
  if (fitting === undefined) return undefined;

  const channels = new Set<Channel>();
  for (const event of fitting) for (const channel of plan.events[event]!.channels) channels.add(channel);
  const found: EventFound[] = [];
  for (const channel of channels) {
    if (!channel.remembered && !waits.isAsked(channel.index)) continue;
    const event = eventOf(channel, record, fitting);
    if (event !== undefined) found.push(event);
  }
  return found;
}

/** What a line is to a channel; as both, it is a failure. A line of two meanings, or one that we changed, proves no success. */
function eventOf(channel: Channel, record: LogRecord, fitting: ReadonlySet<number>): EventFound | undefined {
  for (const { name, event } of channel.failure) if (fitting.has(event)) return foundAs(channel, 'failure', name, record);
  if (record.ambiguous || record.annotated) return undefined;
  for (const { name, event } of channel.success) if (fitting.has(event)) return foundAs(channel, 'success', name, record);
  return undefined;
}

function foundAs(channel: Channel, kind: EventFound['kind'], name: string, record: LogRecord): EventFound | undefined {
  const key = keyOf(channel.there, undefined, record);
  return key === undefined ? undefined : { channel, key, kind, name };
}
