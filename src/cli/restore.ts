import { restorePieces, type Reading } from '../engine/edit/restore.ts';
import { RestoredOrder } from '../engine/edit/restored-order.ts';
import type { Sink } from '../engine/settings.ts';
import type { PumpEngine } from '../io/pump-engine.ts';
import { defineCommand } from './command.ts';
import { sayProblems } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { REFUSED, type Exit, type Host } from './host.ts';
import { clockFor, inputsOf } from './inputs.ts';
import { move } from './move.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import { Names } from '../record/names.ts';
import { ENVELOPE, GRACE, LOG_FORMAT, NAME_OPTIONS, RULES, WRITTEN_FORMAT } from './options.ts';
import type { Parsed } from './parse.ts';
import { settingsOf, type Asked } from './settings.ts';

const LF = 0x0a;

/** A longer line, in bytes, passes as it is. An annotation may repeat the message, and docker's escapes are six bytes for one. */
const LONGEST = 16 * 1024 * 1024;

/** ms without input after which no piece of a line is expected any more: relevel writes a line that came in pieces at once with those between. */
const PATIENCE = 100;

export const restore = defineCommand<Asked>({
  manual: {
    name: 'restore',
    summary: 'undo annotations: the original lines back, to the byte',
    words: '[file ...]',
    about: `Gives the lines back as they were before relevel changed them, to the byte; a summary
gives its last folded line. All other lines pass as they are: a line is taken back only if
making the change again gives exactly that line. Reads files one after the other, or stdin,
also as "-"; writes stdout.

If relevel was given --format, --envelope or names of fields, give restore the same.`,
    examples: [
      ['relevel restore changed.log > original.log', 'what relevel changed, back as it was'],
      ['relevel app.log | relevel restore | cmp - app.log', 'see for yourself'],
    ],
    after: 'Exit status: as of relevel itself.',
  },
  options: [
    { ...RULES, help: 'rules files, for what they say under "read"' },
    WRITTEN_FORMAT,
    ENVELOPE,
    ...NAME_OPTIONS,
    GRACE,
    LOG_FORMAT,
  ],
  blank: () => ({}),
  run: runRestore,
});

async function runRestore({ asked, words, placeOf }: Parsed<Asked>, host: Host): Promise<Exit> {
  const settings = settingsOf(asked);
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const loaded = asked.rules === undefined ? undefined : await loadRuleSet({ ...settings, placeOf });
  if (loaded !== undefined && loaded.ruleSet === undefined) {
    sayProblems(loaded, diagnostics);
    await diagnostics.end();
    return REFUSED;
  }
  const read = loaded?.ruleSet?.read ?? asked.read;
  const names = read === undefined ? undefined : new Names([], read);
  const inputs = inputsOf(words, host.stdin);
  const engine = new Restoring({ format: settings.format, envelope: asked.envelope, names }, clockFor(inputs));
  const exit = await move(inputs, engine, settings, host, diagnostics);
  await diagnostics.end();
  return exit;
}

/** Stands where an engine is asked for. It holds an unfinished line, and for a moment lines that pieces of a later one may have stood among. */
class Restoring implements PumpEngine {
  readonly #reading: Reading;
  readonly #clock: 'live' | 'replay';
  #order: RestoredOrder | undefined;
  #lastInput = 0;
  #room = Buffer.alloc(0);

  constructor(reading: Reading, clock: 'live' | 'replay') {
    this.#reading = reading;
    this.#clock = clock;
  }

  source(): ReturnType<PumpEngine['source']> {
    const input = (sink: Sink): ReturnType<ReturnType<PumpEngine['source']>['input']> => {
      const order = new RestoredOrder(sink, this.#reading.envelope ?? 'auto');
      const restoring = new RestoringInput(order, this.#reading);
      this.#order = order;
      return {
        pushFilled: (length, now) => {
          this.#lastInput = now;
          restoring.push(this.#room.subarray(0, length));
        },
        end: () => {
          restoring.end();
          order.flush();
        },
      };
    };
    return { input, end: () => {} };
  }

  room(size: number): Uint8Array {
    if (this.#room.length < size) this.#room = Buffer.allocUnsafeSlow(size);
    return this.#room;
  }

  nextDue(): number {
    return this.#clock === 'replay' || this.#order === undefined || this.#order.isEmpty ? Infinity : this.#lastInput + PATIENCE;
  }

  advance(now: number): void {
    if (this.nextDue() <= now) this.#order?.flush();
  }

  standDown(): void {
    this.#order?.flush();
  }
}

class RestoringInput {
  readonly #order: RestoredOrder;
  readonly #reading: Reading;
  /** Of the line whose newline has not come; joined when it comes. */
  #parts: Buffer[] = [];
  #length = 0;
  /** The unfinished line was too long, and its beginning has left. */
  #overlong = false;

  constructor(order: RestoredOrder, reading: Reading) {
    this.#order = order;
    this.#reading = reading;
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
    if (tooLong) return this.#order.write(line);
    const restored = restorePieces(line, this.#reading);
    if (restored === undefined) this.#order.pass(line);
    else if (restored.gaps.length === 0) this.#order.pass(restored.bytes);
    else this.#order.passPieces(restored.bytes, restored.gaps);
  }

  #keep(part: Buffer): void {
    if (this.#overlong || this.#length + part.length > LONGEST) {
      this.#overlong = true;
      for (const earlier of this.#parts) this.#order.write(earlier);
      this.#order.write(part);
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
}
