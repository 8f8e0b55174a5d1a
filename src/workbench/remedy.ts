import { CRITICAL, FATAL, LEVELS, type Level } from '../record/level.ts';
import { unreachable, type LogRecord } from '../record/record.ts';
import { fieldAt } from '../rules/condition.ts';
import { plainName, spellingOf, wordsOf } from '../rules/condition-words.ts';
import type { Misfit } from '../rules/misfit.ts';
import { quote } from '../rules/quote.ts';
import type { Condition, Test, Value } from '../rules/rule.ts';
import { nearestPath, type Found } from './line-fields.ts';
import { nearPiece } from './near-text.ts';

/** A condition that keeps a line from matching, what the line has instead, and the smallest change of the rule that would do. */
export interface Reason {
  /** In the words of the rule. Safe to print, like all other texts here. */
  readonly condition: string;
  readonly found: string;
  /** What to do. */
  readonly remedy: string;
  /** What stands in place of the part then. */
  readonly becomes: Condition;
  /** From 0, a matter of spelling, to 1: the condition is about something else. */
  readonly distance: number;
}

/** A line that does not match, for those who look for a remedy. */
export interface Refused {
  readonly record: LogRecord;
  readonly fields: ReadonlyMap<string, Found>;
  /** Whether the line matches a condition: each remedy is tried before it is told. */
  readonly matches: (condition: Condition) => boolean;
}

interface Remedy {
  readonly becomes: Condition;
  readonly remedy: string;
  readonly distance: number;
  /** What is odd about what was found. */
  readonly note?: string;
}

type FieldTest = Extract<Condition, { kind: 'field' }>;

/** What holds of every line. */
const ANYTHING: Condition = { kind: 'all', of: [] };
const NOTHING: Condition = { kind: 'any', of: [] };

export function reasonFor({ part, isNegated }: Misfit, line: Refused): Reason {
  const words = wordsOf(part);
  const condition = isNegated ? `not (${words})` : words;
  const found = foundBy(part, line);
  const { becomes, remedy, distance, note } = isNegated
    ? { becomes: NOTHING, remedy: 'leave this exception out', distance: 0.5, note: undefined }
    : remedyFor(part, line);
  return { condition, found: note === undefined ? found : `${found} (${note})`, remedy, becomes, distance };
}

/** What the line has there. */
function foundBy(part: Condition, { record }: Refused): string {
  switch (part.kind) {
    case 'level':
      return record.level === -1 ? 'no level' : LEVELS[record.level];
    case 'field':
      return foundUnder(part.path, record);
    case 'all':
    case 'any':
    case 'not':
      return 'a condition that no line can change';
    default:
      return unreachable(part);
  }
}

function foundUnder(path: string, record: LogRecord): string {
  const field = fieldAt(path, record.names);
  if (!field.exists(record)) return path === 'msg' ? 'no message' : `no field ${quote(path)}`;
  if (path === 'time') return field.digits(record)!; // a time that exists has some
  const text = field.text(record);
  if (text !== undefined) return quote(text);
  const digits = field.digits(record);
  if (digits !== undefined) return digits;
  for (const value of [true, false, null]) if (field.is(record, value)) return String(value);
  return 'an object or a list, which no test compares';
}

/** The smallest change that makes the line match, of all that are known; at last to do without the condition. */
function remedyFor(part: Condition, line: Refused): Remedy {
  const last: Remedy = { becomes: ANYTHING, remedy: 'leave this condition out', distance: 1 };
  switch (part.kind) {
    case 'level':
      return remedyOfLevel(part.levels, line) ?? last;
    case 'field': {
      for (const remedy of remediesOfField(part, line)) if (line.matches(remedy.becomes)) return remedy;
      return last;
    }
    case 'all':
    case 'any':
    case 'not':
      return last;
    default:
      return unreachable(part);
  }
}

function remedyOfLevel(levels: readonly Level[], { record }: Refused): Remedy | undefined {
  const { level } = record;
  if (level === -1) return undefined;
  const least = Math.min(...levels);
  // What asks for a level and all above it, goes on doing so.
  const isOpen = levels.includes(FATAL) && levels.length > 1;
  const wider =
    level < least && isOpen ? allFrom(level).filter((each) => each < least || levels.includes(each)) : [...levels, level];
  const becomes: Condition = { kind: 'level', levels: wider, ...(level === CRITICAL ? { namesCritical: true } : {}) };
  const steps = Math.min(...levels.map((each) => Math.abs(each - level)));
  return { becomes, remedy: `write ${wordsOf(becomes)}`, distance: 0.3 + 0.05 * steps };
}

