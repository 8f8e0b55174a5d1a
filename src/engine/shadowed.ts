import type { RuleSet } from '../rules/rule.ts';
import { EngineCore, type EngineParts } from './core.ts';
import type { Counts } from './counts.ts';
import type { LineSink } from './hold/line-outflow.ts';
import type { Input } from './input.ts';
import type { LineInput } from './line-input.ts';
import type { SourceState } from './memory/carry.ts';
import type { Plan } from './plan.ts';
import type { EngineSettings, Sink } from './settings.ts';
import { partRules, Shadow, type ShadowEvents } from './shadow.ts';
import type { Source } from './source.ts';

/** What an engine can be given, and who is told of the rules in shadow. */
export interface ShadowedParts extends EngineParts {
  readonly shadows?: ShadowEvents | undefined;
}

const LF = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * An engine, and beside it one for each rule in shadow, which sees the same bytes at the same times. Without such rules it does what its
 * core does.
 */
export class ShadowedEngine {
  readonly settings: EngineSettings;
  readonly counts: Counts;
  readonly #core: EngineCore;
  readonly #events: ShadowEvents;
  readonly #sources = new Set<ShadowedSource>();
  #shadows: readonly Shadow[];
  /** Where the next chunk of the core lies. */
  #room = NOTHING;

  constructor(rules: RuleSet, settings: EngineSettings, { shadows: events = {}, ...parts }: ShadowedParts = {}) {
    const { inForce, shadows } = partRules(rules);
    this.settings = settings;
    this.#events = events;
    this.#core = new EngineCore(inForce, settings, parts);
    this.counts = this.#core.counts;
    this.#shadows = shadows.map((each) => new Shadow(each, settings, events));
    this.#listCounts();
  }

  get figures(): EngineCore['figures'] {
    return this.#core.figures;
  }

  get plan(): Plan {
    return this.#core.plan;
  }

  get lookedAt(): number {
    return this.#core.lookedAt;
  }

  set lookedAt(place: number) {
    this.#core.lookedAt = place;
  }

