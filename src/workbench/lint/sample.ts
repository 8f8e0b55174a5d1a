import { openEngine, type Engine } from '../../engine/engine.ts';
import type { Judged } from '../../engine/judged.ts';
import type { Judgement, Observer } from '../../engine/observer.ts';
import type { CompiledRule } from '../../engine/plan.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import type { PumpEngine } from '../../io/pump-engine.ts';
import { namesIn, type Rule, type RuleSet } from '../../rules/rule.ts';
import { withShadowsInForce } from '../../rules/shadow.ts';
import { missingOf } from '../explain/verdict.ts';
import { fieldsIn, nearestPath } from '../line-fields.ts';
import { LineReader } from '../line-reader.ts';
import { LineUnderstanding } from '../read-line.ts';
import { LogSpan } from './log-span.ts';
import { withoutOutput } from './without-output.ts';

/** What rules did in a log. */
export interface Sampled {
  readonly linesRead: number;
  /** Of the log's own time, all logs together, ms; `undefined`: the lines do not tell. */
  readonly span: number | undefined;
  /** In the order of the rules. */
  readonly rules: readonly RuleSample[];
}

export interface RuleSample {
  readonly rule: string;
  /** Lines that it matched and applied to. */
  readonly lines: number;
  /** Lines that it matched, and that stayed as they are because it is expired, or because they are protected. */
  readonly expired: number;
  readonly protected: number;
  /** Lines of which an event or silence decided, and lines that waited and of which nothing did. */
  readonly decided: { readonly event: number; readonly silence: number; readonly nothing: number };
  readonly longestHold: Hold | undefined;
  /** Fields of the key that lines lack, with the name that such a line has instead. */
  readonly missing: readonly { readonly field: string; readonly lines: number; readonly near: string | undefined }[];
}

/** A line that waited. */
export interface Hold {
  readonly source: string;
  readonly line: number;
  /** By the times of the lines; `undefined`: they do not tell. */
  readonly millis: number | undefined;
  /** Lines that waited behind it. */
  readonly behind: number;
}

/** So many lines without a key are searched for a name that may be meant, for each field. */
const MOST_SEARCHED = 20;

interface Tally {
  lines: number;
  expired: number;
  protected: number;
  readonly decided: { event: number; silence: number; nothing: number };
  longestHold: Hold | undefined;
  readonly missing: Map<string, { lines: number; near: string | undefined }>;
  /** Numbers of the lines that wait in the source that is read. */
  readonly waiting: Set<number>;
}

/** Runs logs through an engine whose lines go nowhere, and counts by rule. What it keeps is bounded by the rules and by what the engine holds. */
export class Sample implements Observer {
  readonly engine: PumpEngine;
  readonly #engine: Engine;
  readonly #isStrict: boolean;
  readonly #tallies: ReadonlyMap<string, Tally>;
  readonly #reader: LineReader;
  readonly #understanding: LineUnderstanding;
  #lookedAt = 0;
  #span: number | undefined = 0;

  constructor(ruleSet: RuleSet, settings: EngineSettings) {
    this.#tallies = new Map(ruleSet.rules.map(({ id }) => [id, newTally()]));
    this.#isStrict = settings.order === 'strict';
    const { format, envelope = 'none', zone } = settings;
    const reading = { format, envelope, read: ruleSet.read };
    this.#reader = new LineReader(reading);
    this.#understanding = new LineUnderstanding({ ...reading, zone, now: 0 });
    this.#engine = openEngine(withShadowsInForce(ruleSet), settings, { observer: this });
    this.engine = this.#timed(withoutOutput(this.#engine));
  }

  get linesRead(): number {
    return this.#engine.counts.linesIn;
  }

  result(): Sampled {
    const rules = Array.from(this.#tallies, ([rule, { missing, waiting: _, ...tally }]): RuleSample => {
      const fields = Array.from(missing, ([field, { lines, near }]) => ({ field, lines, near }));
      return { rule, ...tally, missing: fields };
    });
    return { linesRead: this.linesRead, span: this.linesRead === 0 ? undefined : this.#span, rules };
  }