const allFrom = (level: Level): Level[] => LEVELS.map((_, index) => index as Level).filter((each) => each >= level);

/** In order, the smallest first. Each is to be tried. */
function* remediesOfField(part: FieldTest, line: Refused): Generator<Remedy> {
  const { path, test } = part;
  const { record, fields } = line;
  const field = fieldAt(path, record.names);
  const exists = field.exists(record);
  if (test.kind === 'exists') {
    if (!test.exists)
      yield { becomes: { ...part, test: { kind: 'exists', exists: true } }, remedy: 'write exists: true', distance: 0.6 };
  } else if (exists) {
    const text = field.text(record);
    yield* sameValue(part, text, field.digits(record));
    if (text !== undefined) yield* nearText(part, text);
    yield* nearNumber(part, field.digits(record));
  }
  if (path === 'level' && test.kind === 'in' && record.level !== -1) {
    const name: Value = { kind: 'text', text: LEVELS[record.level] };
    const note = 'a level is compared by its name';
    yield { becomes: inOf(part, [...test.values, name]), remedy: `write ${name.text}`, distance: 0.15, note };
  }
  if (!exists) {
    const near = nearestPath(path, fields);
    if (near !== undefined) {
      const note = `there is ${plainName(near)}`;
      yield { becomes: { ...part, path: near }, remedy: `write ${plainName(near)} for ${plainName(path)}`, distance: 0.1, note };
      yield* valueUnder(part, near, line, note);
    }
  }
  yield* elsewhere(part, fields);
  if (test.kind === 'in') yield* oneMore(part, test, field.text(record), field.digits(record));
}

/** A field of nearly this name, whose value is not quite the one either. */
function* valueUnder(part: FieldTest, near: string, line: Refused, note: string): Generator<Remedy> {
  const there = line.fields.get(near);
  if (typeof there !== 'string') return;
  for (const remedy of nearText({ ...part, path: near }, there))
    yield { ...remedy, remedy: `write ${plainName(near)} for ${plainName(part.path)}, and ${remedy.remedy}`, note };
}

/** The value is the same in all but its type. */
function* sameValue(part: FieldTest, text: string | undefined, digits: string | undefined): Generator<Remedy> {
  const { test } = part;
  if (test.kind !== 'in') {
    if (isNumberTest(test) && text !== undefined && digits === undefined)
      yield {
        becomes: ANYTHING,
        remedy: 'compare a number, or the text as it is',
        distance: 0.5,
        note: 'a text, which is not compared with numbers',
      };
    else if (isTextTest(test) && digits !== undefined && text === undefined)
      yield { becomes: ANYTHING, remedy: 'write the number itself', distance: 0.5, note: 'a number, which has no text' };
    return;
  }
  const spelling = text ?? digits;
  if (spelling === undefined || !test.values.some((value) => spellingOf(value) === spelling)) return;
  const value: Value = text === undefined ? { kind: 'number', digits: digits! } : { kind: 'text', text };
  const written = text === undefined ? digits! : quote(text);
  const note = text === undefined ? 'a number' : 'a text';
  yield { becomes: inOf(part, [...test.values, value]), remedy: `write ${written}`, distance: 0.1, note };
}

const isTextTest = ({ kind }: Test): boolean => ['contains', 'starts_with', 'ends_with', 'matches', 'glob'].includes(kind);
const isNumberTest = ({ kind }: Test): boolean => ['gt', 'gte', 'lt', 'lte'].includes(kind);

const inOf = (part: FieldTest, values: readonly Value[], ignoreCase = false): FieldTest => ({
  ...part,
  test: { kind: 'in', values, ignoreCase },
});

