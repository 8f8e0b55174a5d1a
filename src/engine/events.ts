import type { LogRecord } from '../record/record.ts';
import type { Gate } from './gate.ts';
import type { KeyPart } from './memory/keys.ts';
import type { Channel, NamedEvent, Plan } from './plan.ts';

/** What a line is to a channel, whoever it is for. */
export interface EventKind {
  readonly channel: Channel;
  readonly kind: 'success' | 'failure';
  /** Which of those events of its channel. */
  readonly index: number;
  readonly event: NamedEvent;
}

/** A line as an event of one channel. */
export interface EventFound extends EventKind {
  /** Of those fields that it and the line that awaits it have in common. */
  readonly key: string;
}

/** What the line is an event of, as far as the gate, by which it was selected, asks for events; `undefined` if no event fits. */
export function eventKindsOf(record: LogRecord, gate: Gate, plan: Plan): readonly EventKind[] | undefined {
  const first = plan.firstEvent;
  const last = plan.protectNeed;
  let fitting: Set<number> | undefined;
  for (let need = gate.nextNeed(first, last, record.level); need < last; need = gate.nextNeed(need + 1, last, record.level)) {
    if (plan.events[need - first]!.fits(record)) (fitting ??= new Set()).add(need - first);
  }
  if (fitting === undefined) return undefined;

  const channels = new Set<Channel>();
  for (const event of fitting) for (const channel of plan.events[event]!.channels) channels.add(channel);
  const kinds: EventKind[] = [];
  for (const channel of channels) kinds.push(...kindsIn(channel, record, fitting));
  return kinds;
}

/** Tells whether some line waits in a channel. */
interface Asking {
  isAsked(channel: number): boolean;
}

/** Those for which something waits, or which a rule looks back at, if the line has all fields that tell for whom they are. */
export function eventsFor(
  kinds: readonly EventKind[],
  waits: Asking,
  keyOf: (parts: readonly KeyPart[]) => string | undefined,
): readonly EventFound[] {
  const found: EventFound[] = [];
  for (const { channel, kind, index, event } of kinds) {
    if (!channel.remembered && !waits.isAsked(channel.index)) continue;
    const key = keyOf(event.there);
    if (key === undefined) continue;
    // With one key it is the first of these: a failure, if it is both.
    if (channel.keysDiffer && found.some((other) => other.channel === channel && other.key === key)) continue;
    found.push({ channel, key, kind, index, event });
  }
  return found;
}

/** What a line is to a channel; as both, it is a failure. A line of two meanings, or one that we changed, proves no success. */
function kindsIn(channel: Channel, record: LogRecord, fitting: ReadonlySet<number>): readonly EventKind[] {
  const kinds: EventKind[] = [];
  for (const kind of ['failure', 'success'] as const) {
    if (kind === 'success' && (record.ambiguous || record.annotated)) break;
    const events = channel[kind];
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index]!;
      if (!fitting.has(event.event)) continue;
      kinds.push({ channel, kind, index, event });
      // As each of them it has the same key.
      if (!channel.keysDiffer) return kinds;
    }
  }
  return kinds;
}
