import { isSpace, Squeeze } from './json-squeeze.ts';
import { faultIn, JsonValue, reasonOf } from './json-value.ts';

export interface JsonStreamOptions {
  /** Of a value that is longer, in bytes as it came, what there is leaves as it comes. */
  readonly maxValue: number;
  /** Takes lines: whole ones, and pieces of one that is too long. */
  readonly write: (bytes: Buffer) => void;
  /** What stands so many bytes into the stream is no JSON, and why. Of what is not understood right behind, nothing is said. */
  readonly onBroken: (at: number, why: string) => void;
}

const LF = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const NEWLINE = Buffer.from('\n');
const MARK = Buffer.from('\u{FEFF}');

/** Deeper than any record; each level costs the reader of JSON some bytes. */
const DEEPEST = 10_000;

type State =
  /** Between values. */
  | 'between'
  /** In an object or a list. */
  | 'nested'
  /** In a text that stands alone. */
  | 'text'
  /** In a number or a word that stands alone. */
  | 'word'
  /** Behind a value: what follows it on its line may show that it was none. */
  | 'behind'
  /** In what is no JSON, to the end of its line. */
  | 'lost'
  /** Everything passes as it comes. */
  | 'copying';

/**
 * Makes lines of JSON values that stand one after the other, or in one list, however they are laid out. The text of a value
 * is kept: names and their order, digits, escapes, bytes that are no UTF-8. A value that stands on one line is kept to the byte; one
 * that spans lines loses the white space between its tokens. Beside that, only what separates values goes: white space, the brackets
 * and commas of a list at the top, and a byte order mark before all.
 *
 * What is no JSON passes as it came, to the end of its line, and with it the beginning of the value that it stands in.
 */
export class JsonStream {
  readonly #options: JsonStreamOptions;
  #state: State = 'between';
  /** What may stand between values, in a list: `first` is a value or the list's end, `any` may be all three. */
  #expects: 'value' | 'first' | 'comma' | 'any' = 'value';
  #inList = false;
  /** Bytes before the chunk; and which of the chunk are not taken in yet. */
  #offset = 0;
  #from = 0;
  #mark = 0;

  /** The value so far, as it came, from `#valueAt` of the stream; of it, how much was checked, and where it ends. */
  #held = Buffer.allocUnsafe(4096);
  #length = 0;
  #checked = 0;
  #end = 0;
  #valueAt = 0;
  #value = new JsonValue();
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** Its beginning has left: it is too long. */
  #leaving: Squeeze | undefined;

  #isSaid = false;
  #out: Buffer[] = [];

  constructor(options: JsonStreamOptions) {
    this.#options = options;
  }

