import { areComparable, isYearGuessed, withoutOrigin, withoutYear, type ClockDomain } from '../../record/clock-domain.ts';
import type { CompiledRule } from '../../engine/plan.ts';
import { plainName } from '../../rules/condition-words.ts';
import { quote } from '../../rules/quote.ts';
import { durationKey, durationWords } from '../duration-words.ts';
import type { KeyValue } from './account.ts';

/** A line that waited, as far as it takes to say what would have decided it. */
export interface WaitSeen {
  readonly rule: CompiledRule;
  readonly source: string;
  readonly number: number;
  readonly time: number;
  readonly domain: ClockDomain;
  readonly origin: string;
  readonly key: readonly KeyValue[];
}

/** A line that is an event of some rule. */
export interface EventSeen {
  readonly kind: 'success' | 'failure';
  readonly name: string;
  readonly source: string;
  readonly number: number;
  readonly time: number;
  readonly domain: ClockDomain;
  readonly origin: string;
  /** The rule's `by`, as the line has it. */
  readonly key: readonly KeyValue[];
  /** Why it decides nothing, whatever its key and time are. */
  readonly idle: 'ambiguous' | 'annotated' | 'own' | undefined;
  /** Of a missing name of the key, the nearest that the line has. */
  readonly instead: readonly KeyValue[];
}

/** A line that is nearly an event. */
export interface NearEvent {
  readonly name: string;
  readonly kind: 'success' | 'failure';
  readonly number: number;
  readonly words: string;
}

interface Told {
  readonly cost: number;
  readonly words: string;
}

/** Of a line that waited in vain: the event that came nearest to deciding it, in a sentence, or that nothing came. */
export function missedBy(wait: WaitSeen, events: readonly EventSeen[], near: readonly NearEvent[]): readonly string[] {
  const nearest = new Map<string, Told>();
  for (const event of events) {
    const told = tell(wait, event);
    const known = nearest.get(event.kind);
    if (told !== undefined && (known === undefined || told.cost < known.cost)) nearest.set(event.kind, told);
  }
  const words = [...nearest.values()].toSorted((a, b) => a.cost - b.cost).map((told) => told.words);
  if (wait.rule.rule.await?.exits !== undefined)
    words.push('it also awaits the end of the process ($exit), which a log does not show: only relevel run sees it');
  if (words.length > 0) return words;
  if (near.length > 0)
    return near.map(({ kind, name, number, words: reason }) => `line ${number} is nearly ${eventName(kind, name)}: ${reason}`);
  return ['nothing like what it awaits is in the file'];
}

/** `success "connected"`; of a condition without a name `success` alone. */
const eventName = (kind: 'success' | 'failure', name: string): string => (name === kind ? kind : `${kind} ${quote(name)}`);

/** Why an event did not decide a wait; `undefined` if it is far from it. */
function tell(wait: WaitSeen, event: EventSeen): Told | undefined {
  if (event.source !== wait.source || event.number === wait.number) return undefined;
  const { within, lookback } = wait.rule.rule.await!;
  const at = `line ${event.number}: ${eventName(event.kind, event.name)}`;
  const isLater = event.number > wait.number;
  const millis = isSameClock(wait.domain, event.domain) ? event.time - wait.time : NaN;
  const apart = Number.isNaN(millis) ? (isLater ? 0 : 3) : Math.max(0, millis - within, -millis - within) / within;
  // With the right key it would still decide nothing.
  const outside = isLater || lookback !== undefined ? apart : apart + 4;
  const missing = event.key.filter(([, value]) => value === undefined).map(([name]) => name);
  const differing = event.key.flatMap(([name, value], i) => {
    const here = wait.key[i]![1];
    return value === undefined || value === here
      ? []
      : [`${plainName(name)} differs: ${here === undefined ? 'missing' : quote(here)}, ${quote(value)}`];
  });
  if (missing.length > 0) {
    const has = event.instead.map(([name]) => quote(name)).join(', ');
    const names = missing.map((name) => quote(name)).join(', ');
    return { cost: 1 + outside, words: `${at}: that line has no ${names}${has === '' ? '' : `; it has ${has}`}` };
  }
  if (differing.length > 0)
    return { cost: 2 + differing.length + outside, words: `${at}: same event, but ${differing.join('; ')}` };
  if (wait.origin !== event.origin) return { cost: 4, words: `${at}: it comes from another container, pod or unit` };
  switch (event.idle) {
    case 'own':
      return {
        cost: 0.5 + outside,
        words: `${at}: the same rule applies to that line, and such a line never decides a wait of its rule`,
      };
    case 'ambiguous':
      return { cost: 0.5 + outside, words: `${at}: that line is ambiguous, and proves no success` };
    case 'annotated':
      return { cost: 0.5 + outside, words: `${at}: that line is annotated already, and proves no success` };
    case undefined:
  }
  if (Number.isNaN(millis)) {
    if (!isLater) return undefined;
    const why = Number.isNaN(event.time)
      ? 'that line has no time'
      : Number.isNaN(wait.time)
        ? 'this line has no time'
        : 'the two lines write their times in different ways';
    return {
      cost: 1,
      words: `${at}: ${why}, so nobody knows whether it came within ${durationKey(within)}; --clock order lets the order decide`,
    };
  }
  if (millis > within)
    return { cost: 1 + outside, words: `${at}: ${durationWords(millis - within)} too late (within: ${durationKey(within)})` };
  if (!isLater || millis < 0) {
    const back = lookback === undefined ? 'the rule has no lookback' : `lookback: ${durationKey(lookback)}`;
    return { cost: 3 - 1 / (1 + Math.abs(millis)), words: `${at}: ${durationWords(millis)} too early (${back})` };
  }
  return { cost: 6, words: `${at}: it came in time; the wait was over before` };
}

/** Whether two times can be compared, as far as their own notation tells. */
function isSameClock(a: ClockDomain, b: ClockDomain): boolean {
  const one = withoutOrigin(a);
  const other = withoutOrigin(b);
  const isGuess = isYearGuessed(one) || isYearGuessed(other);
  return isGuess ? areComparable(withoutYear(one), withoutYear(other)) : areComparable(one, other);
}
