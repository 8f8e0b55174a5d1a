import { moved } from './envelope.ts';
import type { Arrival, Expected } from './expected.ts';
import { readJson } from './json.ts';
import { levelOn, nearestOfAll, type Level, type Place } from './levels.ts';
import { flatAt, nestedAt, readLine, USUAL, type LogRecord, type Reading } from './record.ts';
import { readLogfmt } from './logfmt.ts';
import { timeOfText } from './times.ts';
import { spelling, type Member } from './values.ts';

/** A line of output as both sides can tell it: the text of one that is unchanged, what was done to any other. */
export type Outcome = string | Done;

interface Said {
  readonly place: Pick<Place, 'path' | 'isNested' | 'scale'>;
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
export function expectedOutcomes(
  expected: readonly Expected[],
  input: readonly Arrival[],
  source: string,
  reading: Reading = USUAL,
): Outcome[] {
  return expected
    .filter((item) => input[item.input]!.source === source)
    .map((item) => {
      const line = input[item.input]!.line!;
      if (item.kind === 'unchanged') return line;
      const before = recordIn(line, reading)!;
      const counts =
        item.kind === 'summary'
          ? { repeats: item.repeats, first: item.first, last: item.last }
          : { repeats: undefined, first: undefined, last: undefined };
      const { rule, was, note } = item;
      const scales = before.places.map(({ scale }) => scale);
      const level = item.level === before.level ? item.level : nearestOfAll(scales, item.level);
      const places = before.places.map(({ path, isNested, scale }): Said => ({ place: { path, isNested, scale }, level }));
      const others = othersIn(before, line, places, reading);
      const old = before.lent === true ? undefined : before.around?.priority;
      const priority = old === undefined ? undefined : moved(old, before.level, level);
      const wasEnvelope = priority === old ? undefined : old;
      return { rule, level, places, was, msg: item.msg ?? before.msg, note, ...counts, priority, wasEnvelope, others };
    });
}

/** What stands in the lines of one source, read in the light of what is expected: an input may be annotated already. */
export function actualOutcomes(lines: readonly string[], expected: readonly Outcome[], reading: Reading = USUAL): Outcome[] {
  return lines.map((line, at) => {
    const wanted = expected[at];
    return typeof wanted === 'object' ? doneTo(line, wanted, reading) : line;
  });
}

function doneTo(line: string, { places: wanted }: Done, reading: Reading): Outcome {
  const record = recordIn(line, reading);
  if (record === undefined || !record.annotated) return line;
  const isHeaded = record.header !== undefined || record.format === 'message';
  const isMember = record.format === 'json' || record.header?.tail === 'json';
  const pairs = isHeaded ? (readLogfmt(record.note ?? '')?.members ?? []) : record.members;
  const annotation = isMember ? annotationOf(record.members) : pairs.filter(({ name }) => isOurs(name));
  const of = (name: string): Member | undefined => annotation.find((member) => member.name.replace(/^relevel\./u, '') === name);
  const text = (name: string): string | undefined => spelling(of(name)?.value);
  const time = (name: string): number | undefined => timeOfText(text(name) ?? '')?.ms;
  const places = wanted.map(({ place }, at): Said => {
    const { path, isNested } = place;
    const isSame = (each: Said): boolean => each.place.path === path && each.place.isNested === isNested;
    const earlier = wanted.slice(0, at).filter(isSame).length;
    const found = (isNested ? nestedAt : flatAt)(record.members, path);
    const member = isHeaded || record.lent === true ? record.places[0]!.member : found[earlier];
    return { place, level: member && levelOn(place.scale, spelling(member.value) ?? '') };
  });
  return {
    rule: text('rule'),
    level: record.level,
    places,
    was: of('was')?.raw,
    msg: record.msg,
    note: text('note'),
    repeats: of('repeats') === undefined ? undefined : Number(text('repeats')),
    first: time('first'),
    last: time('last'),
    priority: record.lent === true ? undefined : record.around?.priority,
    wasEnvelope: text('was_envelope'),
    others: othersIn(record, line, places, reading),
  };
}

function recordIn(line: string, reading: Reading): LogRecord | undefined {
  const content = readLine(line.replace(/\r$/u, ''), reading);
  return content.kind === 'record' ? content : undefined;
}

const isOurs = (name: string): boolean => name === 'relevel' || name.startsWith('relevel.');

/** The members of the last member, which is ours. */
function annotationOf(members: readonly Member[]): readonly Member[] {
  const last = members.at(-1)!;
  return last.name === 'relevel' ? readJson(last.raw)! : [];
}

/** What no edit may touch: the other members, the header around its level, and a CR at the end. */
function othersIn(record: LogRecord, line: string, places: readonly Said[], reading: Reading): readonly string[] {
  const prefix = record.around?.prefix.replace(/^<\d+>/u, '<>') ?? '';
  const end = line.endsWith('\r') ? [prefix, 'CR'] : [prefix];
  if (record.format === 'message') return end;
  const { header } = record;
  const names = places.flatMap(({ place: { path } }) => [path, path.split('.')[0]!]);
  const edited = header === undefined ? new Set([...names, ...reading.msg, 'fields']) : new Set<string>();
  const kept = record.members.filter(({ name }) => !isOurs(name) && !edited.has(name));
  const members = kept.map(({ name, raw }) => `${name}=${raw}`);
  if (header === undefined) return [...members, ...end];
  return [header.before.replace(record.was, '').replaceAll(/ +/gu, ' '), ...members, ...end];
}