/** The text is nearly the one that is wanted. */
function* nearText(part: FieldTest, text: string): Generator<Remedy> {
  const { test } = part;
  if (test.kind === 'exists' || isNumberTest(test)) return;
  if ('ignoreCase' in test && !test.ignoreCase)
    yield {
      becomes: { ...part, test: { ...test, ignoreCase: true } },
      remedy: 'add ignore_case: true',
      distance: 0.05,
      note: 'case',
    };
  for (const wanted of wantedBy(test)) {
    const { ignoreCase } = test as Extract<Test, { ignoreCase: boolean }>; // all that want texts have it
    const contains = (of: string): FieldTest => ({ ...part, test: { kind: 'contains', text: of, ignoreCase } });
    const trimmed = wanted.trim();
    if (trimmed !== wanted && trimmed !== '')
      yield {
        becomes: withText(part, trimmed, ignoreCase),
        remedy: `write ${quote(trimmed)}`,
        distance: 0.1,
        note: 'blanks around it',
      };
    if (test.kind === 'starts_with' || test.kind === 'ends_with') {
      const note = test.kind === 'starts_with' ? `it stands further behind` : `it does not stand at the end`;
      yield { becomes: contains(wanted), remedy: 'write contains', distance: 0.15, note };
    }
    if (test.kind === 'in') {
      if (/[*?]/u.test(wanted)) {
        const glob: Test = { kind: 'glob', globs: [wanted], ignoreCase };
        yield {
          becomes: { ...part, test: glob },
          remedy: `write glob: ${quote(wanted)}`,
          distance: 0.1,
          note: 'equality has no wildcards',
        };
      }
      if (wanted !== '')
        yield {
          becomes: contains(wanted),
          remedy: 'write contains: a value alone must be equal',
          distance: 0.2,
          note: 'it is longer',
        };
    }
    const near = nearPiece(text, wanted);
    if (near !== undefined) {
      const { piece, distance } = near;
      const note = `${distance} ${distance === 1 ? 'letter differs' : 'letters differ'}: ${quote(piece)}`;
      const spelled = withText(part, piece, ignoreCase);
      const far = 0.15 + 0.3 * (distance / wanted.length);
      yield { becomes: spelled, remedy: `write ${quote(piece)}`, distance: far, note };
      yield { becomes: contains(piece), remedy: `write contains ${quote(piece)}`, distance: far + 0.1, note };
    }
  }
}

/** The same test for another text. */
function withText(part: FieldTest, text: string, ignoreCase: boolean): FieldTest {
  const { test } = part;
  if (test.kind === 'contains' || test.kind === 'starts_with' || test.kind === 'ends_with')
    return { ...part, test: { ...test, text } };
  return inOf(part, [{ kind: 'text', text }], ignoreCase);
}

/** Texts that a test asks for as they are. */
function wantedBy(test: Test): readonly string[] {
  switch (test.kind) {
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return [test.text];
    case 'in':
      return test.values.flatMap((value) => (value.kind === 'text' ? [value.text] : []));
    case 'matches':
    case 'glob':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'exists':
      return [];
    default:
      return unreachable(test);
  }
}

function* nearNumber(part: FieldTest, digits: string | undefined): Generator<Remedy> {
  const { test } = part;
  if (digits === undefined) return;
  switch (test.kind) {
    case 'gt':
    case 'gte':
      yield { becomes: { ...part, test: { kind: 'gte', digits } }, remedy: `write gte: ${digits}`, distance: 0.4 };
      return;
    case 'lt':
    case 'lte':
      yield { becomes: { ...part, test: { kind: 'lte', digits } }, remedy: `write lte: ${digits}`, distance: 0.4 };
      return;
    case 'in':
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'matches':
    case 'glob':
    case 'exists':
      return;
    default:
      return unreachable(test);
  }
}

/** Another field of the line has what is wanted here. */
function* elsewhere(part: FieldTest, fields: ReadonlyMap<string, Found>): Generator<Remedy> {
  const wanted = wantedBy(part.test).filter((text) => text.length >= SHORTEST);
  if (wanted.length === 0) return;
  for (const [path, value] of fields) {
    if (path === part.path || typeof value !== 'string' || !wanted.some((text) => value.includes(text))) continue;
    yield {
      becomes: { ...part, path },
      remedy: `write ${plainName(path)} for ${plainName(part.path)}`,
      distance: 0.25,
      note: `it stands in ${plainName(path)}`,
    };
  }
  for (const text of wanted) {
    const becomes: FieldTest = { kind: 'field', path: '$line', test: { kind: 'contains', text, ignoreCase: false } };
    yield { becomes, remedy: 'ask $line', distance: 0.35, note: 'it stands elsewhere in the line' };
  }
}

/** A shorter text stands in many fields by chance. */
const SHORTEST = 4;

/** One value more in the list. */
function* oneMore(
  part: FieldTest,
  test: Extract<Test, { kind: 'in' }>,
  text: string | undefined,
  digits: string | undefined,
): Generator<Remedy> {
  if (text !== undefined)
    yield {
      becomes: inOf(part, [...test.values, { kind: 'text', text }], test.ignoreCase),
      remedy: `add ${quote(text)}`,
      distance: 0.8,
    };
  else if (digits !== undefined)
    yield { becomes: inOf(part, [...test.values, { kind: 'number', digits }]), remedy: `add ${digits}`, distance: 0.8 };
}
