import type { Unescaped } from '../record/envelope.ts';
import type { LogRecord } from '../record/record.ts';

/** A line that is only lent, until the next one is put together: `[0, end)` of `bytes`. */
export interface Lent {
  readonly bytes: Buffer;
  readonly end: number;
}

/** A line that may be kept. */
export const ownOf = ({ bytes, end }: Lent): Buffer => Buffer.from(bytes.subarray(0, end));

/** A line with `[start, end)` behind it: lines that go on with it, if there are any. */
export function withTail(line: Lent, bytes: Buffer, start: number, end: number): Lent {
  if (start >= end) return line;
  const whole = Buffer.concat([ownOf(line), bytes.subarray(start, end)]);
  return { bytes: whole, end: whole.length };
}

/** Bytes of a line that others take the place of. */
export interface Around {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** What takes the place of `[from, to)` of a record's bytes. */
export interface DraftEdit {
  readonly from: number;
  readonly to: number;
  readonly text: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** Up to so many bytes are copied by hand: a view for `set` takes as long, and is an allocation. */
const SHORT = 24;

/**
 * The line of a record while it is changed, with what stands around it as it was. Offsets are those of the record's bytes,
 * and rise. One draft serves line after line, in bytes that grow to the longest: nothing is allocated for a change.
 */
export class LineDraft implements Lent {
  bytes: Buffer = Buffer.allocUnsafeSlow(16 * 1024);
  end = 0;
  #line: Buffer = NOTHING;
  #inside: Unescaped | undefined;
  /** In the line: what comes next of it, and where it ends. */
  #next = 0;
  #lineEnd = 0;
  /** What takes the place of bytes of the line around the text: they are never where the text is. */
  #around: Around | undefined;
  /** What was replaced, and where what took its place lies. */
  readonly #edits: { from: number; to: number; begin: number; end: number }[] = [];

  /** `end` lies behind the line's newline, in the bytes that came. `around`: a change of the line at its own offsets. */
  begin(record: LogRecord, end: number, around?: Around): void {
    this.#around = around;
    const { envelope } = record;
    const isJoined = envelope !== undefined && envelope.pieces !== '';
    this.#line = envelope?.line ?? record.bytes;
    this.#inside = envelope?.inside;
    this.#next = isJoined ? 0 : (envelope?.start ?? record.start);
    this.#lineEnd = isJoined ? this.#line.length : end;
    this.end = 0;
    this.#edits.length = 0;
  }

  /** Keeps what stands before `start`, and leaves out what stands in `[start, end)`: what is added now takes its place. */
  replace(start: number, end: number): void {
    this.#closeEdit();
    this.#keep(this.#next, this.#placeOf(start));
    this.#next = this.#placeOf(end);
    this.#edits.push({ from: start, to: end, begin: this.end, end: this.end });
  }

  #closeEdit(): void {
    const last = this.#edits.at(-1);
    if (last !== undefined) last.end = this.end;
  }

  /** What took the place of what, of the line that was finished last. */
  get edits(): DraftEdit[] {
    return this.#edits.map(({ from, to, begin, end }) => ({ from, to, text: Buffer.from(this.bytes.subarray(begin, end)) }));
  }

  /** Where that lies which took the place of something last. */
  get lastBegin(): number {
    return this.#edits.at(-1)!.begin;
  }

  get lastEnd(): number {
    return this.#edits.at(-1)!.end;
  }

  /** Adds old bytes of the line: they stay spelled as they are. */
  addOld(start: number, end: number): void {
    this.#copy(this.#line, this.#placeOf(start), this.#placeOf(end));
  }

  addBytes(bytes: Buffer): void {
    const spelled = this.#inside === undefined ? bytes : this.#inside.escape(bytes);
    this.#makeRoom(spelled.length);
    this.bytes.set(spelled, this.end);
    this.end += spelled.length;
  }

  addText(text: string): void {
    if (this.#inside === undefined) this.#write(text);
    else this.addBytes(Buffer.from(text));
  }

  /** Keeps the rest of the line. It is good until the next one begins. */
  finish(): Lent {
    this.#closeEdit();
    this.#keep(this.#next, this.#lineEnd);
    return this;
  }

  /** Copies the line from one change to the next. */
  #keep(start: number, end: number): void {
    const around = this.#around;
    if (around === undefined || around.start < start || around.end > end) return this.#copy(this.#line, start, end);
    this.#copy(this.#line, start, around.start);
    this.#copy(around.bytes, 0, around.bytes.length);
    this.#copy(this.#line, around.end, end);
  }

  #placeOf(offset: number): number {
    return this.#inside === undefined ? offset : this.#inside.offsetOf(offset);
  }

  #copy(from: Buffer, start: number, end: number): void {
    const length = end - start;
    this.#makeRoom(length);
    const { bytes } = this;
    let to = this.end;
    this.end += length;
    if (length <= SHORT) for (let at = start; at < end; at += 1) bytes[to++] = from[at]!;
    else bytes.set(new Uint8Array(from.buffer, from.byteOffset + start, length), to);
  }

  /** By hand too, as far as it is ASCII: most texts of ours are, and short. */
  #write(text: string): void {
    const { length } = text;
    this.#makeRoom(3 * length);
    const { bytes } = this;
    let to = this.end;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) {
        this.end = to + bytes.write(text.slice(at), to, 'utf8');
        return;
      }
      bytes[to++] = code;
    }
    this.end = to;
  }

  #makeRoom(length: number): void {
    if (this.end + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.end + length));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }
}
