import type { Columns } from './columns.ts';
import { LONGEST_WAIT, refOf, type LineRef } from './healing.ts';
import type { Shape } from './shape.ts';
import { isFailure, type Statement } from './statements.ts';

/** More values of one name are not told apart. */
const MOST_VALUES = 256;
/** So many lines of a statement are kept, by their places: to read them again. */
const MOST_REFS = 64;

/** The values that lines of one form have under one name. */
export interface Values {
  /** How many lines have which value, by hash. */
  readonly counts: Map<number, number>;
  /** There were more. */
  areMany: boolean;
  /** Lines that have one. */
  lines: number;
}

/** What was seen of the failures of one form. */
export interface Seen {
  lines: number;
  readonly values: Map<string, Values>;
  readonly refs: LineRef[];
  first: number;
  last: number;
}

/** Counts failures, and the values that they have. */
export class RepeatMiner {
  /** By the number of a form. */
  readonly seen = new Map<number, Seen>();
  readonly #constants = new Map<Shape, number>();

  take(columns: Columns, shapes: readonly Shape[], statementOf: readonly Statement[]): void {
    const { batch } = columns;
    const isWanted = Uint8Array.from(shapes, ({ form }) => (isFailure(statementOf[form.number]!) ? 1 : 0));
    for (let line = 0; line < batch.count; line += 1) {
      const number = batch.shapes[line]!;
      if (isWanted[number] === 0) continue;
      const shape = shapes[number]!;
      const seen = this.#seenOf(shape);
      seen.lines += 1;
      this.#constants.set(shape, (this.#constants.get(shape) ?? 0) + 1);
      const time = batch.times[line]!;
      if (time < seen.first) seen.first = time;
      if (time > seen.last) seen.last = time;
      keepRef(seen, columns, line);
      const at = batch.valueAt[line]!;
      for (let i = 0; i < shape.variables.length; i += 1) count(valuesOf(seen, shape.variables[i]!), batch.values[at + i]!, 1);
    }
    // What is the same in all lines of a shape is counted once for all of them.
    for (const [shape, lines] of this.#constants)
      for (const [name, value] of shape.constants) count(valuesOf(this.#seenOf(shape), name), value, lines);
    this.#constants.clear();
  }

  #seenOf({ form }: Shape): Seen {
    let seen = this.seen.get(form.number);
    if (seen === undefined)
      this.seen.set(form.number, (seen = { lines: 0, values: new Map(), refs: [], first: Infinity, last: -Infinity }));
    return seen;
  }
}

/** The first lines, and then ever rarer ones: the choice depends on their number alone. */
function keepRef(seen: Seen, columns: Columns, line: number): void {
  const { refs } = seen;
  if (refs.length < MOST_REFS) refs.push(refOf(columns, line));
  else if (Number.isInteger(Math.log2(seen.lines)))
    refs[MOST_REFS / 2 + (Math.log2(seen.lines) % (MOST_REFS / 2))] = refOf(columns, line);
}

function valuesOf(seen: Seen, name: string): Values {
  let values = seen.values.get(name);
  if (values === undefined) seen.values.set(name, (values = { counts: new Map(), areMany: false, lines: 0 }));
  return values;
}

function count(values: Values, value: number, lines: number): void {
  values.lines += lines;
  if (values.areMany) return;
  const known = values.counts.get(value);
  if (known !== undefined) values.counts.set(value, known + lines);
  else if (values.counts.size < MOST_VALUES) values.counts.set(value, lines);
  else values.areMany = true;
}

/** What was seen of all forms of a statement. */
export function seenOf({ forms }: Statement, miner: RepeatMiner): Seen {
  const all = forms.flatMap(({ number }) => miner.seen.get(number) ?? []);
  const whole: Seen = { lines: 0, values: new Map(), refs: [], first: Infinity, last: -Infinity };
  for (const seen of all) {
    whole.lines += seen.lines;
    whole.first = Math.min(whole.first, seen.first);
    whole.last = Math.max(whole.last, seen.last);
    whole.refs.push(...seen.refs);
    for (const [name, { counts, areMany, lines }] of seen.values) {
      const values = valuesOf(whole, name);
      for (const [value, each] of counts) count(values, value, each);
      values.areMany ||= areMany;
      values.lines += lines - [...counts.values()].reduce((sum, each) => sum + each, 0);
    }
  }
  whole.refs.sort((a, b) => a.source - b.source || a.offset - b.offset);
  return whole;
}

/** Places and measures: they are different in lines that are the same to a person. */
const NO_GROUP =
  /(?:^|[._-])(?:attempts?|tr(?:y|ies)|retr(?:y|ies)|duration|elapsed|took|time|ts|timestamp|latency|ms|seconds|size|bytes|len|length|seq|offset|lag|total|num|level|severity|stack|caller|file|line|func|function|source|logger|logger_name|version|v|thread|goroutine|pid|process|tid|ppid|id|uuid)$|(?:Time|Ms|Seconds|Size|Bytes|Attempts?|Retries|Delay|Id|ID)$/u;
/** What a failure may be about. */
const SUBJECT =
  /(?:name|iface|interface|device|dev|node|namespace|container|service|target|endpoint|addr|address|url|path|topic|queue|table|db|database|bucket|cluster|backend|server|upstream|peer|tenant|shard|partition|volume|disk|mount|module|controller|resource|key|job|task|broker|replica|region)$/iu;
/** Who says it. */
const SPEAKER =
  /^(?:host|hostname|host_name|pod|podname|pod_name|nodename|node_name|app|appname|app_name|name|service|servicename|service_name)$/iu;
const MOST_GROUPS = 64;
const MOST_BY = 2;
/** Lines to a group, at least: with fewer, folding leaves nearly all. */
const LEAST_TO_GROUP = 2.5;

/**
 * The fields that tell apart what fails: those that name what the failure is about, then those that vary least. The first counts though it
 * does not vary in this log: in another it may.
 */
export function groupFieldsOf({ lines, values }: Seen): readonly string[] {
  const fields = [...values].flatMap(([name, { counts, areMany, lines: having }]) => {
    if (having !== lines || name.startsWith('#') || name === '$origin' || NO_GROUP.test(name)) return [];
    const size = areMany ? Infinity : counts.size;
    const isSubject = SUBJECT.test(name) && !SPEAKER.test(name);
    if (!isSubject && (size < 2 || size > MOST_GROUPS)) return [];
    return [{ name, size, isSubject }];
  });
  fields.sort((a, b) => Number(b.size > 1) - Number(a.size > 1) || Number(b.isSubject) - Number(a.isSubject) || a.size - b.size);
  const by: string[] = [];
  let groups = 1;
  for (const { name, size, isSubject } of fields) {
    if (by.length === MOST_BY || (by.length > 0 && size === 1)) break;
    // What a failure is about always counts, though then there may be little to fold; other fields only if they leave enough.
    if (!(isSubject && size > 1) && groups * size * LEAST_TO_GROUP > lines && size > 1) continue;
    by.push(name);
    groups *= size;
  }
  return by;
}

export const WINDOWS: readonly (readonly [text: string, ms: number])[] = [
  ['10m', 10 * LONGEST_WAIT],
  ['1h', 60 * LONGEST_WAIT],
  ['1d', 1440 * LONGEST_WAIT],
];
