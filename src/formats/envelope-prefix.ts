import { WRITER, type Writer } from '../record/clock-domain.ts';
import { ORIGIN_PARTS, type Named, type Severity, type Unescaped } from '../record/envelope.ts';
import { priority } from '../record/scale.ts';
import type { EnvelopeKind } from './envelope-kinds.ts';

/** More bytes of a line are not looked at for a prefix. */
const LONGEST = 1024;

/** Words before a line. Named groups say what they mean: `time`, `pri`, and the parts of an origin. */
interface Prefix {
  readonly kind: EnvelopeKind;
  /** Other kinds that it belongs to. */
  readonly also?: readonly EnvelopeKind[];
  readonly words: RegExp;
  /** Kinds of its first byte: most lines need not be compared with most of these. */
  readonly firsts: number;
  readonly writer: Writer;
  /** It may be prose, unless what stands behind it is read. */
  readonly isUnsure?: true;
}

const DIGIT = 1;
const CAPITAL = 2;
const SMALL = 4;
const BEYOND_ASCII = 8;
const ANGLE = 16;
const BRACKET = 32;
const COLOUR = 64;
const SEPARATOR = 128;

/** The kind of a first byte; 0: no prefix begins with it. */
function kindOfFirst(byte: number): number {
  if (byte >= 0x61) return byte <= 0x7a ? SMALL : byte >= 0x80 ? BEYOND_ASCII : 0;
  if (byte >= 0x41) return byte <= 0x5a ? CAPITAL : byte === 0x5b ? BRACKET : 0;
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte === 0x3c) return ANGLE;
  return byte === 0x1b ? COLOUR : byte === 0x1e ? SEPARATOR : 0;
}

const COLOURS = String.raw`(?:\x1b\[[\d;]*m)*`;
const PRI = String.raw`<(?<pri>\d{1,3})>`;
/** RFC 3339, also with an offset without its colon, as journalctl writes it. */
const TIME = String.raw`(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d))`;
/** Months are written in the language of whoever ran journalctl: only those in English are read as times. */
const BSD_TIME = String.raw`(?<time>[A-Za-z\x80-\xff]{3,6}\.? [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?)`;
/** Words that stand behind a time in headers: neither a program nor a host is called so. */
const LEVEL_WORD = '(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|TRC|DBG|INF|WRN|ERR|FTL)';
/** A program, perhaps its process, a colon. */
const TAG = String.raw`(?!${LEVEL_WORD}:)(?<unit>[^\s:[\]]+)(?:\[\d+\])?: `;
/** A host's name or address. */
const HOST = String.raw`(?!${LEVEL_WORD} )[^\s:/[\]][^\s/[\]]*(?<!:)`;
/** The letters of which Kubernetes makes the end of a pod's name: no word of prose ends so. */
const SUFFIX = '(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\\d{1,5})';
const LABEL = '[a-z\\d](?:[-a-z\\d.]*[a-z\\d])?';

const prefix = (kind: EnvelopeKind, firsts: number, words: string, writer: Writer): Prefix => ({
  kind,
  words: new RegExp(`^${words}`, 'su'),
  firsts,
  writer,
});

