import { createHash } from 'node:crypto';
import type { LogRecord } from '../../record/record.ts';
import { FLAG, NUMBER, QUOTED, UNQUOTED } from '../../record/value.ts';
import type { Field } from '../../rules/condition.ts';
import { compileMasks, type Masking } from './mask.ts';

/** One part of a key: a field, or the first of several that the line has, and what of it does not count. */
export interface KeyPart {
  /** The fields, as the rule names them. */
  readonly path: string;
  readonly fields: readonly Field[];
  readonly mask: Masking | undefined;
}

/** A longer key is kept as its hash: keys are as long as the lines' writers like, what is kept of them is not. */
const MAX_KEY = 256;

/** The bytes of the key that is being made. Grows to the largest. */
let scratch = Buffer.allocUnsafe(4096);

/**
 * The values of fields as one key, each behind its length, so that none can be taken for the end
 * of another; `undefined` if one of `parts` is missing, or `message` is missing or empty: that two lines
 * have no message does not make them the same. Texts and numbers count by their spelling. A key is a latin1
 * text of the bytes: a value that stands in the line as it is, is never decoded for it. What an envelope names stands before all.
 */
export function keyOf(parts: readonly KeyPart[], message: KeyPart | undefined, record: LogRecord): string | undefined {
  let end = 0;
  // Container, pod or unit are a part of the source.
  const origin = record.originKey;
  if (origin !== '') {
    const bytes = Buffer.from(origin);
    end = addBytes(bytes, 0, bytes.length, end);
  }
  for (let i = 0; i < parts.length; i += 1) {
    const next = addPart(parts[i]!, record, end);
    if (next === -1) return undefined;
    end = next;
  }
  if (message !== undefined) {
    const slot = record.find(record.names.msg);
    // A key without a value says nothing.
    if (slot !== -1 && record.kinds[slot] === FLAG) return undefined;
    const next = addPart(message, record, end);
    if (next <= end + LENGTH) return undefined;
    end = next;
  }
  return finish(end);
}

/** The key of which the bytes have been written. */
function finish(end: number): string {
  if (end <= MAX_KEY) return scratch.latin1Slice(0, end);
  // Nobody can make two that hash alike.
  return `#${createHash('sha256').update(scratch.subarray(0, end)).digest('base64')}`;
}

let masking: Masking | undefined;
const maskTail: Masking = (tail) => (masking ??= compileMasks(['hex', 'number'])!)(tail);

/**
 * The key of a record of which lines go on with the first one: errors with unlike causes are not the same. Numbers in these lines, such as
 * where in a file a frame stands, do not count.
 */
export function keyWithTail(key: string | undefined, tail: string): string | undefined {
  if (key === undefined || tail === '') return key;
  const hash = createHash('sha256').update(maskTail(tail)).digest('base64');
  // No other key is this one: its parts say how long they are, and a hash stands alone.
  return `${key}#${hash}`;
}

/** As `keyOf`, of values that stand in `bytes` at these pairs of offsets, as many as `length` of them; the last is a message if `hasMessage`. */
export function keyOfSpans(bytes: Uint8Array, spans: Int32Array, length: number, hasMessage: boolean): string | undefined {
  let end = 0;
  for (let i = 0; i < length; i += 2) end = addBytes(bytes, spans[i]!, spans[i + 1]!, end);
  if (hasMessage && spans[length - 2] === spans[length - 1]) return undefined;
  return finish(end);
}

/** Those of `parts` for which the record has no value: why there is no key. */
export const missingIn = (parts: readonly KeyPart[], record: LogRecord): readonly string[] =>
  parts.filter((part) => valueIn(part, record) === undefined).map(({ path }) => path);

/** The value of a part, without its masks. */
export function valueIn({ fields }: KeyPart, record: LogRecord): string | undefined {
  for (const field of fields) {
    const value = field.spelling(record);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Bytes before each value: how long it is. */
const LENGTH = 4;

/** Writes one part at `at`. Offset behind it, or -1 where the field is missing. There is always room for one length more. */
function addPart({ fields, mask }: KeyPart, record: LogRecord, at: number): number {
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i]!;
    const slot = field.slots === undefined || mask !== undefined ? -1 : record.find(field.slots);
    const kind = slot === -1 ? -1 : record.kinds[slot]!;
    if (kind === QUOTED || kind === UNQUOTED || kind === NUMBER)
      return addBytes(record.bytes, record.starts[slot]!, record.ends[slot]!, at);
    const value = field.spelling(record);
    if (value === undefined) continue;
    const bytes = Buffer.from(mask === undefined ? value : mask(value));
    return addBytes(bytes, 0, bytes.length, at);
  }
  return -1;
}

function addBytes(bytes: Uint8Array, start: number, end: number, at: number): number {
  const length = end - start;
  const needed = at + length + 8;
  if (needed > scratch.length) scratch = Buffer.concat([scratch], 2 * needed);
  const to = scratch;
  to[at] = length & 255;
  to[at + 1] = (length >> 8) & 255;
  to[at + 2] = (length >> 16) & 255;
  to[at + 3] = length >>> 24;
  let put = at + LENGTH;
  for (let from = start; from < end; from += 1) to[put++] = bytes[from]!;
  return put;
}
