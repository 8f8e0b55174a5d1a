import { firstFrom, type Columns, type Lines } from './columns.ts';
import { isAboutSecurity, isFailure, meaningOf, type Statement } from './statements.ts';

// Which failures are followed by a success? A pair of statements counts if the success comes after nearly every failure, with the
// same values, and more often than it would at any other moment.

/** A success that comes later, in ms, is not waited for. */
export const LONGEST_WAIT = 60_000;
/** So many cases of a failure are looked at to choose a success and a key, and so many of a batch to count. */
const SAMPLE = 64;
const MOST_CASES = 4_096;
const MOST_FAILURES = 40;
const MOST_SUCCESSES = 10;
/** So many lines of a success tell which values its fields have. */
const MOST_KNOWN = 512;
/** Fewer cases of a batch tell nothing. */
const LEAST_CASES = 2;
/** A success that follows less often is not looked at. */
const LEAST_SHARE = 0.5;
/** A second key must not cost more of the cases. */
const KEY_COST = 0.02;
const MOST_KEYS = 2;
const MOST_EXCEPTIONS = 3;
const MOST_DELAYS = 8_192;

/** Counts, measures and places in code: equal by chance, or never. */
const NO_KEY =
  /(?:^|[._-])(?:attempts?|tr(?:y|ies)|retr(?:y|ies)|count|duration|elapsed|took|time|ts|timestamp|latency|ms|seconds|size|bytes|len|length|seq|offset|lag|total|num|number|level|severity|status|code|errno|error|err|exception|cause|reason|stack|caller|file|line|func|function|source|logger|logger_name|module|component|version|v|thread|goroutine|stream)$|(?:Time|Ms|Seconds|Count|Size|Bytes|Attempts?|Retries|Delay)$/u;

export interface KeyPart {
  readonly here: string;
  readonly there: string;
}

/** A line, where it can be found again. */
export interface LineRef {
  readonly source: number;
  readonly number: number;
  readonly offset: number;
  readonly length: number;
}

/** What was counted of a failure and its success. */
export interface Healing {
  /** Roots of statements. */
  failure: number;
  success: number;
  readonly key: readonly KeyPart[];
  /** Failures that were answered, or had the time to be. */
  cases: number;
  answered: number;
  /** Failures too near to the end of the log to tell. */
  undecided: number;
  /** ms; if there are too many, a part of them. */
  readonly delays: number[];
  /** How often the success came within the same time after another moment, and how often that was tried. */
  baseHits: number;
  baseTries: number;
  /** How often the success came, and how often no failure of the same key was before it. */
  successes: number;
  unprovoked: number;
  readonly exceptions: LineRef[];
  example: { readonly failure: LineRef; readonly success: LineRef; readonly delay: number } | undefined;
}

export const refOf = ({ batch }: Columns, line: number): LineRef => ({
  source: batch.source,
  number: batch.numbers[line]!,
  offset: batch.offsets[line]!,
  length: batch.lengths[line]!,
});

/** Finds pairs in each batch, and adds up what it counts of them. */
export class HealingMiner {
  readonly found = new Map<string, Healing>();

  take(columns: Columns): void {
    const all = [...columns.lines.values()];
    const failures = all
      .filter(({ statement, at }) => at.length >= LEAST_CASES && isFailure(statement) && !isAboutSecurity(statement))
      .toSorted((a, b) => b.at.length - a.at.length || a.statement.root - b.statement.root)
      .slice(0, MOST_FAILURES);
    if (failures.length === 0) return;
    const hopes = all.filter(({ statement }) => isHope(statement));
    for (const failure of failures) this.#takeFailure(columns, failure, hopes);
  }

