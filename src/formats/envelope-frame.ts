import { BEHIND_TIME, LONGEST_FRAME, STREAM_LETTER } from '../kernel/layout.ts';
import { originOf, type Envelope } from '../record/envelope.ts';
import { valueEnd } from './json.ts';

/** What a container runtime writes around a line, or around a piece of one that was too long for it. */
export interface Frame {
  readonly kind: 'cri' | 'docker';
  /** The text as it is written; docker's is a JSON string, without quotes and without the newline at its end. */
  readonly textStart: number;
  readonly textEnd: number;
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
  /** It ends a line; another piece of it comes where it does not. */
  readonly isLast: boolean;
  /** What else it says, between text and time or among the tags: the same around all pieces of a line. */
  readonly more: string;
}

/** Longer words before a line are not looked for. */
export const MOST_WORDS = LONGEST_FRAME;

/** A time in RFC 3339, the stream, the tags: `F` ends a line, `P` does not. */
const CRI = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(:\S*)? /u;

/** `2026-11-21T10:00:00.123456789Z stderr F text`, the format of the kubelet's CRI. */
export function criFrame(bytes: Buffer, start: number, end: number): Frame | undefined {
  if (!mayBeCriFrame(bytes, start, end)) return undefined;
  const found = CRI.exec(bytes.latin1Slice(start, Math.min(end, start + MOST_WORDS)));
  if (found === null) return undefined;
  const [words, time, stream, tag, more] = found;
  return {
    kind: 'cri',
    textStart: start + words.length,
    textEnd: end,
    stream: stream as Frame['stream'],
    time: time!,
    isLast: tag === 'F',
    more: more ?? '',
  };
}

const SPACE = 0x20;
const HYPHEN = 0x2d;
const LETTER_S = 0x73;
const LETTER_T = 0x54;

/** Most lines have no such time, or no stream behind it: to see that costs less than to compare them. */
function mayBeCriFrame(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start + 4] !== HYPHEN || bytes[start + 10] !== LETTER_T) return false;
  let at = start + 11;
  while (at < end && bytes[at]! > SPACE) at += 1;
  return at + 1 < end && bytes[at] === SPACE && bytes[at + 1] === LETTER_S;
}

const CRI_ALONE = ['cri'] as const;
const STDOUT = originOf({ stream: 'stdout' });
const STDERR = originOf({ stream: 'stderr' });
const LETTER_O = 0x6f;

/** The envelope of a whole line `[start, end)` whose frame the kernel has found: its text begins at `textStart`. */
export const framedEnvelope = (bytes: Buffer, start: number, end: number, textStart: number): Envelope => ({
  bytes,
  start,
  end,
  line: bytes,
  pieces: '',
  kinds: CRI_ALONE,
  origin: bytes[textStart - STREAM_LETTER] === LETTER_O ? STDOUT : STDERR,
  isUnsure: false,
  inside: undefined,
  severity: undefined,
});

/** Where the time of such a line ends, which is at its beginning. */
export const framedTimeEnd = (textStart: number): number => textStart - BEHIND_TIME;

/** Whether this is all that stands around a line. */
export const isFramedAlone = ({ kinds, pieces, inside, severity }: Envelope): boolean =>
  kinds.length === 1 && kinds[0] === 'cri' && pieces === '' && inside === undefined && severity === undefined;

const LOG = Buffer.from('{"log":"');
/** Behind the text: the stream, perhaps attributes, the time. */
const REST = /^,"stream":"(stdout|stderr)"(.*),"time":"([\dT:.Z+-]+)"\}$/u;

/** `{"log":"text\n","stream":"stderr","time":"..."}`, docker's json-file. The newline is not there where more is to come. */
export function dockerFrame(bytes: Buffer, start: number, end: number): Frame | undefined {
  if (!beginsAsDocker(bytes, start, end)) return undefined;
  const textStart = start + LOG.length;
  const close = valueEnd(bytes, textStart - 1, end);
  if (close === -1) return undefined;
  const found = REST.exec(bytes.latin1Slice(close, end));
  if (found === null) return undefined;
  const [, stream, more, time] = found;
  const newline = newlineBefore(bytes, textStart, close - 1);
  return {
    kind: 'docker',
    textStart,
    textEnd: close - 1 - newline,
    stream: stream as Frame['stream'],
    time: time!,
    isLast: newline > 0,
    more: more!,
  };
}

export const beginsAsDocker = (bytes: Buffer, start: number, end: number): boolean =>
  bytes.compare(LOG, 0, LOG.length, start, Math.min(end, start + LOG.length)) === 0;

/** Bytes of the escape that is a newline and stands at the end of the JSON text `[start, end)`; 0 where there is none. */
export function newlineBefore(bytes: Buffer, start: number, end: number): number {
  const length = bytes[end - 1] === 0x6e ? 2 : /\\u000a$/iu.test(bytes.latin1Slice(Math.max(start, end - 6), end)) ? 6 : 0;
  if (length === 0 || end - length < start) return 0;
  let at = end - length;
  while (at >= start && bytes[at] === 0x5c) at -= 1;
  // Of an even number of backslashes the last one is a backslash, and no escape.
  return (end - length - at) % 2 === 1 ? length : 0;
}
