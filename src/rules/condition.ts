import { containsBytes, endsWithBytes, equalsBytes, startsWithBytes, wholeNumber, type BytesTest } from '../record/bytes.ts';
import { LEVELS } from '../record/level.ts';
import { ORIGIN_PARTS } from '../record/envelope.ts';
import type { Names } from '../record/names.ts';
import { unreachable, type LogRecord } from '../record/record.ts';
import { FALSE, MISSING, NULL, NUMBER, QUOTED, TRUE, UNQUOTED } from '../record/value.ts';
import { foldCase } from './fold.ts';
import { compileGlob } from './glob.ts';
import { compareNumbers } from './number.ts';
import { compilePattern } from './pattern.ts';
import type { Condition, Test, Value } from './rule.ts';

/** Whether a record fits a condition. An opaque line has only `$line` and `$source`. */
export type Predicate = (record: LogRecord) => boolean;

/** How the value of a path is asked for. */
export interface Field {
  /** Where in a record it lies; `undefined` where it is no value of the line's own. */
  readonly slots: readonly number[] | undefined;
  /** The slots that its value depends on; `undefined` if that depends on more than values of the line's own. */
  readonly reads: readonly number[] | undefined;
  exists(record: LogRecord): boolean;
  text(record: LogRecord): string | undefined;
  /** A number's digits; in a format where everything is text, also a text that spells a number. */
  digits(record: LogRecord): string | undefined;
  /** Whether it is this boolean, or null; in a format where everything is text, whether it is spelled so. */
  is(record: LogRecord, value: boolean | null): boolean;
  /** As a key: texts and numbers by their spelling. `undefined` where there is no scalar. */
  spelling(record: LogRecord): string | undefined;
}

/** The field at `path`; ask before a record of these names is made. */
export function fieldAt(path: string, names: Names): Field {
  if (path === '$line') return textField((record) => record.line);
  if (path === '$source') return textField((record) => record.source);
  const part = ORIGIN_PARTS.find((each) => path === `$${each}`);
  if (part !== undefined) return originField(part);
  if (path === 'time') return TIME;
  if (path === 'level') return LEVEL;
  return new SlotField(names.slotsOf(path));
}

/** What an envelope names; else what the source is called by, which under `follow` holds what the path names. */
function originField(part: (typeof ORIGIN_PARTS)[number]): Field {
  const inName = new RegExp(` ${part}=([^ ]+)(?= |$)`, 'u');
  return textField(({ envelope, source }) => envelope?.origin[part] ?? inName.exec(source)?.[1]);
}

function textField(text: (record: LogRecord) => string | undefined): Field {
  return {
    slots: undefined,
    reads: undefined,
    exists: (record) => text(record) !== undefined,
    text,
    digits: () => undefined,
    is: () => false,
    spelling: text,
  };
}

/** The instant of the line itself, in ms. */
const TIME: Field = {
  slots: undefined,
  reads: undefined,
  exists: (record) => !Number.isNaN(record.time),
  text: () => undefined,
  digits: (record) => (Number.isNaN(record.time) ? undefined : String(record.time)),
  is: () => false,
  spelling: (record) => (Number.isNaN(record.time) ? undefined : String(record.time)),
};

/** The canonical level, by name. */
const LEVEL: Field = textField((record) => (record.level === -1 ? undefined : LEVELS[record.level]));

/** A class, and not an object of closures: of the packs that ship there are some two hundred at each start. */
class SlotField implements Field {
  readonly slots: readonly number[];

  constructor(slots: readonly number[]) {
    this.slots = slots;
  }

  get reads(): readonly number[] {
    return this.slots;
  }

  exists(record: LogRecord): boolean {
    return record.find(this.slots) !== -1;
  }

  text(record: LogRecord): string | undefined {
    const slot = record.find(this.slots);
    return slot === -1 ? undefined : record.text(slot);
  }

  digits(record: LogRecord): string | undefined {
    const slot = record.find(this.slots);
    return slot === -1 ? undefined : record.digits(slot);
  }