  #takeFailure(columns: Columns, failure: Lines, hopes: readonly Lines[]): void {
    const sample = evenly(failure, SAMPLE);
    const ranked = hopes
      .filter(({ statement }) => statement.domain === failure.statement.domain && statement.level < failure.statement.level)
      .map((hope) => ({ hope, share: presenceOf(sample, hope), isHealed: meaningOf(hope.statement) === 'healed' }))
      .filter(({ share }) => share >= LEAST_SHARE)
      .toSorted(
        (a, b) =>
          Number(b.isHealed) - Number(a.isHealed) ||
          b.share - a.share ||
          a.hope.at.length - b.hope.at.length ||
          a.hope.statement.root - b.hope.statement.root,
      );
    for (const { hope } of ranked.slice(0, MOST_SUCCESSES)) {
      const key = chooseKey(columns, sample, failure.statement, hope);
      if (key !== undefined) this.#count(columns, failure, hope, key);
    }
  }

  #count(columns: Columns, failure: Lines, success: Lines, key: readonly KeyPart[]): void {
    const { statement } = failure;
    const name = `${statement.root} ${success.statement.root} ${JSON.stringify(key)}`;
    let healing = this.found.get(name);
    if (healing === undefined)
      this.found.set(
        name,
        (healing = {
          failure: statement.root,
          success: success.statement.root,
          key,
          cases: 0,
          answered: 0,
          undecided: 0,
          delays: [],
          baseHits: 0,
          baseTries: 0,
          successes: 0,
          unprovoked: 0,
          exceptions: [],
          example: undefined,
        }),
      );
    const cases = evenly(failure, MOST_CASES);
    const here = keysOf(columns, cases, key, 'here');
    const there = keysOf(columns, success, key, 'there');
    const successes = byKey(success, there, new Set(here));
    const last = lastTime(columns);
    const delays: number[] = [];
    for (const [i, line] of cases.at.entries()) {
      const time = cases.times[i]!;
      const next = here[i] === 0 ? undefined : nextOf(successes.get(here[i]!), time, line);
      const delay = next === undefined ? Infinity : next.time - time;
      if (delay <= LONGEST_WAIT) {
        healing.cases += 1;
        healing.answered += 1;
        delays.push(delay);
        healing.example ??= { failure: refOf(columns, line), success: refOf(columns, next!.line), delay };
      } else if (time + LONGEST_WAIT > last) {
        healing.undecided += 1;
      } else {
        healing.cases += 1;
        if (healing.exceptions.length < MOST_EXCEPTIONS) healing.exceptions.push(refOf(columns, line));
      }
    }
    addDelays(healing, delays);
    countBase(healing, here, successes, columns, Math.min(LONGEST_WAIT, withinOf(delays)));
    // To look at every failure takes long: only for what may be proposed.
    if (2 * delays.length >= cases.at.length) countUnprovoked(healing, columns, failure, success, there, key);
  }
}

/** What may be a success: an information that does not say that the failure goes on. */
const isHope = (statement: Statement): boolean =>
  statement.level < 3 && meaningOf(statement) !== 'goes-on' && !isAboutSecurity(statement);

/** So many of the lines, evenly. */
function evenly({ statement, at, times }: Lines, most: number): Lines {
  if (at.length <= most) return { statement, at, times };
  const pick = (i: number): number => Math.floor((i * at.length) / most);
  return {
    statement,
    at: Int32Array.from({ length: most }, (_, i) => at[pick(i)]!),
    times: Float64Array.from({ length: most }, (_, i) => times[pick(i)]!),
  };
}

/** How many of the failures the success follows at all. */
function presenceOf({ times }: Lines, success: Lines): number {
  let present = 0;
  for (const time of times) {
    const next = success.times[firstFrom(success.times, time)];
    if (next !== undefined && next - time <= LONGEST_WAIT) present += 1;
  }
  return present / times.length;
}

interface Timed {
  readonly times: number[];
  readonly lines: number[];
}

/** One hash of the values of a key, for each line; 0 if one is missing. */
function keysOf(columns: Columns, lines: Lines, key: readonly KeyPart[], side: 'here' | 'there'): Int32Array {
  const keys = columns.valuesOf(lines, '$origin').slice();
  for (const part of key) {
    const values = columns.valuesOf(lines, part[side]);
    for (let i = 0; i < keys.length; i += 1) {
      const value = values[i]!;
      // What is missing once stays missing.
      if (value === 0) keys[i] = MISSING;
      else if (keys[i] !== MISSING) keys[i] = Math.imul(keys[i]! ^ value, 0x01000193) ^ (keys[i]! >>> 13);
    }
  }
  for (let i = 0; i < keys.length; i += 1) keys[i] = keys[i] === MISSING ? 0 : keys[i]! || 1;
  return keys;
}

