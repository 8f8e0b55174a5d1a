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
  readonly writer: Writer;
}

const COLOURS = String.raw`(?:\x1b\[[\d;]*m)*`;
const PRI = String.raw`<(?<pri>\d{1,3})>`;
/** RFC 3339, also with an offset without its colon, as journalctl writes it. */
const TIME = String.raw`(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d))`;
/** Months are written in the language of whoever ran journalctl: only those in English are read as times. */
const BSD_TIME = String.raw`(?<time>[A-Za-z\x80-\xff]{3,6}\.? [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?)`;
/** A program, perhaps its process, a colon. */
const TAG = String.raw`(?!(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL):)(?<unit>[^\s:[\]]+)(?:\[\d+\])?: `;
/** A host's name or address. */
const HOST = String.raw`[^\s:/[\]][^\s/[\]]*(?<!:)`;
/** The letters of which Kubernetes makes the end of a pod's name: no word of prose ends so. */
const SUFFIX = '(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\\d{1,5})';
const LABEL = '[a-z\\d](?:[-a-z\\d.]*[a-z\\d])?';

const prefix = (kind: EnvelopeKind, words: string, writer: Writer): Prefix => ({
  kind,
  words: new RegExp(`^${words}`, 'su'),
  writer,
});

/** The first that fits is taken. */
const PREFIXES: readonly Prefix[] = [
  // RFC 5424, also as a file keeps it, without its priority
  prefix(
    'syslog',
    String.raw`(?:${PRI})?1 (?:${TIME}|-) \S+ (?<unit>\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: (?:\xef\xbb\xbf)?|$)`,
    WRITER.syslog,
  ),
  // rsyslog's usual file format, and journalctl's -o short-iso
  prefix('syslog', String.raw`(?:${PRI})?${TIME} (?!std(?:out|err) )${HOST} ${TAG}`, WRITER.syslog),
  // RFC 3164, and journalctl's short form
  prefix('syslog', String.raw`(?:${PRI})?${BSD_TIME} ${HOST} ${TAG}`, WRITER.bsdSyslog),
  // what a program writes to /dev/log names no host
  prefix('syslog', PRI + BSD_TIME + String.raw` ${TAG}`, WRITER.bsdSyslog),
  // journalctl's -o short-full, whose zone is a name
  prefix('syslog', String.raw`[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z]\S* ${HOST} ${TAG}`, WRITER.syslog),
  // journalctl's -o short-unix
  prefix('syslog', String.raw`(?<time>\d{10}\.\d{1,9}) ${HOST} ${TAG}`, WRITER.syslog),
  // journalctl's -o short-monotonic; the kernel's own lines name no process
  prefix('syslog', String.raw`\[ *\d+\.\d{6}\] ${HOST} (?<unit>[^\s:[\]]+)\[\d+\]: `, WRITER.syslog),
  // Heroku's: a program and its dyno
  prefix('syslog', String.raw`${TIME} (?<unit>[a-z][^\s:[\]]*)\[(?<container>[A-Za-z][\w.-]*)\]: `, WRITER.syslog),
  prefix('sd-daemon', String.raw`<(?<pri>[0-7])>(?=\S)`, WRITER.syslog),
  prefix('journald', String.raw`\x1e`, WRITER.collector),
  prefix(
    'kubectl',
    String.raw`${COLOURS}\[pod/(?<pod>[^\s/\]]+)/(?<container>[^\s/\]]+)\]${COLOURS} ${COLOURS}`,
    WRITER.collector,
  ),
  prefix(
    'compose',
    // foreman and its like write the time of day, too
    String.raw`${COLOURS}(?:\d\d:\d\d:\d\d )?\[?(?<container>[A-Za-z\d][\w.@-]*)\]?${COLOURS} +\|(?: |$)${COLOURS}`,
    WRITER.collector,
  ),
  prefix(
    'stern',
    String.raw`${COLOURS}(?:(?<namespace>${LABEL})${COLOURS} ${COLOURS})?(?<pod>${LABEL}-${SUFFIX})${COLOURS} ${COLOURS}(?<container>${LABEL})${COLOURS} ${COLOURS}`,
    WRITER.collector,
  ),
  // fluentd's stdout
  prefix('fluent', String.raw`(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{9})? [+-]\d{4}) \S+: (?=\{)`, WRITER.collector),
  // `aws logs tail`: the name of a stream has slashes
  prefix('cloudwatch', String.raw`${TIME} [^\s/]+/\S+ `, WRITER.collector),
  // `kubectl logs --timestamps`, docker's, and the files that CloudWatch exports
  { ...prefix('kubectl', String.raw`${TIME} `, WRITER.collector), also: ['compose', 'stern', 'cloudwatch'] },
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
  if (start === end || !mayBegin(bytes[start]!)) return -1;
  const head = bytes.latin1Slice(start, Math.min(end, start + LONGEST));
  for (let i = 0; i < PREFIXES.length; i += 1) {
    const { kind, also, words, writer } = PREFIXES[i]!;
    if (((peeled.taken >> i) & 1) === 1 || !(only === undefined || only === kind || also?.some((other) => other === only)))
      continue;
    const found = words.exec(head);
    if (found === null) continue;
    const { time, pri, ...named } = found.groups ?? {};
    if (pri !== undefined && !takePriority(Number(pri), start + 1, pri.length, peeled)) continue;
    if (kind === 'compose' && !/[-_]\d+$/u.test(named['container'] ?? '')) peeled.isUnsure = true;
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

/** Letters, digits, `<`, `[`, the beginning of a colour or of a record in a JSON sequence. */
function mayBegin(byte: number): boolean {
  const lower = byte | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x3c ||
    byte === 0x5b ||
    byte === 0x1b ||
    byte === 0x1e
  );
}

/** The first severity is the one that collectors look at. False if it is none, or if there is one already. */
function takePriority(written: number, start: number, length: number, peeled: Peeled): boolean {
  const scale = priority(written);
  const level = scale?.levelOf(written);
  if (scale === undefined || level === undefined || peeled.severity !== undefined) return false;
  peeled.severity = { level, scale, start, end: start + length, at: 'record' };
  return true;
}
