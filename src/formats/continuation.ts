import type { LogRecord } from '../record/record.ts';

const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** More of a line is not looked at. */
const LONGEST = 256;

/** What lines begin with that go on with the one before: stack traces of Java, .NET, Node, Python, Go and Rust, and closing brackets. */
const BEGINNINGS = [
  'at ',
  'Caused by:',
  'Suppressed: ',
  String.raw`Traceback \(most recent call last\):`,
  String.raw`\.\.\. \d+ more`,
  '--- End of ',
  // a qualified exception, and those of Python and Node
  String.raw`(?:[a-zA-Z_$][\w$]*\.)+[A-Z][\w$]*(?:: |$)`,
  String.raw`[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit|Iteration)(?:: |$)`,
  // Go: a frame with its arguments, or by its name alone, and what stands around frames
  String.raw`[A-Za-z_][\w./*()~-]*\.[\w.()*]+\((?:0x|\{|\.\.\.|\)$)`,
  String.raw`(?:(?:[A-Za-z_][\w.~-]*\/)+[\w.~-]*|main|runtime|testing)(?:\.\(\*?\w+\))?(?:\.\w+)+(?:\[\.\.\.\])?$`,
  'created by ',
  String.raw`goroutine \d+ `,
  String.raw`\[signal `,
  // Rust
  'stack backtrace:',
  'note: run with `RUST_BACKTRACE',
  // Celery
  String.raw`Trying again in \d`,
  String.raw`[)\]}]+[,;]?$`,
];
const CONTINUES = new RegExp(`^(?:${BEGINNINGS.join('|')})`, 'u');

/** Behind the frames of Python: the exception, whatever it is called. */
const EXCEPTION = /^[A-Za-z_][\w.]*(?:: |:?$)/u;
const TRACEBACK = /^Traceback \(most recent call last\):/u;
/** What may follow an empty line in a trace: of Python the exception that led to this one, of Go the goroutines of a panic. */
const BEHIND_EMPTY =
  /^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause |goroutine \d+ \[)/u;

/** What is known of a line of text and those behind it, by which the next is told to go on with them. */
export class Continuation {
  #isIndented = false;
  /** A traceback of Python is open, and the last line was one of its frames. */
  #inTraceback = false;
  #behindFrame = false;
  /** A trace was seen, behind which an empty line may stand; what the line before that line was. */
  #inTrace = false;
  #behindCause = false;

  /** `isIndented`: only what begins with white space goes on with the first line. */
  begin(isIndented: boolean): void {
    this.#isIndented = isIndented;
    this.#inTraceback = false;
    this.#behindFrame = false;
    this.#inTrace = false;
    this.#behindCause = false;
  }

  /** Whether `[start, end)`, if no format reads it, goes on with the lines before it. */
  fits(bytes: Buffer, start: number, end: number): boolean {
    if (start >= end) return false;
    if (isBlank(bytes[start]!)) return true;
    if (!mayContinue(bytes[start]!, this.#isIndented)) return false;
    const text = beginningOf(bytes, start, end);
    return (this.#behindFrame && EXCEPTION.test(text)) || CONTINUES.test(text);
  }

  /** The same of a line that no format reads. If it does, it is one of them. */
  takes(bytes: Buffer, start: number, end: number): boolean {
    if (!this.fits(bytes, start, end)) return false;
    const isFrame = isBlank(bytes[start]!);
    if (!isFrame) this.#inTraceback = TRACEBACK.test(beginningOf(bytes, start, end));
    this.#behindFrame = isFrame && this.#inTraceback;
    this.#inTrace = true;
    return true;
  }

  /** Whether an empty line may stand here; whether it does is told by the line behind it. */
  get maySkip(): boolean {
    return this.#inTrace && !this.#isIndented;
  }

  /** The same as `takes` for a line behind an empty one. */
  takesBehindEmpty(bytes: Buffer, start: number, end: number): boolean {
    const text = beginningOf(bytes, start, end);
    const isCause = BEHIND_EMPTY.test(text);
    if (!isCause && !(this.#behindCause && TRACEBACK.test(text))) return false;
    this.#behindCause = isCause;
    this.#inTraceback = !isCause;
    this.#behindFrame = false;
    return true;
  }
}

/** Whether a line that begins with this byte may go on with the one before. `isIndented`: only if it begins with white space. */
export function mayContinue(first: number, isIndented: boolean): boolean {
  if (isBlank(first)) return true;
  return !isIndented && BEGINS[first] === 1;
}

/** Bytes that `BEGINNINGS` and `EXCEPTION` begin with. */
const BEGINS = new Uint8Array(256);
for (const byte of Buffer.from('_$.-[)]}')) BEGINS[byte] = 1;
BEGINS.fill(1, 0x41, 0x5b).fill(1, 0x61, 0x7b);

const beginningOf = (bytes: Buffer, start: number, end: number): string =>
  bytes.latin1Slice(start, Math.min(end, start + LONGEST));

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

/** Whether no format reads a line, or only what stands around it gives it a level. */
export const isUnread = ({ level, format }: LogRecord): boolean => level === -1 || format === 'message';

/** Offset behind the text of a line that no format reads. */
export const unreadEnd = ({ bytes, start, end }: LogRecord): number => (end > start && bytes[end - 1] === CR ? end - 1 : end);
