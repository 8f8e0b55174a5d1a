import type { EngineSettings } from '../../engine/settings.ts';
import type { RuleSet } from '../../rules/rule.ts';
import type { Ending } from '../../engine/observer.ts';
import { Explainer } from './explainer.ts';

const LF = 0x0a;

/** Of a window, so many lines and bytes are looked at. */
const MOST_LINES = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** Lines that are explained before others get their turn. */
const AT_A_TIME = 50;

/** What one rule would do with the lines of a window. Has no text of a line in it. */
export interface LiveAccount {
  readonly rule: string;
  /** Lines that were looked at. */
  readonly lines: number;
  /** More came than are looked at. */
  readonly isCut: boolean;
  /** Lines that the rule judged. */
  readonly matched: number;
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  /** Lines that nearly match. */
  readonly near: number;
  /** Conditions that kept lines from the rule: lines that match everything else, and all. */
  readonly stopped: readonly { readonly condition: string; readonly alone: number; readonly all: number }[];
}

export interface LiveOptions {
  readonly ruleSet: RuleSet;
  readonly settings: EngineSettings;
  /** ms since 1970. */
  readonly now: number;
  readonly pause: () => Promise<void>;
}

/** Keeps whole lines of what passes in a window, by source. */
export class LiveLines {
  readonly #sources = new Map<string, { readonly lines: Buffer[]; rest: Buffer | undefined }>();
  #lines = 0;
  #bytes = 0;
  isCut = false;

  take(source: string, bytes: Uint8Array): void {
    if (this.isCut) return;
    let open = this.#sources.get(source);
    // Where the first line begins, nobody knows.
    if (open === undefined) this.#sources.set(source, (open = { lines: [], rest: undefined }));
    let at = 0;
    for (let newline = bytes.indexOf(LF, at); newline !== -1; newline = bytes.indexOf(LF, at)) {
      const part = bytes.subarray(at, newline);
      if (open.rest !== undefined) this.#keep(open.lines, Buffer.concat([open.rest, part]));
      open.rest = Buffer.alloc(0);
      at = newline + 1;
      if (this.isCut) return;
    }
    if (open.rest === undefined) return;
    const rest = bytes.subarray(at);
    this.#bytes += rest.length;
    if (this.#bytes > MOST_BYTES) this.isCut = true;
    else if (rest.length > 0) open.rest = Buffer.concat([open.rest, rest]);
  }

  #keep(lines: Buffer[], line: Buffer): void {
    this.#lines += 1;
    this.#bytes += line.length;
    if (this.#lines > MOST_LINES || this.#bytes > MOST_BYTES) this.isCut = true;
    else lines.push(line);
  }

  /** What the rule would do with them. `pause`: others get their turn. */
  async account(rule: string, { ruleSet, settings, now, pause }: LiveOptions): Promise<LiveAccount> {
    const explainer = new Explainer({ ruleSet, settings, now, rule, isAsked: () => false });
    let done = 0;
    for (const [source, { lines }] of this.#sources) {
      explainer.begin(source);
      for (const line of lines) {
        explainer.line(line);
        done += 1;
        if (done % AT_A_TIME === 0) await pause();
      }
      explainer.end();
    }
    const { lines: matched, endings, near, stopped } = explainer.account().rules.find((each) => each.rule === rule)!;
    const conditions = stopped.map(({ condition, alone, all }) => ({ condition, alone, all }));
    return { rule, lines: done, isCut: this.isCut, matched, endings, near, stopped: conditions };
  }
}