  /** The same engine; the time of each log is added to the span. */
  #timed(engine: PumpEngine): PumpEngine {
    let room: Uint8Array = new Uint8Array();
    return {
      ...engine,
      room: (size) => (room = engine.room(size)),
      source: (name) => {
        const source = engine.source(name);
        const span = new LogSpan(this.#reader);
        return {
          input: (sink) => {
            const input = source.input(sink);
            return {
              pushFilled: (length, now) => {
                span.take(room.subarray(0, length));
                input.pushFilled(length, now);
              },
              end: (now) => input.end(now),
            };
          },
          end: (now) => {
            source.end(now);
            const { millis } = span;
            this.#span = this.#span === undefined || millis === undefined ? undefined : this.#span + millis;
            for (const { waiting } of this.#tallies.values()) waiting.clear();
          },
        };
      },
    };
  }

  looks({ line }: { readonly line: number }): void {
    this.#lookedAt = line;
  }

  rests({ rule }: CompiledRule): void {
    this.#tallies.get(rule.id)!.expired += 1;
  }

  spares({ rule }: CompiledRule): void {
    this.#tallies.get(rule.id)!.protected += 1;
  }

  waits({ rule, number }: Judged): void {
    this.#tallies.get(rule.rule.id)!.waiting.add(number);
  }

  ends({ judged, ending, decided }: Judgement): void {
    const tally = this.#tallies.get(judged.rule.rule.id)!;
    const hasWaited = tally.waiting.delete(judged.number);
    tally.lines += 1;
    if (decided !== undefined) tally.decided[decided.by] += 1;
    else if (hasWaited) tally.decided.nothing += 1;
    if (hasWaited) this.#noteHold(tally, judged, decided);
    if (ending === 'no-key') this.#noteMissing(tally, judged);
  }

  #noteHold(tally: Tally, { rule, source, number }: Judged, decided: Judgement['decided']): void {
    const { within } = rule.rule.await!; // no other rule waits
    const took = decided?.by === 'silence' ? within : (decided?.millis ?? -1);
    const millis = took >= 0 ? took : undefined;
    // Between it and the line that decided. In relaxed order they pass it by.
    const behind = this.#isStrict ? Math.max(0, this.#lookedAt - number - 1) : 0;
    const { longestHold: longest } = tally;
    const isLonger =
      longest === undefined || (millis ?? -1) > (longest.millis ?? -1) || (millis === longest.millis && behind > longest.behind);
    if (isLonger) tally.longestHold = { source: source.name, line: number, millis, behind };
  }

  #noteMissing({ missing }: Tally, judged: Judged): void {
    for (const field of missingOf(judged)) {
      let found = missing.get(field);
      if (found === undefined) missing.set(field, (found = { lines: 0, near: undefined }));
      found.lines += 1;
      if (found.near === undefined && found.lines <= MOST_SEARCHED) found.near = this.#nearTo(field, judged);
    }
  }

  #nearTo(field: string, { record, rule }: Judged): string | undefined {
    const bytes = Buffer.from(record.bytes.subarray(record.start, record.end));
    const fields = fieldsIn(this.#understanding.of(bytes, 0, bytes.length));
    for (const name of namesOf(field, rule.rule)) {
      const near = nearestPath(name, fields);
      if (near !== undefined) return near;
    }
    return undefined;
  }
}

/** A part of a key may be the first of several fields that a line has; it is called by all of their names. */
function namesOf(part: string, { await: waiting, repeat }: Rule): readonly string[] {
  const fields = [...(waiting?.by ?? []).map(({ here }) => here), ...(repeat?.by ?? []).map(({ field }) => field)];
  return fields.map(namesIn).find((names) => names.join(' or ') === part) ?? [part];
}

const newTally = (): Tally => ({
  lines: 0,
  expired: 0,
  protected: 0,
  decided: { event: 0, silence: 0, nothing: 0 },
  longestHold: undefined,
  missing: new Map(),
  waiting: new Set(),
});
