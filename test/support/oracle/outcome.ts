import { moved } from './envelope.ts';
import type { Arrival, Expected } from './expected.ts';
import { readJson } from './json.ts';
import { levelOn, nearestOfAll, type Level, type Place } from './levels.ts';
import { membersAt, NAMES, readLine, type LogRecord } from './record.ts';
import { readLogfmt } from './logfmt.ts';
import { timeOfText } from './times.ts';
import { spelling, type Member } from './values.ts';

/** A line of output as both sides can tell it: the text of one that is unchanged, what was done to any other. */
export type Outcome = string | Done;

interface Said {
  readonly place: Pick<Place, 'path' | 'scale'>;
  readonly level: Level | undefined;
}

interface Done {
  readonly rule: string | undefined;
  readonly level: string;
  /** What each place says that held the old level. */
  readonly places: readonly Said[];
  readonly was: string | undefined;
  readonly msg: string | undefined;
  readonly note: string | undefined;
  readonly repeats: number | undefined;
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** The priority around the line, and what it was. */
  readonly priority: string | undefined;
  readonly wasEnvelope: string | undefined;
  /** All else that the line holds, as spelled. */
  readonly others: readonly string[];
}

/** What the oracle says of the lines of one source. */
export function expectedOutcomes(expected: readonly Expected[], input: readonly Arrival[], source: string): Outcome[] {
  return expected
    .filter((item) => input[item.input]!.source === source)
    .map((item) => {
      const line = input[item.input]!.line!;
      if (item.kind === 'unchanged') return line;
      const before = recordIn(line)!;
      const counts =
        item.kind === 'summary'
          ? { repeats: item.repeats, first: item.first, last: item.last }
          : { repeats: undefined, first: undefined, last: undefined };
      const { rule, was, note } = item;
      const scales = before.places.map(({ scale }) => scale);
      const level = item.level === before.level ? item.level : nearestOfAll(scales, item.level);
      const places = before.places.map(({ path, scale }): Said => ({ place: { path, scale }, level }));
      const others = othersIn(before, line, places);
      const old = before.lent === true ? undefined : before.around?.priority;
      const priority = old === undefined ? undefined : moved(old, before.level, level);
      const wasEnvelope = priority === old ? undefined : old;
      return { rule, level, places, was, msg: item.msg ?? before.msg, note, ...counts, priority, wasEnvelope, others };
    });
}

/** What stands in the lines of one source, read in the light of what is expected: an input may be annotated already. */
export function actualOutcomes(lines: readonly string[], expected: readonly Outcome[]): Outcome[] {
  return lines.map((line, at) => {
    const wanted = expected[at];
    return typeof wanted === 'object' ? doneTo(line, wanted) : line;
  });
}

function doneTo(line: string, { places: wanted }: Done): Outcome {
  const record = recordIn(line);
  if (record === undefined || !record.annotated) return line;
  const header = isHeader(record);
  const [msg, pairs] = header ? splitAnnotation(record.msg ?? '') : [record.msg, record.members];
  const annotation = record.format === 'json' ? annotationOf(record.members) : pairs.filter(({ name }) => isOurs(name));
  const of = (name: string): Member | undefined => annotation.find((member) => member.name.replace(/^relevel\./u, '') === name);
  const text = (name: string): string | undefined => spelling(of(name)?.value);
  const time = (name: string): number | undefined => timeOfText(text(name) ?? '')?.ms;
  const places = wanted.map(({ place }, at): Said => {
    const earlier = wanted.slice(0, at).filter((each) => each.place.path === place.path).length;
    const member = header || record.lent === true ? record.places[0]!.member : membersAt(record.members, place.path)[earlier];
    return { place, level: member && levelOn(place.scale, spelling(member.value) ?? '') };
  });
  return {
    rule: text('rule'),
    level: record.level,
    places,
    was: of('was')?.raw,
    msg,
    note: text('note'),
    repeats: of('repeats') === undefined ? undefined : Number(text('repeats')),
    first: time('first'),
    last: time('last'),
    priority: record.lent === true ? undefined : record.around?.priority,
    wasEnvelope: text('was_envelope'),
    others: othersIn(record, line, places),
  };
}

function recordIn(line: string): LogRecord | undefined {
  const content = readLine(line.replace(/\r$/u, ''));
  return content.kind === 'record' ? content : undefined;
}

const isOurs = (name: string): boolean => name === 'relevel' || name.startsWith('relevel.');
const isHeader = ({ format }: LogRecord): boolean => format === 'env_logger' || format === 'klog' || format === 'message';

/** The members of the last member, which is ours. */
function annotationOf(members: readonly Member[]): readonly Member[] {
  const last = members.at(-1)!;
  return last.name === 'relevel' ? readJson(last.raw)! : [];
}

function splitAnnotation(text: string): readonly [msg: string, pairs: readonly Member[]] {
  const at = text.indexOf(' relevel.rule=');
  return at === -1 ? [text, []] : [text.slice(0, at), readLogfmt(text.slice(at + 1))?.members ?? []];
}

/** What no edit may touch: the other members, the header around its level, and a CR at the end. */
function othersIn(record: LogRecord, line: string, places: readonly Said[]): readonly string[] {
  const prefix = record.around?.prefix.replace(/^<\d+>/u, '<>') ?? '';
  const end = line.endsWith('\r') ? [prefix, 'CR'] : [prefix];
  if (record.format === 'message') return end;
  const text = record.around?.text ?? line;
  if (isHeader(record)) return [text.slice(0, text.indexOf('] ')).replace(record.was, '').replaceAll(/ +/gu, ' '), ...end];
  const edited = new Set([...places.flatMap(({ place: { path } }) => [path, path.split('.')[0]!]), ...NAMES.msg, 'fields']);
  const kept = record.members.filter(({ name }) => !isOurs(name) && !edited.has(name));
  return [...kept.map(({ name, raw }) => `${name}=${raw}`), ...end];
}
