import type { Line } from './line.ts';

/** ms that a record waits in live; lines and bytes that it may span. */
const WAIT = 50;
const MOST_LINES = 500;
const MOST_BYTES = 65_536;

/** A line, with those that go on with it. */
export interface Entry {
  readonly head: Line;
  tail: readonly Line[];
  isOpen: boolean;
  isCut: boolean;
  /** An empty line behind it, which is in turn by itself unless the next line says otherwise. */
  blank: Entry | undefined;
}

/** The lines of one stream in the order in which they are judged: records when they are complete, and no line before one that came earlier. */
export class Turns {
  /** Those that are not judged yet. */
  #entries: readonly Entry[] = [];
  readonly #judge: (entry: Entry) => void;
  readonly #wants: (line: Line) => boolean;
  readonly #isLive: boolean;

  constructor(isLive: boolean, wants: (line: Line) => boolean, judge: (entry: Entry) => void) {
    this.#isLive = isLive;
    this.#wants = wants;
    this.#judge = judge;
  }

  take(line: Line): void {
    const open = this.#entries.findLast(
      (each) => each.isOpen && (each.head.place === undefined || each.head.place === line.place),
    );
    if (open !== undefined && this.#joins(open, line)) return;
    if (open !== undefined) this.#close(open);
    for (let first = this.#first(); first !== undefined && this.#isTooLong(first, line); first = this.#first()) this.#cut(first);
    this.#entries = [...this.#entries, newEntry(line, this.#wants(line) && sizeOf(line) <= MOST_BYTES)];
    this.#judgeReady();
  }

  due(): number {
    if (!this.#isLive) return Infinity;
    return Math.min(Infinity, ...this.#entries.filter(({ isOpen }) => isOpen).map(({ head }) => head.arrived + WAIT));
  }

  /** Which line's wait is the one that is due next, by its place among all that arrived. */
  dueLine(): number {
    return this.#next()?.head.input ?? Infinity;
  }

  closeNext(): void {
    this.#close(this.#next()!);
  }

  #next(): Entry | undefined {
    return this.#entries.find(({ isOpen, head }) => isOpen && head.arrived + WAIT === this.due());
  }

  closeAll(): void {
    for (const entry of this.#entries) entry.isOpen = false;
    this.#judgeReady();
  }

  #joins(open: Entry, line: Line): boolean {
    const isOfPlace = open.head.place === line.place && (open.head.isWrapped || !line.isWrapped) && isUnread(line);
    if (isOfPlace && goesOn(open, line.text)) {
      if (this.#isTooLong(open, line)) {
        open.isCut = true;
        return false;
      }
      const { blank } = open;
      this.#entries = this.#entries.filter((each) => each !== blank);
      open.tail = [...open.tail, ...(blank === undefined ? [] : [blank.head]), line];
      open.blank = undefined;
      return true;
    }
    const mayBeBlank = isHeaded(open.head) && open.tail.length > 0 && open.blank === undefined;
    if (!isOfPlace || line.text !== '' || !mayBeBlank || this.#isTooLong(open, line)) return false;
    open.blank = newEntry(line, false);
    this.#entries = [...this.#entries, open.blank];
    return true;
  }

  #first = (): Entry | undefined => this.#entries.find(({ isOpen }) => isOpen);

  #isTooLong(open: Entry, line: Line): boolean {
    const since = this.#entries
      .flatMap(({ head, tail }) => [head, ...tail])
      .filter(({ input }) => input >= open.head.input)
      .concat(line);
    return since.length > MOST_LINES || since.reduce((sum, each) => sum + sizeOf(each), 0) > MOST_BYTES;
  }

  #cut(entry: Entry): void {
    entry.isCut = true;
    this.#close(entry);
  }

  #close(entry: Entry): void {
    entry.isOpen = false;
    this.#judgeReady();
  }

  #judgeReady(): void {
    for (let [first] = this.#entries; first !== undefined && !first.isOpen; [first] = this.#entries) {
      this.#entries = this.#entries.slice(1);
      this.#judge(first);
    }
  }
}

const newEntry = (head: Line, isOpen: boolean): Entry => ({ head, tail: [], isOpen, isCut: false, blank: undefined });

const sizeOf = ({ size }: Line): number => size;

const isUnread = ({ content }: Line): boolean => content.kind === 'opaque' || content.format === 'message';
const isHeaded = ({ content }: Line): boolean =>
  content.kind === 'record' && content.format !== 'json' && content.format !== 'logfmt';

const ANY =
  /^(?:at |Caused by:|Traceback \(most recent call last\):|\.\.\. \d+ more|[a-z]+(?:\.[a-z]+)*\.[A-Z]\w*: |[A-Z]\w*(?:Error|Exception): |main\.\w+\(0x|goroutine \d+ |[)}\]]+$)/u;

function goesOn({ head, tail, blank }: Entry, text: string): boolean {
  const texts = tail.map((line) => line.text);
  if (blank !== undefined) {
    const isChained = text.startsWith('During handling of the above exception, another exception occurred:');
    const isBehindChain = texts.at(-1)!.startsWith('During handling') && text.startsWith('Traceback (most recent call last):');
    return isChained || isBehindChain || /^goroutine \d+ \[/u.test(text);
  }
  if (/^[ \t]/u.test(text)) return true;
  if (!isHeaded(head)) return false;
  const flush = texts.findLast((each) => each !== '' && !/^[ \t]/u.test(each));
  const isBehindFrame = /^[ \t]/u.test(texts.at(-1) ?? '') && flush?.startsWith('Traceback (most recent call last):') === true;
  return ANY.test(text) || (isBehindFrame && /^[A-Za-z_][\w.]*: /u.test(text));
}