  room(size: number): Buffer {
    return (this.#room = this.#core.room(size));
  }

  source(name: string): ShadowedSource {
    const source = new ShadowedSource(this.#core.source(name), {
      filled: (length) => this.#room.subarray(0, length),
      onEnd: () => void this.#sources.delete(source),
    });
    this.#sources.add(source);
    for (const shadow of this.#shadows) source.addShadow(shadow);
    return source;
  }

  find(name: string): ShadowedSource | undefined {
    for (const source of this.#sources) if (source.name === name) return source;
    return undefined;
  }

  advance(now: number): void {
    for (const shadow of this.#shadows) shadow.attempt(() => shadow.core.advance(now));
    this.#core.advance(now);
  }

  nextDue(): number {
    let due = this.#core.nextDue();
    for (const { nextDue } of this.#shadows) due = Math.min(due, nextDue);
    return due;
  }

  adopt(rules: RuleSet, now: number): void {
    const { inForce, shadows } = partRules(rules);
    this.#core.adopt(inForce, now);
    const before = new Map(this.#shadows.map((shadow) => [shadow.id, shadow]));
    this.#shadows = shadows.map((each) => {
      const known = before.get(each.id);
      before.delete(each.id);
      known?.attempt(() => known.core.adopt(each.ruleSet, now));
      return known ?? this.#begin(new Shadow(each, this.settings, this.#events));
    });
    for (const shadow of before.values()) for (const source of this.#sources) source.endShadow(shadow, now);
    this.#listCounts();
  }

  #begin(shadow: Shadow): Shadow {
    for (const source of this.#sources) source.addShadow(shadow);
    return shadow;
  }

  /** Those of rules that went away stay: no counter ever falls. */
  #listCounts(): void {
    for (const { id, counts } of this.#shadows) this.counts.shadows.set(id, counts);
  }

  releaseAll(reason: 'signal' | 'ended'): void {
    for (const shadow of this.#shadows) shadow.attempt(() => shadow.core.releaseAll(reason));
    this.#core.releaseAll(reason);
  }

  standDown(reason?: 'signal' | 'ended'): void {
    this.#core.standDown(reason);
    for (const shadow of this.#shadows) shadow.attempt(() => shadow.core.standDown(reason));
  }
}

interface ShadowedSourceOptions {
  /** What has been put into the core's room. */
  readonly filled: (length: number) => Buffer;
  readonly onEnd: () => void;
}

class ShadowedSource {
  readonly #core: Source;
  readonly #options: ShadowedSourceOptions;
  readonly #shadows = new Map<Shadow, Source>();
  readonly #inputs: Shadowing[] = [];

  constructor(core: Source, options: ShadowedSourceOptions) {
    this.#core = core;
    this.#options = options;
  }

  get name(): string {
    return this.#core.name;
  }

  addShadow(shadow: Shadow): void {
    const source = shadow.core.source(this.name);
    this.#shadows.set(shadow, source);
    for (const input of this.#inputs) input.addShadow(shadow, source);
  }

  endShadow(shadow: Shadow, now: number): void {
    for (const input of this.#inputs) input.endShadow(shadow, now);
    const source = this.#shadows.get(shadow);
    shadow.attempt(() => source?.end(now));
    this.#shadows.delete(shadow);
  }

  input(sink: Sink): ShadowedInput {
    return this.#added(new ShadowedInput(this.#core.input(sink), this.#options));
  }

  lineInput<Line>(sink: LineSink<Line>): ShadowedLineInput<Line> {
    return this.#added(new ShadowedLineInput(this.#core.lineInput(sink)));
  }

  #added<Stream extends Shadowing>(input: Stream): Stream {
    this.#inputs.push(input);
    for (const [shadow, source] of this.#shadows) input.addShadow(shadow, source);
    return input;
  }

  releaseAll(reason: 'ended' | 'signal' | 'truncated'): void {
    this.#core.releaseAll(reason);
    for (const [shadow, source] of this.#shadows) shadow.attempt(() => source.releaseAll(reason));
  }

  get awaitsExit(): boolean {
    return this.#core.awaitsExit || [...this.#shadows.values()].some(({ awaitsExit }) => awaitsExit);
  }

  exited(code: number, at: number, now: number): void {
    this.#core.exited(code, at, now);
    for (const [shadow, source] of this.#shadows) shadow.attempt(() => source.exited(code, at, now));
  }

  end(now: number): void {
    this.#core.end(now);
    for (const [shadow, source] of this.#shadows) shadow.attempt(() => source.end(now));
    this.#options.onEnd();
  }

  get heldFrom(): number | undefined {
    return this.#core.heldFrom;
  }

  get state(): SourceState {
    return this.#core.state;
  }

  resume(state: SourceState): void {
    this.#core.resume(state);
  }

  passOver(bytes: Buffer): void {
    this.#core.passOver(bytes);
    for (const [shadow, source] of this.#shadows) shadow.attempt(() => source.passOver(bytes));
  }

  breakOff(): void {
    this.#core.breakOff();
    for (const [shadow, source] of this.#shadows) shadow.attempt(() => source.breakOff());
  }
}

/** A stream that rules in shadow see, too. */
interface Shadowing {
  addShadow(shadow: Shadow, source: Source): void;
  endShadow(shadow: Shadow, now: number): void;
}

/** A stream of one rule in shadow. */
interface ShadowInput {
  readonly input: Input;
  /** It began in the middle of a line, of which it does not know the beginning. */
  isMidLine: boolean;
}

class ShadowedInput implements Shadowing {
  readonly #core: Input;
  readonly #filled: ShadowedSourceOptions['filled'];
  readonly #shadows = new Map<Shadow, ShadowInput>();
  #isMidLine = false;

  constructor(core: Input, { filled }: ShadowedSourceOptions) {
    this.#core = core;
    this.#filled = filled;
  }

  addShadow(shadow: Shadow, source: Source): void {
    this.#shadows.set(shadow, { input: source.input(NOWHERE), isMidLine: this.#isMidLine });
  }

  endShadow(shadow: Shadow, now: number): void {
    const input = this.#shadows.get(shadow)?.input;
    shadow.attempt(() => input?.end(now));
    this.#shadows.delete(shadow);
  }

  pushFilled(length: number, now: number): void {
    this.#see(this.#filled(length), now);
    this.#core.pushFilled(length, now);
  }

  push(bytes: Uint8Array, now: number): void {
    this.#see(bytes, now);
    this.#core.push(bytes, now);
  }

  pushText(text: string, now: number): void {
    if (this.#shadows.size > 0) this.#see(Buffer.from(text), now);
    else if (text.length > 0) this.#isMidLine = !text.endsWith('\n');
    this.#core.pushText(text, now);
  }

  /** Before the core does: it may write into its room. */
  #see(bytes: Uint8Array, now: number): void {
    if (bytes.length === 0) return;
    for (const [shadow, own] of this.#shadows) {
      const from = own.isMidLine ? bytes.indexOf(LF) + 1 : 0;
      if (own.isMidLine && from === 0) continue;
      own.isMidLine = false;
      shadow.attempt(() => own.input.push(from === 0 ? bytes : bytes.subarray(from), now));
    }
    this.#isMidLine = bytes.at(-1) !== LF;
  }

  flush(): void {
    this.#core.flush();
  }

  endRecord(): void {
    this.#core.endRecord();
    for (const [shadow, { input }] of this.#shadows) shadow.attempt(() => input.endRecord());
  }

  end(now: number): void {
    this.#core.end(now);
    for (const [shadow, { input }] of this.#shadows) shadow.attempt(() => input.end(now));
  }
}

class ShadowedLineInput<Line> implements Shadowing {
  readonly #core: LineInput<Line>;
  readonly #shadows = new Map<Shadow, LineInput<Line>>();

  constructor(core: LineInput<Line>) {
    this.#core = core;
  }

  addShadow(shadow: Shadow, source: Source): void {
    this.#shadows.set(shadow, source.lineInput({ same: () => {}, made: () => {} }));
  }

  endShadow(shadow: Shadow, now: number): void {
    const input = this.#shadows.get(shadow);
    shadow.attempt(() => input?.end(now));
    this.#shadows.delete(shadow);
  }

  push(line: Line, bytes: Buffer, now: number): void {
    for (const [shadow, input] of this.#shadows) shadow.attempt(() => input.push(line, bytes, now));
    this.#core.push(line, bytes, now);
  }

  end(now: number): void {
    this.#core.end(now);
    for (const [shadow, input] of this.#shadows) shadow.attempt(() => input.end(now));
  }
}

const NOWHERE: Sink = { write: () => {} };
