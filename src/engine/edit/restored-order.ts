import type { EnvelopeKind } from '../../formats/envelope-kinds.ts';
import { beginsAsDocker, criFrame, type Frame } from '../../formats/envelope-frame.ts';
import { frameOf } from '../../formats/envelope-pieces.ts';
import { instantOfText, isDigit } from '../../record/time.ts';
import type { Sink } from '../settings.ts';

const LF = 0x0a;
const OPEN_OBJECT = 0x7b;

/** Bytes of lines that are kept for a piece that stood among them. An engine holds no more in one burst unless it was told to. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * What `restore` writes, in the order in which a runtime wrote it: the pieces of a line stand among the lines of the other stream,
 * and the line that was made of them stands where the last one did. Only lines inside an envelope are kept, as the pieces of a later
 * one may belong before them.
 */
export class RestoredOrder {
  readonly #sink: Sink;
  readonly #envelope: EnvelopeKind;
  #kept: Buffer[] = [];
  #bytes = 0;

  constructor(sink: Sink, envelope: EnvelopeKind) {
    this.#sink = sink;
    this.#envelope = envelope;
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** A line that came as it is. The bytes are only lent. */
  pass(line: Buffer): void {
    if (this.#envelope === 'none' || !mayBeFramed(line)) return this.write(line);
    this.#keep(Buffer.from(line), this.#kept.length);
    this.#makeRoom();
  }

  /** Bytes before which no later piece belongs. */
  write(bytes: Buffer): void {
    this.flush();
    this.#sink.write(bytes, 0, bytes.length);
  }

  /** A line that had been cut into pieces, of which `gaps` tells how many lines stood behind each. */
  passPieces(bytes: Buffer, gaps: readonly number[]): void {
    const pieces = linesOf(bytes);
    let place = this.#kept.length;
    for (let i = pieces.length - 1; i >= 0; i -= 1) {
      const piece = pieces[i]!;
      place = this.#placeBefore(place, gaps[i] ?? 0, piece);
      this.#keep(piece, place);
    }
    this.#makeRoom();
  }

  flush(): void {
    for (const line of this.#kept) this.#sink.write(line, 0, line.length);
    this.#kept = [];
    this.#bytes = 0;
  }

  /** Goes back over so many lines of the other stream; not over one that is older: some that stood between may have been folded. */
  #placeBefore(from: number, gap: number, piece: Buffer): number {
    if (gap === 0) return from;
    const frame = this.#frameOf(piece);
    let place = from;
    for (const least = from - gap; place > least && place > 0; place -= 1) {
      const other = this.#frameOf(this.#kept[place - 1]!);
      if (frame === undefined || other === undefined || other.stream === frame.stream) break;
      if (instantOf(other) < instantOf(frame)) break;
    }
    return place;
  }

  #frameOf(line: Buffer): Frame | undefined {
    return frameOf(line, 0, line.at(-1) === LF ? line.length - 1 : line.length, this.#envelope);
  }

  #keep(line: Buffer, place: number): void {
    if (place === this.#kept.length) this.#kept.push(line);
    else this.#kept.splice(place, 0, line);
    this.#bytes += line.length;
  }

  /** Writes the older half of what is kept, if that is too much. */
  #makeRoom(): void {
    if (this.#bytes <= MOST_BYTES) return;
    let written = 0;
    for (; this.#bytes > MOST_BYTES / 2; written += 1) {
      const line = this.#kept[written]!;
      this.#sink.write(line, 0, line.length);
      this.#bytes -= line.length;
    }
    this.#kept = this.#kept.slice(written);
  }
}

/** Asked of every line: most are told by their first byte. */
function mayBeFramed(line: Buffer): boolean {
  if (line[0] === OPEN_OBJECT) return beginsAsDocker(line, 0, line.length);
  return isDigit(line[0]!) && criFrame(line, 0, line.length) !== undefined;
}

function instantOf({ time }: Frame): number {
  const bytes = Buffer.from(time, 'latin1');
  return instantOfText(bytes, 0, bytes.length);
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(LF, at);
    const end = newline === -1 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(at, end));
    at = end;
  }
  return lines;
}
