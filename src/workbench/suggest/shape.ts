import type { ClockDomain } from '../../record/clock-domain.ts';
import type { Level } from '../../record/level.ts';
import { wholeNumber } from '../../record/bytes.ts';
import { instantOfNumber, instantOfText } from '../../record/time.ts';
import { NUMBER } from '../../record/value.ts';
import { found, readTime } from '../../formats/text/time.ts';
import { hashOf, type Skeleton } from './skeleton.ts';
import type { Words } from './words.ts';

/** A part of a line's cause: what `error`, `err.code` and the like hold. */
export interface Cause {
  readonly name: string;
  readonly words: Words;
  /** As the first line has it. */
  readonly text: string;
}

/** What lines of one statement have in common: level, how they write their time, message and cause, both without what is of one line only. */
export interface Form {
  readonly number: number;
  readonly level: Level;
  readonly domain: ClockDomain;
  readonly words: Words;
  readonly hasMessage: boolean;
  readonly causes: readonly Cause[];
}

/** A place in lines of one shape, relative to a token: `delta` bytes behind the end of the token, or behind the line's start (-1). */
export interface Anchor {
  readonly token: number;
  readonly delta: number;
}

/** A value in lines of one shape. */
export interface ValuePlace {
  readonly name: string;
  /** The hash of the value if it is the same in all lines of the shape. */
  readonly constant: number | undefined;
  readonly start: Anchor;
  readonly end: Anchor;
}

export type TimeKind = 'number' | 'text' | 'header';

export interface TimePlace {
  readonly kind: TimeKind;
  readonly start: Anchor;
  readonly end: Anchor;
}

/** Lines that are the same but for their tokens. */
export class Shape {
  readonly number: number;
  readonly form: Form;
  /** Names of values by their place among the variable ones. */
  readonly variables: readonly string[];
  readonly constants: ReadonlyMap<string, number>;
  lines = 0;
  /** Another shape with the same skeleton, which differs in a token that is of the level. */
  next: Shape | undefined;
  readonly #guards: readonly number[];
  readonly #guard: number;
  readonly #anchors: Int32Array;
  readonly #time: TimePlace | undefined;

  constructor(
    number: number,
    form: Form,
    places: readonly ValuePlace[],
    time: TimePlace | undefined,
    guards: readonly number[],
    guard: number,
  ) {
    this.number = number;
    this.form = form;
    const variable = places.filter(({ constant }) => constant === undefined);
    this.variables = variable.map(({ name }) => name);
    this.constants = new Map(places.flatMap(({ name, constant }) => (constant === undefined ? [] : [[name, constant] as const])));
    this.#anchors = Int32Array.from(variable.flatMap(({ start, end }) => [start.token, start.delta, end.token, end.delta]));
    this.#time = time;
    this.#guards = guards;
    this.#guard = guard;
  }

  /** Whether the level of a line with this skeleton is the one of this shape. */
  isOf(bytes: Uint8Array, skeleton: Skeleton): boolean {
    return this.#guards.length === 0 || guardOf(bytes, skeleton, this.#guards) === this.#guard;
  }

  timeOf(bytes: Buffer, lineStart: number, lineEnd: number, skeleton: Skeleton): number {
    const place = this.#time;
    if (place === undefined) return NaN;
    const start = resolve(skeleton, lineStart, place.start.token, place.start.delta);
    if (place.kind === 'header') return readTime(bytes, start, lineEnd) ? found.instant : NaN;
    const end = resolve(skeleton, lineStart, place.end.token, place.end.delta);
    return instantAt(bytes, start, end, place.kind);
  }

  /** Writes the hashes of the variable values from `into[at]` on. */
  valuesOf(bytes: Uint8Array, lineStart: number, skeleton: Skeleton, into: Int32Array, at: number): void {
    const anchors = this.#anchors;
    for (let i = 0, to = at; i < anchors.length; i += 4, to += 1) {
      const start = resolve(skeleton, lineStart, anchors[i]!, anchors[i + 1]!);
      into[to] = hashOf(bytes, start, resolve(skeleton, lineStart, anchors[i + 2]!, anchors[i + 3]!));
    }
  }
}

const resolve = ({ ends }: Skeleton, lineStart: number, token: number, delta: number): number =>
  (token === -1 ? lineStart : ends[token]!) + delta;

/** One hash of several tokens. */
export function guardOf(bytes: Uint8Array, { starts, ends }: Skeleton, tokens: readonly number[]): number {
  let hash = 0;
  for (let i = 0; i < tokens.length; i += 1) hash = Math.imul(hash ^ hashOf(bytes, starts[tokens[i]!]!, ends[tokens[i]!]!), 31);
  return hash;
}

/** Where `at` stands, as it will in other lines of the shape; `undefined` in the midst of a token. */
export function anchorOf({ starts, ends, count }: Skeleton, lineStart: number, at: number): Anchor | undefined {
  let token = -1;
  while (token + 1 < count && ends[token + 1]! <= at) token += 1;
  if (token + 1 < count && starts[token + 1]! < at) return undefined;
  return { token, delta: at - (token === -1 ? lineStart : ends[token]!) };
}

/** The tokens that `[start, end)` has a part of. */
export function tokensIn({ starts, ends, count }: Skeleton, start: number, end: number): number[] {
  const tokens: number[] = [];
  for (let token = 0; token < count; token += 1) if (starts[token]! < end && ends[token]! > start) tokens.push(token);
  return tokens;
}

export function instantAt(bytes: Buffer, start: number, end: number, kind: 'number' | 'text'): number {
  if (kind === 'text') return instantOfText(bytes, start, end);
  const number = wholeNumber(bytes, start, end);
  // 1973 to 5138, in ms: the common case.
  return number >= 1e11 && number < 1e14 ? number : instantOfNumber(bytes.latin1Slice(start, end));
}

export const kindOfTime = (kind: number): 'number' | 'text' => (kind === NUMBER ? 'number' : 'text');
