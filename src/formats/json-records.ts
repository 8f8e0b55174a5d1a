const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const LF = 0x0a;

const NEWLINE = Buffer.from('\n');

type State =
  /** Looking for the list; what came of the document is kept. */
  | 'looking'
  /** In the list: all of it goes on. */
  | 'in'
  /** Behind the list: what comes is kept until the document ends, and goes on only if it never does. */
  | 'behind'
  /** To the end of a document without the list: it goes on whole. */
  | 'without'
  /** Everything goes on as it comes. */
  | 'copying';

/**
 * Takes JSON documents to the list that stands at a path in each, such as `items`: of a document that has it, the list alone goes on,
 * of any other all. It looks only at quotes and brackets: whether it is JSON is for the reader of the list to see.
 */
export class JsonRecords {
  readonly #path: readonly string[];
  readonly #most: number;
  readonly #write: (bytes: Buffer) => void;
  #state: State = 'looking';
  /** Of the document, as far as it came and nothing of it went on. */
  #kept: Buffer[] = [];
  #keptLength = 0;

  #depth = 0;
  #inText = false;
  #escaped = false;
  /** The text so far, if it may be a name of the path. */
  #text = '';
  /** The last whole text: a name, if a colon comes. */
  #lastText = '';
  /** At each depth of the path, up to `#matched`, stands its name; the value of the next is about to begin if `#isNext`. */
  #matched = 0;
  #isNext = false;

  /** `most`: bytes of a document that are kept while the list is looked for. */
  constructor(path: string, most: number, write: (bytes: Buffer) => void) {
    // Names are compared by their bytes.
    this.#path = Buffer.from(path).toString('latin1').split('.');
    this.#most = most;
    this.#write = write;
  }

  /** The bytes are only lent. */
  feed(lent: Uint8Array): void {
    if (this.#state === 'copying') return this.#write(Buffer.from(lent));
    const chunk = Buffer.from(lent.buffer, lent.byteOffset, lent.length);
    /** What went on already, or never will. */
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (this.#inText) {
        this.#takeTextByte(byte);
        continue;
      }
      if (byte === QUOTE) {
        this.#inText = true;
        this.#text = '';
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (this.#depth === 0 && at > from) {
          // What stands before a document is no part of it.
          this.#release();
          this.#write(Buffer.from(chunk.subarray(from, at)));
          from = at;
        }
        if (this.#isLooking && byte === OPEN_LIST && this.#isNext && this.#matched === this.#path.length - 1) {
          // Here it is: of the document, nothing before it goes on.
          this.#forget();
          this.#state = 'in';
          from = at;
        }
        if (this.#isNext && byte === OPEN_OBJECT) this.#matched += 1;
        this.#isNext = false;
        this.#depth += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#depth = Math.max(0, this.#depth - 1);
        this.#isNext = false;
        if (this.#isLooking) this.#matched = Math.min(this.#matched, Math.max(0, this.#depth - 1));
        if (this.#state === 'in' && this.#depth === this.#path.length) {
          this.#write(Buffer.from(chunk.subarray(from, at + 1)));
          this.#write(NEWLINE);
          this.#state = 'behind';
          from = at + 1;
        }
        if (this.#depth === 0) from = this.#endDocument(chunk, from, at + 1);
      } else if (byte === COLON) {
        this.#isNext = this.#depth === this.#matched + 1 && this.#lastText === this.#path[this.#matched];
      } else if (byte === COMMA) {
        this.#isNext = false;
      }
    }
    this.#keepOn(chunk, from);
  }

  /** The stream is at its end. */
  end(): void {
    this.#release();
  }

  /** From now on everything goes on as it comes; first what is kept. */
  copyFromNow(): void {
    this.#release();
    this.#state = 'copying';
  }

  get #isLooking(): boolean {
    return this.#state === 'looking' || this.#state === 'behind';
  }

  #takeTextByte(byte: number): void {
    if (byte === LF) {
      // It was no text: none holds a newline.
      this.#inText = false;
      this.#escaped = false;
      return;
    }
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inText = false;
      this.#lastText = this.#text;
      return;
    }
    if (this.#text.length <= LONGEST_NAME) this.#text += String.fromCharCode(byte);
  }

  /** The document ends before `end`. Up to where the chunk is dealt with. */
  #endDocument(chunk: Buffer, from: number, end: number): number {
    if (this.#state === 'looking' || this.#state === 'without') {
      this.#release();
      this.#write(Buffer.from(chunk.subarray(from, end)));
    }
    this.#forget();
    this.#state = 'looking';
    this.#matched = 0;
    this.#isNext = false;
    return end;
  }

  #keepOn(chunk: Buffer, from: number): void {
    const rest = chunk.subarray(from);
    if (rest.length === 0) return;
    // What stands between documents is a part of none.
    if (!this.#isLooking || this.#depth === 0) {
      this.#release();
      return this.#write(Buffer.from(rest));
    }
    this.#kept.push(Buffer.from(rest));
    this.#keptLength += rest.length;
    if (this.#keptLength <= this.#most) return;
    this.#release();
    this.#state = 'without';
  }

  #forget(): void {
    this.#kept = [];
    this.#keptLength = 0;
  }

  #release(): void {
    const kept = this.#kept;
    this.#forget();
    for (const bytes of kept) this.#write(bytes);
  }
}

/** Longer names are not looked for. */
const LONGEST_NAME = 256;