/** No key has this hash, or it is another's once in four thousand million. */
const MISSING = -0x80000000;

/** The lines of the keys that are wanted. */
function byKey({ at, times }: Lines, keys: Int32Array, wanted: ReadonlySet<number>): Map<number, Timed> {
  const lines = new Map<number, Timed>();
  for (let i = 0; i < at.length; i += 1) {
    const key = keys[i]!;
    if (key === 0 || !wanted.has(key)) continue;
    let timed = lines.get(key);
    if (timed === undefined) lines.set(key, (timed = { times: [], lines: [] }));
    timed.times.push(times[i]!);
    timed.lines.push(at[i]!);
  }
  return lines;
}

/** The first that came after a line. */
function nextOf(
  timed: Timed | undefined,
  time: number,
  line: number,
): { readonly time: number; readonly line: number } | undefined {
  if (timed === undefined) return undefined;
  for (let i = firstFrom(timed.times, time); i < timed.times.length; i += 1)
    if (timed.times[i]! > time || timed.lines[i]! > line) return { time: timed.times[i]!, line: timed.lines[i]! };
  return undefined;
}

const lastTime = ({ span }: Columns): number => span.last;

const firstTime = ({ span }: Columns): number => span.first;

interface Option extends KeyPart {
  readonly share: number;
  readonly distinct: number;
}

/**
 * The values that are the same on both lines: those that tell cases apart, else what is always the same. `undefined` if the two lines
 * disagree in what they have in common.
 */
function chooseKey(columns: Columns, sample: Lines, failure: Statement, success: Lines): readonly KeyPart[] | undefined {
  const named = columns.namesOf(success.statement).filter((name) => !NO_KEY.test(name) && name !== '$origin');
  const options: Option[] = [];
  const constant: Option[] = [];
  let disagrees = false;
  for (const here of columns.namesOf(failure)) {
    if (NO_KEY.test(here) || here === '$origin') continue;
    const values = new Set(keysOf(columns, sample, [{ here, there: here }], 'here'));
    if (values.has(0)) continue;
    const isShared = named.includes(here) && !here.startsWith('#');
    for (const there of isShared ? [here] : named) {
      // Fields of other names must at least have more than one value, or they are the same by chance.
      if (!isShared && (values.size < 2 || !overlap(new Set(columns.valuesOf(sample, here)), valuesIn(columns, success, there))))
        continue;
      const share = shareOf(columns, sample, success, [{ here, there }]);
      if (values.size === 1) {
        if (share >= 0.99) constant.push({ here, there, share, distinct: 1 });
        else disagrees ||= share < LEAST_SHARE && isShared;
      } else if (share >= LEAST_SHARE) options.push({ here, there, share, distinct: values.size });
      else if (isShared && 2 * values.size <= sample.at.length) disagrees = true;
    }
  }
  options.sort((a, b) => Math.round((b.share - a.share) * 20) || b.distinct - a.distinct);
  const [best] = options;
  if (best === undefined) return disagrees ? undefined : constant.slice(0, MOST_KEYS).map(partOf);
  const key = [partOf(best)];
  let distinct = best.distinct;
  for (const option of options.slice(1)) {
    if (key.length === MOST_KEYS) break;
    if (option.here === best.here || option.there === best.there) continue;
    const longer = [...key, partOf(option)];
    const more = new Set(keysOf(columns, sample, longer, 'here')).size;
    if (more <= distinct || shareOf(columns, sample, success, longer) < best.share - KEY_COST) continue;
    key.push(partOf(option));
    distinct = more;
  }
  return key;
}