/** The first that fits is taken. */
const PREFIXES: readonly Prefix[] = [
  // RFC 5424, also as a file keeps it, without its priority
  prefix(
    'syslog',
    ANGLE | DIGIT,
    String.raw`(?:${PRI})?1 (?:${TIME}|-) \S+ (?<unit>\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: (?:\xef\xbb\xbf)?|$)`,
    WRITER.syslog,
  ),
  // rsyslog's usual file format, and journalctl's -o short-iso
  prefix('syslog', ANGLE | DIGIT, String.raw`(?:${PRI})?${TIME} (?!std(?:out|err) )${HOST} ${TAG}`, WRITER.syslog),
  // RFC 3164, and journalctl's short form
  prefix('syslog', ANGLE | CAPITAL | SMALL | BEYOND_ASCII, String.raw`(?:${PRI})?${BSD_TIME} ${HOST} ${TAG}`, WRITER.bsdSyslog),
  // what a program writes to /dev/log names no host
  prefix('syslog', ANGLE, PRI + BSD_TIME + String.raw` ${TAG}`, WRITER.bsdSyslog),
  // journalctl's -o short-full, whose zone is a name
  prefix(
    'syslog',
    CAPITAL,
    String.raw`[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z]\S* ${HOST} ${TAG}`,
    WRITER.syslog,
  ),
  // journalctl's -o short-unix
  prefix('syslog', DIGIT, String.raw`(?<time>\d{10}\.\d{1,9}) ${HOST} ${TAG}`, WRITER.syslog),
  // journalctl's -o short-monotonic; the kernel's own lines name no process
  prefix('syslog', BRACKET, String.raw`\[ *\d+\.\d{6}\] ${HOST} (?<unit>[^\s:[\]]+)\[\d+\]: `, WRITER.syslog),
  // Heroku's: a program and its dyno
  prefix('syslog', DIGIT, String.raw`${TIME} (?<unit>[a-z][^\s:[\]]*)\[(?<container>[A-Za-z][\w.-]*)\]: `, WRITER.syslog),
  prefix('sd-daemon', ANGLE, String.raw`<(?<pri>[0-7])>(?=\S)`, WRITER.syslog),
  prefix('journald', SEPARATOR, String.raw`\x1e`, WRITER.collector),
  prefix(
    'kubectl',
    BRACKET | COLOUR,
    String.raw`${COLOURS}\[pod/(?<pod>[^\s/\]]+)/(?<container>[^\s/\]]+)\]${COLOURS} ${COLOURS}`,
    WRITER.collector,
  ),
  prefix(
    'compose',
    BRACKET | COLOUR | DIGIT | CAPITAL | SMALL,
    // foreman and its like write the time of day, too
    String.raw`${COLOURS}(?:\d\d:\d\d:\d\d )?\[?(?<container>[A-Za-z\d][\w.@-]*)\]?${COLOURS} +\|${COLOURS}(?: |$)${COLOURS}`,
    WRITER.collector,
  ),
  prefix(
    'stern',
    COLOUR | DIGIT | SMALL,
    String.raw`${COLOURS}(?:(?<namespace>${LABEL})${COLOURS} ${COLOURS})?(?<pod>${LABEL}-${SUFFIX})${COLOURS} ${COLOURS}(?<container>${LABEL})${COLOURS} ${COLOURS}`,
    WRITER.collector,
  ),
  // fluentd's stdout
  prefix(
    'fluent',
    DIGIT,
    String.raw`(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{9})? [+-]\d{4}) \S+: (?=\{)`,
    WRITER.collector,
  ),
  // `aws logs tail`: the name of a stream has slashes
  prefix('cloudwatch', DIGIT, String.raw`${TIME} [^\s/]+/\S+ `, WRITER.collector),
  // `kubectl logs --timestamps`, docker's, and the files that CloudWatch exports
  { ...prefix('kubectl', DIGIT, String.raw`${TIME} `, WRITER.collector), also: ['compose', 'stern', 'cloudwatch'] },
  // A process in brackets, as concurrently has it, Istio's agent before Envoy's lines, and many a program before those of its library
  {
    ...prefix(
      'compose',
      BRACKET,
      String.raw`\[(?!(?:${LEVEL_WORD}|${LEVEL_WORD.toLowerCase()})\])(?<container>[A-Za-z][\w.:/@#-]*(?: \([\w ]+\))?|\d{1,2})\](?: |(?=[^\s(:]))`,
      WRITER.collector,
    ),
    isUnsure: true,
  },
];

/** A text that something may stand around: bytes of the line, or bytes of its own. */
export interface Text {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly inside: Unescaped | undefined;
}

/** What was taken off a line so far, and what that has said. */
export interface Peeled extends Named {
  readonly kinds: string[];
  /** Bits of those of `PREFIXES` that were taken off: none is taken off twice. */
  taken: number;
  time?: { readonly text: string; readonly writer: Writer; readonly kind: string };
  severity?: Severity;
  /** What is left. */
  rest?: Text;
  /** A word and a bar, as in a table: compose numbers its containers, but those that were named by hand. */
  isUnsure?: boolean;
}

/**
 * Takes one prefix off the text `[start, end)`: what it says goes into `peeled`. The offset behind it; -1 if there is none.
 * `only`: of this kind; `undefined`: of any.
 */
export function peel(bytes: Buffer, start: number, end: number, peeled: Peeled, only: string | undefined): number {
  const first = start === end ? 0 : kindOfFirst(bytes[start]!);
  if (first === 0) return -1;
  const head = bytes.latin1Slice(start, Math.min(end, start + LONGEST));
  for (let i = 0; i < PREFIXES.length; i += 1) {
    const { kind, also, words, firsts, writer, isUnsure } = PREFIXES[i]!;
    if ((firsts & first) === 0) continue;
    if (((peeled.taken >> i) & 1) === 1 || !(only === undefined || only === kind || also?.some((other) => other === only)))
      continue;
    const found = words.exec(head);
    if (found === null) continue;
    const { time, pri, ...named } = found.groups ?? {};
    if (pri !== undefined && !takePriority(Number(pri), start + 1, pri.length, peeled)) continue;
    if (isUnsure === true || (kind === 'compose' && !/[-_]\d+$/u.test(named['container'] ?? ''))) peeled.isUnsure = true;
    if (time !== undefined) peeled.time = { text: time, writer, kind };
    takeNames(peeled, named);
    if (peeled.kinds.at(-1) !== kind) peeled.kinds.push(kind);
    peeled.taken |= 1 << i;
    return start + found[0].length;
  }
  return -1;
}

/** What stands further out goes first: it was written by whoever knows. */
export function takeNames(peeled: Named, named: Named): void {
  for (const part of ORIGIN_PARTS) if (named[part] !== '-') peeled[part] ??= named[part];
}

/** The first severity is the one that collectors look at. False if it is none, or if there is one already. */
function takePriority(written: number, start: number, length: number, peeled: Peeled): boolean {
  const scale = priority(written);
  const level = scale?.levelOf(written);
  if (scale === undefined || level === undefined || peeled.severity !== undefined) return false;
  peeled.severity = { level, scale, start, end: start + length, at: 'record' };
  return true;
}