  /** Takes the next chunk. The bytes are only lent. */
  feed(lent: Uint8Array): void {
    const chunk = Buffer.from(lent.buffer, lent.byteOffset, lent.length);
    let at = this.#skipMark(chunk);
    while (at < chunk.length) at = this.#step(chunk, at);
    if (this.#state === 'nested' || this.#state === 'text' || this.#state === 'word') this.#isSound(chunk, at);
    else if (this.#state === 'behind') this.#take(chunk, at);
    this.#offset += chunk.length;
    this.#from = 0;
    this.#send();
  }

  /** The stream is at its end. */
  end(): void {
    const nothing = Buffer.alloc(0);
    if (this.#mark > 0 && this.#mark < MARK.length) this.#loseMark(nothing, 0);
    if (this.#state === 'word') this.#finish(nothing, 0);
    if (this.#state === 'behind') this.#emit(0);
    if (this.#state === 'nested' || this.#state === 'text') this.#lose(nothing, 0, 0, 'the input ends within a value');
    else if (this.#inList && this.#state !== 'copying') this.#say(this.#offset, 'the input ends within a list');
    this.#send();
  }

  /** From now on everything passes as it comes; first what there is of a value. */
  copyFromNow(): void {
    this.#release();
    this.#state = 'copying';
    this.#send();
  }

  /** Takes one byte, or more. Offset of the next one. */
  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'between':
        return this.#between(chunk, at);
      case 'nested':
        return this.#nested(chunk, at);
      case 'text':
        this.#inText = true;
        at = this.#text(chunk, at);
        if (this.#state === 'text' && !this.#inText) this.#finish(chunk, at);
        return at;
      case 'word':
        while (at < chunk.length && !isSeparator(chunk[at]!)) at += 1;
        if (at < chunk.length) this.#finish(chunk, at);
        return at;
      case 'behind':
        return this.#behind(chunk, at);
      case 'lost':
        return this.#lost(chunk, at);
      case 'copying':
        this.#out.push(Buffer.from(chunk.subarray(at)));
        return chunk.length;
    }
  }

  /** A byte order mark, before all, may come in pieces. Offset of what is behind it. */
  #skipMark(chunk: Buffer): number {
    let at = 0;
    while (this.#mark < MARK.length && at < chunk.length && chunk[at] === MARK[this.#mark]) {
      at += 1;
      this.#mark += 1;
    }
    if (at === chunk.length || this.#mark === MARK.length) {
      if (this.#mark === MARK.length) this.#mark = Infinity;
      return at;
    }
    if (this.#mark > 0 && this.#mark !== Infinity) return this.#loseMark(chunk, at);
    this.#mark = Infinity;
    return at;
  }

  /** It was none, and is no JSON either. */
  #loseMark(chunk: Buffer, at: number): number {
    this.#begin(at);
    this.#valueAt = 0;
    this.#append(MARK.subarray(0, this.#mark));
    this.#mark = Infinity;
    return this.#lose(chunk, at, 0, 'expected a value');
  }

  #between(chunk: Buffer, at: number): number {
    const byte = chunk[at]!;
    if (isSpace(byte)) return at + 1;
    if (this.#inList) {
      if (byte === COMMA && (this.#expects === 'comma' || this.#expects === 'any')) {
        this.#expects = 'value';
        return at + 1;
      }
      if (byte === CLOSE_LIST && this.#expects !== 'value') {
        this.#inList = false;
        this.#expects = 'value';
        return at + 1;
      }
    } else if (byte === OPEN_LIST) {
      this.#inList = true;
      this.#expects = 'first';
      return at + 1;
    }
    this.#begin(at);
    // One comma too many: the list ends all the same.
    if (byte === CLOSE_LIST) this.#inList = false;
    if (this.#expects === 'comma') return this.#lose(chunk, at, 0, "expected ','");
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#state = 'nested';
    else if (byte === QUOTE) this.#state = 'text';
    else if (isSeparator(byte)) return this.#lose(chunk, at, 0, 'expected a value');
    else this.#state = 'word';
    return this.#state === 'nested' ? at : at + 1;
  }

  #begin(at: number): void {
    this.#valueAt = this.#offset + at;
    this.#from = at;
    this.#length = 0;
    this.#checked = 0;
    this.#value = new JsonValue();
    this.#depth = 0;
    this.#inText = false;
    this.#escaped = false;
    this.#leaving = undefined;
  }

  #nested(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#inText) {
        at = this.#text(chunk, at);
        if (this.#state !== 'nested' || at === chunk.length) return at;
      }
      const byte = chunk[at]!;
      if (byte === QUOTE) {
        this.#inText = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        this.#depth += 1;
        if (this.#depth > DEEPEST) return this.#loseAt(chunk, at, `more than ${DEEPEST} levels deep`);
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#depth -= 1;
        if (this.#depth === 0) return this.#finish(chunk, at + 1);
      } else if (byte === LF && !this.#isSound(chunk, at + 1)) {
        // Line by line: what is no JSON shall take no more with it than it must.
        return at + 1;
      }
    }
    return chunk.length;
  }

  /** Within quotes. Offset behind them, or of what cannot stand there. */
  #text(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (byte < SPACE) return this.#loseAt(chunk, at, 'a control character in a text');
      if (this.#escaped) {
        this.#escaped = false;
      } else if (byte === BACKSLASH) {
        this.#escaped = true;
      } else if (byte === QUOTE) {
        this.#inText = false;
        return at + 1;
      }
    }
    return chunk.length;
  }

  /** The value ends before `at`, or is none. */
  #finish(chunk: Buffer, at: number): number {
    if (!this.#isSound(chunk, at)) return at;
    try {
      this.#value.feed('\n');
    } catch (error) {
      return this.#lose(chunk, at, this.#length, reasonOf(error));
    }
    if (!this.#value.isWhole) return this.#lose(chunk, at, this.#length, 'not a whole value');
    this.#end = this.#length;
    this.#state = 'behind';
    return at;
  }

  #behind(chunk: Buffer, at: number): number {
    const byte = chunk[at]!;
    if (isSpace(byte)) {
      if (byte === LF) this.#emit(at);
      return at + 1;
    }
    const isEnd = this.#inList ? byte === COMMA || byte === CLOSE_LIST : !isSeparator(byte) || isOpening(byte);
    if (!isEnd) return this.#loseAt(chunk, at, this.#inList ? "expected ','" : 'expected a value');
    this.#emit(at);
    return at;
  }

  #lost(chunk: Buffer, at: number): number {
    const newline = chunk.indexOf(LF, at);
    const end = newline === -1 ? chunk.length : newline + 1;
    this.#out.push(Buffer.from(chunk.subarray(at, end)));
    if (newline !== -1) this.#goOn();
    return end;
  }

  /** Behind a line that was no JSON. */
  #goOn(): void {
    this.#state = 'between';
    this.#expects = this.#inList ? 'any' : 'value';
  }

  /** Takes the value in up to `at`, and has it checked. False where it is none, and has been let go. */
  #isSound(chunk: Buffer, at: number): boolean {
    this.#take(chunk, at);
    const text = this.#held.latin1Slice(this.#checked, this.#length);
    try {
      this.#value.feed(text);
    } catch (error) {
      const before = this.#held.latin1Slice(0, this.#checked);
      const fault = this.#leaving === undefined ? faultIn(before, text) : undefined;
      this.#lose(chunk, at, this.#checked + (fault?.at ?? 0), fault?.why ?? reasonOf(error));
      return false;
    }
    this.#checked = this.#length;
    if (this.#length > this.#options.maxValue) this.#leaving ??= new Squeeze();
    if (this.#leaving !== undefined) {
      this.#out.push(this.#leaving.take(this.#held.subarray(0, this.#length)));
      this.#valueAt += this.#length;
      this.#length = 0;
      this.#checked = 0;
    }
    return true;
  }

  #take(chunk: Buffer, at: number): void {
    this.#append(chunk.subarray(this.#from, at));
    this.#from = at;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    this.#held.set(bytes, this.#length);
    this.#length = length;
  }

  /** The value leaves as a line. */
  #emit(at: number): void {
    const value = this.#held.subarray(0, this.#end);
    if (this.#leaving !== undefined) this.#out.push(this.#leaving.take(value));
    else this.#out.push(value.includes(LF) ? new Squeeze().take(value) : Buffer.from(value));
    this.#out.push(NEWLINE);
    this.#length = 0;
    this.#from = at;
    this.#isSaid = false;
    this.#state = 'between';
    this.#expects = this.#inList ? 'comma' : 'value';
  }

  #loseAt(chunk: Buffer, at: number, why: string): number {
    this.#take(chunk, at);
    return this.#lose(chunk, at, this.#length, why);
  }