  is(record: LogRecord, value: boolean | null): boolean {
    const slot = record.find(this.slots);
    const kind = slot === -1 ? MISSING : record.kinds[slot]!;
    if (value === null) return kind === NULL;
    return kind === (value ? TRUE : FALSE) || (slot !== -1 && record.isLoose(slot) && record.text(slot) === String(value));
  }

  spelling(record: LogRecord): string | undefined {
    const slot = record.find(this.slots);
    return slot === -1 ? undefined : record.spelling(slot);
  }
}

/**
 * As `compile`, when the first record is asked about: a run meets lines of few rules, many of none. With `known`, `names` has
 * all that it will ask for.
 */
export function compileLater(condition: Condition, names: Names, known = false): Predicate {
  if (!known) addNames(condition, names);
  let fits: Predicate | undefined;
  return (record) => (fits ??= compile(condition, names))(record);
}

/**
 * What a condition asks of a line whatever the lines say that go on with it, if some do: less than of a line alone. `$line` is the text of
 * all of them.
 */
export function withoutTail(condition: Condition, isAsked = true): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, of: condition.of.map((part) => withoutTail(part, isAsked)) };
    case 'not':
      return { ...condition, of: withoutTail(condition.of, !isAsked) };
    case 'field':
      return condition.path === '$line' ? { kind: isAsked ? 'all' : 'any', of: [] } : condition;
    case 'level':
      return condition;
    default:
      return unreachable(condition);
  }
}

/** Whether a condition looks at `$line`. */
export function asksLine(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some(asksLine);
    case 'not':
      return asksLine(condition.of);
    case 'field':
      return condition.path === '$line';
    case 'level':
      return false;
    default:
      return unreachable(condition);
  }
}

/** Whether a condition looks at more than values of a line's own: at where it comes from, or at its time. */
export function asksMoreThanValues(condition: Condition, names: Names): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some((part) => asksMoreThanValues(part, names));
    case 'not':
      return asksMoreThanValues(condition.of, names);
    case 'field':
      return fieldAt(condition.path, names).slots === undefined;
    case 'level':
      return false;
    default:
      return unreachable(condition);
  }
}

/** Has records of these names keep what a condition will ask for. */
function addNames(condition: Condition, names: Names): void {
  switch (condition.kind) {
    case 'all':
    case 'any':
      for (const part of condition.of) addNames(part, names);
      return;
    case 'not':
      return addNames(condition.of, names);
    case 'field':
      fieldAt(condition.path, names);
      return;
    case 'level':
      return;
    default:
      return unreachable(condition);
  }
}

/** Turns a condition into a function, once, so that no record pays for reading the rule. */
function compile(condition: Condition, names: Names): Predicate {
  switch (condition.kind) {
    case 'all':
      return every(condition.of.map((part) => compile(part, names)));
    case 'any':
      return any(condition.of.map((part) => compile(part, names)));
    case 'not': {
      const part = compile(condition.of, names);
      return (record) => !part(record);
    }
    case 'level': {
      const mask = condition.levels.reduce<number>((bits, level) => bits | (1 << level), 0);
      return (record) => record.level !== -1 && ((mask >> record.level) & 1) === 1;
    }
    case 'field':
      return compileTest(condition.test, fieldAt(condition.path, names));
    default:
      return unreachable(condition);
  }
}

function every(parts: readonly Predicate[]): Predicate {
  if (parts.length === 1) return parts[0]!;
  return (record) => {
    for (let i = 0; i < parts.length; i += 1) if (!parts[i]!(record)) return false;
    return true;
  };
}

function any(parts: readonly Predicate[]): Predicate {
  if (parts.length === 1) return parts[0]!;
  return (record) => {
    for (let i = 0; i < parts.length; i += 1) if (parts[i]!(record)) return true;
    return false;
  };
}

