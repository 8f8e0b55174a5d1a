import { changed, unchanged, type Decider } from './changes.ts';
import { asks, captured, chosen, fits, type Bound, type Seen } from './conditions.ts';
import type { Ending, Expected, Noted, Options, Release } from './expected.ts';
import { earliest, type Judged, type Line } from './line.ts';
import type { Output } from './output.ts';
import type { Lowering } from './repeat.ts';
import type { Await, Choice, Rule, Rules, Tree } from './rules.ts';
import { areOfOneClock, difference } from './times.ts';

type AwaitingRule = Rule & { readonly await: Await };

export const isAwaiting = (rule: Rule): rule is AwaitingRule => rule.await !== undefined;

/** What a line means to a wait. */
interface Meaning extends Decider {
  readonly kind: 'success' | 'failure';
}

interface Wait {
  readonly line: Judged;
  readonly rule: AwaitingRule;
  readonly key: string;
  /** A success came of which nobody knows whether it came in time. */
  unclear: boolean;
}

/** The lines that wait, and what ends their waiting. */
export class Waits {
  readonly #clock: Options['clock'];
  readonly #rules: Rules;
  readonly #output: Output;
  readonly #lowering: Lowering;
  readonly #endings: Noted[];
  /** In order of arrival. */
  #waits: readonly Wait[] = [];

  constructor(rules: Rules, output: Output, lowering: Lowering, endings: Noted[], clock: Options['clock']) {
    this.#clock = clock;
    this.#rules = rules;
    this.#output = output;
    this.#lowering = lowering;
    this.#endings = endings;
  }

