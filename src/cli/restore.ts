import { restoreLine } from '../engine/restore.ts';
import type { Sink } from '../engine/settings.ts';
import type { PumpEngine } from '../io/pump.ts';
import { defineCommand } from './command.ts';
import { openDiagnostics } from './diagnostics.ts';
import type { Exit, Host } from './host.ts';
import { inputsOf } from './inputs.ts';
import { move } from './move.ts';
import { GRACE, LOG_FORMAT } from './options.ts';
import type { Parsed } from './parse.ts';
import { settingsOf, type Asked } from './settings.ts';

const LF = 0x0a;

/** A longer line, in bytes, passes as it is: an annotation adds little to a line of at most `--max-line`. */
const LONGEST = 1024 * 1024;

export const restore = defineCommand<Asked>({
  manual: {
    name: 'restore',
    summary: 'undo annotations: the original lines back, to the byte',
    words: '[file ...]',
    about: `Gives the lines back as they were before relevel changed them, to the byte; a summary
gives its last folded line. All other lines pass as they are. Reads files one after the
other, or stdin, also as "-"; writes stdout.`,
    after: 'Exit status: as of relevel itself.',
  },
  options: [GRACE, LOG_FORMAT],
  blank: () => ({}),
  run: runRestore,
});

async function runRestore({ asked, words }: Parsed<Asked>, host: Host): Promise<Exit> {
  const settings = settingsOf(asked);
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const exit = await move(inputsOf(words, host.stdin), RESTORING, settings, host, diagnostics);
  await diagnostics.end();
  return exit;
}

/** Where an engine is asked for: it holds nothing but an unfinished line, so a signal has nothing to release. */
const RESTORING: PumpEngine = {
  source: () => ({ input: (sink) => new RestoringInput(sink), end: () => {} }),
  advance: () => {},
  nextDue: () => Infinity,
  standDown: () => {},
};

class RestoringInput {
  readonly #sink: Sink;
  /** Of the line whose newline has not come; joined when it comes. */
  #parts: Buffer[] = [];
  #length = 0;
  /** The unfinished line was too long, and its beginning has left. */
  #overlong = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  push(lent: Uint8Array): void {
    const chunk = Buffer.from(lent.buffer, lent.byteOffset, lent.length);
    let at = 0;
    for (let newline = chunk.indexOf(LF); newline !== -1; newline = chunk.indexOf(LF, at)) {
      this.#finish(chunk.subarray(at, newline + 1));
      at = newline + 1;
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at));
  }

  end(): void {
    if (this.#length > 0) this.#finish(Buffer.alloc(0));
  }

  #finish(tail: Buffer): void {
    const line = this.#length === 0 ? tail : Buffer.concat([...this.#parts, tail]);
    const tooLong = this.#overlong || line.length > LONGEST;
    this.#forget();
    this.#overlong = false;
    this.#write((tooLong ? undefined : restoreLine(line)) ?? line);
  }

  #keep(part: Buffer): void {
    if (this.#overlong || this.#length + part.length > LONGEST) {
      this.#overlong = true;
      for (const earlier of this.#parts) this.#write(earlier);
      this.#write(part);
      this.#forget();
      return;
    }
    this.#parts.push(Buffer.from(part));
    this.#length += part.length;
  }

  #forget(): void {
    this.#parts = [];
    this.#length = 0;
  }

  #write(bytes: Buffer): void {
    this.#sink.write(bytes, 0, bytes.length);
  }
}