function compileTest(test: Test, field: Field): Predicate {
  switch (test.kind) {
    case 'in':
      return compileIn(test.values, test.ignoreCase, field);
    case 'contains':
      return onText(field, test, (wanted) => (text) => text.includes(wanted), containsBytes);
    case 'starts_with':
      return onText(field, test, (wanted) => (text) => text.startsWith(wanted), startsWithBytes);
    case 'ends_with':
      return onText(field, test, (wanted) => (text) => text.endsWith(wanted), endsWithBytes);
    case 'glob': {
      const globs = test.globs.map((glob) => compileGlob(test.ignoreCase ? foldCase(glob) : glob));
      return fitsText(field, test.ignoreCase, (text) => globs.some((glob) => glob(text)));
    }
    case 'matches':
      return fitsText(field, false, compilePattern(test.text, test.ignoreCase).test);
    case 'gt':
      return onNumber(field, test.digits, (order) => order > 0);
    case 'gte':
      return onNumber(field, test.digits, (order) => order >= 0);
    case 'lt':
      return onNumber(field, test.digits, (order) => order < 0);
    case 'lte':
      return onNumber(field, test.digits, (order) => order <= 0);
    case 'exists':
      return test.exists ? (record) => field.exists(record) : (record) => !field.exists(record);
    default:
      return unreachable(test);
  }
}

function compileIn(values: readonly Value[], ignoreCase: boolean, field: Field): Predicate {
  const texts = new Set<string>();
  const others: Predicate[] = [];
  for (const value of values) {
    if (value.kind === 'text') texts.add(ignoreCase ? foldCase(value.text) : value.text);
    else if (value.kind === 'number') others.push(onNumber(field, value.digits, (order) => order === 0));
    else others.push((record) => field.is(record, value.kind === 'null' ? null : value.value));
  }
  const isText = [...texts].map((text) =>
    onText(field, { text, ignoreCase }, (wanted) => (each) => each === wanted, equalsBytes),
  );
  const parts = texts.size > FEW ? [fitsText(field, ignoreCase, (text) => texts.has(text)), ...others] : [...isText, ...others];
  return any(parts);
}

/** Up to so many texts are compared one by one as bytes, which is cheaper than to decode the value. */
const FEW = 4;

/** A text test, on bytes where the value stands in the line as it is: a valid text has one spelling in UTF-8. */
function onText(
  field: Field,
  test: { readonly text: string; readonly ignoreCase: boolean },
  fits: (wanted: string) => (text: string) => boolean,
  fitsBytes: BytesTest,
): Predicate {
  const { slots } = field;
  const onString = fitsText(field, test.ignoreCase, fits(test.ignoreCase ? foldCase(test.text) : test.text));
  // What is not UTF-8 decodes to U+FFFD, and so does half a surrogate pair.
  if (slots === undefined || test.ignoreCase || /[\ufffd\p{Cs}]/u.test(test.text)) return onString;
  const wanted = Buffer.from(test.text);
  return (record) => {
    const slot = record.find(slots);
    if (slot === -1) return false;
    const kind = record.kinds[slot];
    if (kind !== QUOTED && kind !== UNQUOTED) return onString(record);
    return fitsBytes(record.bytes, record.starts[slot]!, record.ends[slot]!, wanted);
  };
}

function fitsText(field: Field, ignoreCase: boolean, fits: (text: string) => boolean): Predicate {
  return (record) => {
    const text = field.text(record);
    return text !== undefined && fits(ignoreCase ? foldCase(text) : text);
  };
}

function onNumber(field: Field, wanted: string, fits: (order: number) => boolean): Predicate {
  const { slots } = field;
  const onDigits: Predicate = (record) => {
    const digits = field.digits(record);
    return digits !== undefined && fits(compareNumbers(digits, wanted));
  };
  // Most numbers are whole and short, and are compared without a string.
  const whole = /^(?:0|[1-9]\d{0,13})$/u.test(wanted) ? Number(wanted) : undefined;
  if (slots === undefined || whole === undefined) return onDigits;
  return (record) => {
    const slot = record.find(slots);
    if (slot === -1) return false;
    const number = record.kinds[slot] === NUMBER ? wholeNumber(record.bytes, record.starts[slot]!, record.ends[slot]!) : -1;
    return number === -1 ? onDigits(record) : fits(number - whole);
  };
}