/** Values that some lines of a success have under a name. */
function valuesIn(columns: Columns, success: Lines, name: string): ReadonlySet<number> {
  const { at } = evenly(success, MOST_KNOWN);
  return new Set(Int32Array.from(at, (line) => columns.valueOf(line, name)));
}

/** Whether half of the values are among the others. */
function overlap(values: ReadonlySet<number>, others: ReadonlySet<number>): boolean {
  let shared = 0;
  for (const value of values) if (others.has(value)) shared += 1;
  return 2 * shared >= values.size;
}

const partOf = ({ here, there }: Option): KeyPart => ({ here, there });

/** How many of the failures the success follows with the same key. */
function shareOf(columns: Columns, sample: Lines, success: Lines, key: readonly KeyPart[]): number {
  const here = keysOf(columns, sample, key, 'here');
  const successes = byKey(success, keysOf(columns, success, key, 'there'), new Set(here));
  let answered = 0;
  for (const [i, line] of sample.at.entries()) {
    const next = nextOf(successes.get(here[i]!), sample.times[i]!, line);
    if (next !== undefined && next.time - sample.times[i]! <= LONGEST_WAIT) answered += 1;
  }
  return answered / sample.at.length;
}

function addDelays({ delays }: Healing, more: readonly number[]): void {
  for (const delay of more) delays.push(delay);
  while (delays.length > MOST_DELAYS) {
    const half = delays.filter((_, i) => i % 2 === 0);
    delays.length = 0;
    for (const delay of half) delays.push(delay);
  }
}

/** Twice the 99th percentile; NaN without any. */
export function withinOf(delays: readonly number[]): number {
  const sorted = delays.toSorted((a, b) => a - b);
  return sorted.length === 0 ? NaN : 2 * sorted[Math.min(sorted.length - 1, Math.ceil(0.99 * sorted.length) - 1)]!;
}

/** Looks for the success at moments that have nothing to do with the failure, which a seed chooses. */
function countBase(
  healing: Healing,
  here: Int32Array,
  successes: ReadonlyMap<number, Timed>,
  columns: Columns,
  within: number,
): void {
  const first = firstTime(columns);
  const room = lastTime(columns) - within - first;
  if (!(room > 0)) return;
  const window = Math.max(within, 1);
  let seed = healing.failure * 7919 + healing.success + 1;
  for (let i = 0; i < Math.min(512, 4 * here.length); i += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const time = first + (seed / 2 ** 32) * room;
    const next = nextOf(successes.get(here[i % here.length]!), time, -1);
    healing.baseTries += 1;
    if (next !== undefined && next.time - time <= window) healing.baseHits += 1;
  }
}

/** How often the success came without a failure of its key before it: of any statement, for one success may answer several. */
function countUnprovoked(
  healing: Healing,
  columns: Columns,
  failure: Lines,
  success: Lines,
  there: Int32Array,
  key: readonly KeyPart[],
): void {
  const isOfMessage = key.some(({ here }) => here.startsWith('#'));
  const failures = isOfMessage ? [failure] : [...columns.lines.values()].filter(({ statement }) => isFailure(statement));
  const before = new Map<number, number[]>();
  const wanted = new Set(there);
  for (const lines of failures) {
    const keys = keysOf(columns, lines, key, 'here');
    for (let i = 0; i < keys.length; i += 1) {
      if (keys[i] === 0 || !wanted.has(keys[i]!)) continue;
      const times = before.get(keys[i]!);
      if (times === undefined) before.set(keys[i]!, [lines.times[i]!]);
      else times.push(lines.times[i]!);
    }
  }
  for (const times of before.values()) times.sort((a, b) => a - b);
  const step = Math.max(1, Math.floor(success.at.length / MOST_CASES));
  for (let i = 0; i < success.at.length; i += step) {
    const times = before.get(there[i]!);
    const time = success.times[i]!;
    const place = times === undefined ? 0 : firstFrom(times, time + 0.5);
    const last = place === 0 ? -Infinity : times![place - 1]!;
    healing.successes += 1;
    if (time - last > LONGEST_WAIT) healing.unprovoked += 1;
  }
}
