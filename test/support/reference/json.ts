import type { Name, NameTable } from '../../../src/record/names.ts';
import type { LogRecord } from '../../../src/record/record.ts';
import { FALSE, JSON_ESCAPED, MISSING, NESTED, NULL, NUMBER, QUOTED, TRUE } from '../../../src/record/value.ts';
import { valueEnd } from '../../../src/formats/json.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Reads JSON without the kernel: the reference for it. */
export function readJsonPlainly(record: LogRecord): boolean {
  const { bytes, end } = record;
  let at = skipSpace(bytes, record.start, end);
  if (bytes[at] !== OPEN_OBJECT || at >= end) return record.opaque('not JSON');
  at = readMembers(record, record.names.top, at + 1, end, true);
  if (at === -1) return record.opaque('not JSON');
  record.annotateAt = at - 1;
  record.manner = 'member';
  return skipSpace(bytes, at, end) === end ? record.settle() : record.opaque('not JSON');
}

/** Reads the members of an object from behind its brace. Offset behind the closing brace, or -1. */
function readMembers(record: LogRecord, table: NameTable, from: number, end: number, top: boolean): number {
  const { bytes, kinds } = record;
  let at = skipSpace(bytes, from, end);
  if (at < end && bytes[at] === CLOSE_OBJECT) return at + 1;
  while (at < end) {
    // key
    if (bytes[at] !== QUOTE) return -1;
    const keyStart = at + 1;
    const keyEnd = valueEnd(bytes, at, end) - 1;
    if (keyEnd < 0) return -1;
    const name = isEscaped(bytes, keyStart, keyEnd)
      ? table.findText(decodeKey(record, keyStart, keyEnd))
      : table.find(bytes, keyStart, keyEnd);
    at = skipSpace(bytes, keyEnd + 1, end);
    if (at >= end || bytes[at] !== COLON) return -1;
    at = skipSpace(bytes, at + 1, end);

    // value
    if (name === undefined) {
      at = valueEnd(bytes, at, end);
    } else if (top && kinds[name.slot] !== MISSING) {
      at = readAgain(record, name.slot, at, end);
    } else {
      at = readValue(record, name, at, end);
    }
    if (at === -1) return -1;

    // comma or end
    at = skipSpace(bytes, at, end);
    if (at >= end) return -1;
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at = skipSpace(bytes, at + 1, end);
  }
  return -1;
}

/** Reads the value of a member that somebody asks for. Offset behind it, or -1. */
function readValue(record: LogRecord, name: Name, at: number, end: number): number {
  const { bytes } = record;
  if (name.inside !== undefined) forget(record, name.inside);
  const first = bytes[at];
  if (first === OPEN_OBJECT && name.inside !== undefined && at < end) {
    // Deep only as the rules' own paths are: what lies beside them is passed over without recursion.
    const close = readMembers(record, name.inside, at + 1, end, false);
    if (close !== -1) record.set(name.slot, NESTED, at, close);
    return close;
  }
  const close = valueEnd(bytes, at, end);
  if (close === -1) return -1;
  if (first === QUOTE) record.set(name.slot, isEscaped(bytes, at + 1, close - 1) ? JSON_ESCAPED : QUOTED, at + 1, close - 1);
  else record.set(name.slot, kindOf(first!), at, close);
  return close;
}

/** Reads the value of a name that the line has had before. Offset behind it, or -1. */
function readAgain(record: LogRecord, slot: number, at: number, end: number): number {
  const { bytes } = record;
  const close = valueEnd(bytes, at, end);
  if (close === -1) return -1;
  if (bytes[at] === QUOTE) record.again(slot, isEscaped(bytes, at + 1, close - 1) ? JSON_ESCAPED : QUOTED, at + 1, close - 1);
  else record.again(slot, kindOf(bytes[at]!), at, close);
  return close;
}

function kindOf(first: number): number {
  if (first === 0x74) return TRUE;
  if (first === 0x66) return FALSE;
  if (first === 0x6e) return NULL;
  return first === OPEN_OBJECT || first === OPEN_LIST ? NESTED : NUMBER;
}

/** An earlier member of the same name is void. */
function forget(record: LogRecord, table: NameTable): void {
  for (const name of table.values()) {
    record.kinds[name.slot] = MISSING;
    if (name.inside !== undefined) forget(record, name.inside);
  }
}

const decodeKey = (record: LogRecord, start: number, end: number): string =>
  JSON.parse(record.bytes.toString('utf8', start - 1, end + 1)) as string;

const isEscaped = (bytes: Uint8Array, start: number, end: number): boolean => bytes.subarray(start, end).includes(BACKSLASH);

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! <= 0x20) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
    at += 1;
  }
  return at;
}