  /** Lets `line` go, decides it by one of the lines `before`, or makes it wait. */
  begin(line: Judged, rule: AwaitingRule, before: readonly Line[]): void {
    const { by, lookback } = rule.await;
    const bound = captured(rule.when, line, this.#rules);
    const key = keyOf(line, by.map(({ here }) => here), bound); // prettier-ignore
    if (key === undefined) {
      this.#endings.push({ rule: rule.id, reason: 'no-key' });
      return this.#output.write(line, unchanged(line));
    }

    const last = lookback === undefined ? undefined : before.findLast((each) => this.#meaning(each, line.source, rule, key));
    const meaning = last && this.#meaning(last, line.source, rule, key)!;
    if (last !== undefined && this.#isBack(line, last, lookback!)) {
      this.#endings.push(`lookback ${meaning!.kind}`);
      return this.#output.write(line, this.#decide(line, rule, meaning!.kind, meaning));
    }
    // It may have come in time. A failure then may be true; after a success, `else` would be wrong.
    const isDoubtful = last !== undefined && this.#clock === 'replay' && !areOfOneClock(line.time, last.time);
    if (isDoubtful && (meaning?.kind === 'failure' || rule.else !== undefined)) {
      this.#endings.push('no time', { rule: rule.id, reason: 'no-time' });
      return this.#output.write(line, unchanged(line));
    }
    this.#waits = [...this.#waits, { line, rule, key, unclear: false }];
  }

  #isBack(line: Line, last: Line, lookback: number): boolean {
    if (areOfOneClock(line.time, last.time)) return Math.abs(difference(line.time, last.time)) <= lookback;
    if (this.#clock === 'live') return line.arrived - last.arrived <= lookback;
    return this.#clock === 'order';
  }

  /** Ends by silence what waits for something that should have come before `line`. */
  passDeadlines(line: Line): void {
    if (line.content.kind === 'opaque') return;
    for (const wait of this.#in(line.source)) {
      if (!(difference(line.time, wait.line.time) > wait.rule.await.within)) continue;
      // It may not have been silent.
      if (wait.unclear && wait.rule.await.silence === 'failure') this.#release(wait, 'no time', 'no-time');
      else this.#endBySilence(wait, 'silence');
    }
  }

  /** Ends what `line` decides, but never what waits by `judge`, the rule that judges it. */
  decide(line: Line, judge: Rule | undefined): void {
    for (const wait of this.#in(line.source)) {
      if (wait.rule === judge) continue;
      const meaning = this.#meaning(line, wait.line.source, wait.rule, wait.key);
      if (meaning === undefined) continue;
      const isOfOneClock = areOfOneClock(wait.line.time, line.time);
      const isInTime = difference(wait.line.time, line.time) <= wait.rule.await.within;
      if (!isOfOneClock && this.#clock === 'replay' && meaning.kind === 'success') wait.unclear = true;
      else if (isInTime || !isOfOneClock) {
        if (!isOfOneClock) this.#endings.push('across clocks');
        this.#end(wait, meaning.kind, this.#decide(wait.line, wait.rule, meaning.kind, meaning));
      }
    }
  }

  /** Releases all that waits in `source`, as a protected line does. */
  releaseAll(source: string): void {
    for (const wait of this.#in(source)) this.#release(wait, 'protected', 'protected');
  }

  /** When the clock passes the next deadline, in ms; never, if nothing waits. */
  due(): number {
    return Math.min(Infinity, ...this.#waits.map(dueOf));
  }

  passNext(): void {
    this.#endBySilence(earliest(this.#waits, dueOf)!, 'silence by the clock');
  }

  /** The process that wrote `stream` ends, `at` by the clock: no key is asked for, and no time is too late while it is waited for. */
  exit(code: number, stream: string, at: number): void {
    const content = { kind: 'opaque', around: undefined } as const;
    const end: Seen = { source: stream, shown: stream, text: '', content, exit: String(code) };
    for (const wait of this.#waits.filter(({ line }) => line.stream === stream)) {
      const fitting = (events: readonly Tree[]): boolean =>
        events.some((event) => asks('$exit', event, this.#rules) && fits(event, end, this.#rules));
      const { failure, success } = wait.rule.await;
      const kind = fitting(failure) ? 'failure' : fitting(success) ? 'success' : undefined;
      if (this.#clock === 'live' && dueOf(wait) < at) this.#endBySilence(wait, 'silence by the clock');
      else if (kind === 'success' && this.#clock === 'replay') this.#release(wait, 'no time', 'no-time');
      else if (kind !== undefined)
        this.#end(wait, 'exit', this.#decide(wait.line, wait.rule, kind, { line: end, bound: new Map() }));
    }
  }

  /** The end of the input: too early to know what silence would have meant. */
  endAll(): void {
    for (const wait of this.#waits) {
      const isTimeless = wait.unclear || (this.#clock === 'replay' && wait.line.time === undefined);
      if (isTimeless) this.#release(wait, 'no time', 'no-time');
      else this.#release(wait, 'end', 'ended');
    }
  }

  #release(wait: Wait, ending: Ending, reason: Release['reason']): void {
    this.#endings.push({ rule: wait.rule.id, reason });
    this.#end(wait, ending, unchanged(wait.line));
  }

  #in(source: string): readonly Wait[] {
    return this.#waits.filter(({ line }) => line.source === source);
  }

  #endBySilence(wait: Wait, ending: Ending): void {
    const { line, rule } = wait;
    this.#end(wait, ending, this.#decide(line, rule, rule.await.silence, undefined));
  }

  #end(wait: Wait, ending: Ending, item: Expected | undefined): void {
    this.#endings.push(ending);
    this.#waits = this.#waits.filter((other) => other !== wait);
    this.#output.write(wait.line, item);
  }

  #decide(line: Judged, rule: Rule, as: 'success' | 'failure', event: Decider | undefined): Expected | undefined {
    if (as === 'success') return this.#lowering.lower(line, rule, event, captured(rule.when, line, this.#rules));
    if (rule.else !== undefined) return changed(line, rule, 'else', event, captured(rule.when, line, this.#rules));
    this.#endings.push({ rule: rule.id, reason: event === undefined ? 'silence' : 'failure' });
    return unchanged(line);
  }

  /** What `line` means to waits of `rule` with this key in this source; failure if it means both. */
  #meaning(line: Line, source: string, rule: AwaitingRule, key: string): Meaning | undefined {
    const { by, failure, success } = rule.await;
    if (line.source !== source) return undefined;
    const mayBeSuccess = line.trusted || line.content.kind === 'opaque';
    const events = [
      ...failure.map((event) => ({ kind: 'failure', event }) as const),
      ...(mayBeSuccess ? success : []).map((event) => ({ kind: 'success', event }) as const),
    ];
    return events
      .filter(({ event }) => !asks('$exit', event, this.#rules) && fits(event, line, this.#rules))
      .map(({ kind, event }): Meaning => ({ kind, line, bound: captured(event, line, this.#rules) }))
      .find(({ bound }) => keyOf(line, by.map(({ there }) => there), bound) === key); // prettier-ignore
  }
}

const dueOf = ({ line, rule }: Wait): number => line.arrived + rule.await.within;

/** One text for the values of `fields`; nothing if one is missing. */
function keyOf(line: Seen, fields: readonly Choice[], bound: Bound): string | undefined {
  const parts = fields.map((names) => chosen(line, names, bound));
  return parts.includes(undefined) ? undefined : JSON.stringify(parts);
}