  /** It is no JSON, as shows at `place` of the value: what there is of it passes as it came, and so will the rest of the line. */
  #lose(chunk: Buffer, at: number, place: number, why: string): number {
    this.#take(chunk, at);
    this.#say(this.#valueAt + place, why);
    const endsLine = this.#length > 0 && this.#held[this.#length - 1] === LF;
    this.#release();
    if (endsLine) this.#goOn();
    else this.#state = 'lost';
    return at;
  }

  #release(): void {
    this.#out.push(Buffer.from(this.#held.subarray(0, this.#length)));
    this.#length = 0;
  }

  #say(at: number, why: string): void {
    if (!this.#isSaid) this.#options.onBroken(at, why);
    this.#isSaid = true;
  }

  #send(): void {
    if (this.#out.length === 0) return;
    const out = Buffer.concat(this.#out);
    this.#out = [];
    if (out.length > 0) this.#options.write(out);
  }
}

const isOpening = (byte: number): boolean => byte === OPEN_OBJECT || byte === OPEN_LIST || byte === QUOTE;

/** What ends a number or a word: white space, or a character that stands for itself. */
const isSeparator = (byte: number): boolean =>
  isSpace(byte) || isOpening(byte) || byte === COMMA || byte === 0x3a || byte === CLOSE_LIST || byte === CLOSE_OBJECT;
