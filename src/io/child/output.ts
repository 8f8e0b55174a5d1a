import type { Sink } from '../../engine/settings.ts';
import type { Outgoing } from '../output/output.ts';

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');

/** An output that a child and we ourselves write on: our words go between its lines. */
export class ChildOutput implements Sink {
  readonly output: Outgoing;
  #words = '';
  /** Which stream wrote last, and which have come to their end. */
  #last: Sink | undefined;
  readonly #ended = new Set<Sink>();

  constructor(output: Outgoing) {
    this.output = output;
  }

  /** Takes the child's bytes. */
  write(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    if (this.#words !== '') {
      const behind = bytes.subarray(start, end).lastIndexOf(LF) + 1;
      if (behind > 0) {
        from += behind;
        this.output.write(bytes, start, from);
        this.#speak();
      }
    }
    this.output.write(bytes, from, end);
  }

  /**
   * Where one stream of the child writes. If its last line lacks a newline, what another one writes behind that begins a line of its own:
   * the child wrote it earlier, or to where nothing was cut.
   */
  stream(): Sink & { end(): void } {
    const stream = {
      write: (bytes: Uint8Array, start: number, end: number): void => {
        const last = this.#last;
        if (last !== undefined && last !== stream && this.#ended.has(last) && !this.output.endsLine)
          this.output.write(NEWLINE, 0, NEWLINE.length);
        this.#last = stream;
        this.write(bytes, start, end);
      },
      end: (): void => {
        this.#ended.add(stream);
      },
    };
    return stream;
  }

  /** Takes whole lines of our own. In the middle of a line of the child's they wait for its end. */
  say(text: string): void {
    if (this.output.full) return; // nobody is listening
    this.#words += text;
    if (!this.output.endsLine) return;
    this.#speak();
    this.output.flush();
  }

  /** The child will write no more: a last line without a newline gets one if there is something to say behind it. */
  finish(): void {
    if (this.#words === '') return;
    this.output.write(NEWLINE, 0, NEWLINE.length);
    this.#speak();
  }

  #speak(): void {
    const words = Buffer.from(this.#words);
    this.#words = '';
    this.output.write(words, 0, words.length);
  }
}
