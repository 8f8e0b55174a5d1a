import type { Now } from '../io/clock.ts';
import type { Problem } from '../rules/problem.ts';
import { escapeControls } from '../rules/quote.ts';
import type { RuleSet } from '../rules/rule.ts';

/** Something wrong with a rules file, or beside; a text is one line, and safe to print. */
export type Refusal = Problem | string;

/** In one line, without what stands in the file. Safe to print. */
export const refusalLine = (refusal: Refusal): string =>
  typeof refusal === 'string' ? refusal : `${escapeControls(refusal.file)}:${refusal.line}:${refusal.column}: ${refusal.message}`;

/** What came of reading the rules again. */
export type RulesRead =
  | { readonly kind: 'read'; readonly ruleSet: RuleSet }
  /** With all that is wrong. */
  | { readonly kind: 'wrong'; readonly problems: readonly Refusal[] };

export type Reload =
  | { readonly kind: 'adopted'; readonly rules: number }
  /** The files are those of the rules in force. */
  | { readonly kind: 'unchanged' }
  /** The rules in force stay so. */
  | { readonly kind: 'refused'; readonly problems: readonly Refusal[] };

/** All reloads so far. */
export interface Reloads {
  readonly adopted: number;
  readonly refused: number;
  /** Of those that read anything. */
  readonly last: Exclude<Reload, { kind: 'unchanged' }> | undefined;
  /** When rules were last adopted, at the start or later; ms since 1970. */
  readonly adoptedAt: number;
}

export interface ReloaderOptions {
  /** What tells one state of the rules files from another; `undefined` where they cannot be read a second time. */
  readonly look: () => Promise<string | undefined>;
  /** What `look` said before the rules in force were read. */
  readonly seen: string | undefined;
  readonly read: () => Promise<RulesRead>;
  /** Has the rules judge the next line, and those behind it. */
  readonly adopt: (rules: RuleSet) => void;
  /** Hears of every attempt. */
  readonly onReload: (reload: Reload) => void;
  readonly now: Now;
}

/** Brings changed rules into force, or says why not; never two attempts at once. */
export class Reloader {
  readonly #options: ReloaderOptions;
  /** The files as they were at the last attempt. */
  #tried: string | undefined;
  /** How a poll found them changed. */
  #changed: string | undefined;
  #running: Promise<Reload> | undefined;
  #next: Promise<Reload> | undefined;
  #reloads: Reloads;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#tried = options.seen;
    this.#reloads = { adopted: 0, refused: 0, last: undefined, adoptedAt: options.now() };
  }

  get reloads(): Reloads {
    return this.#reloads;
  }

  /** Reloads where the files have changed and then stood still from one poll to the next: nobody is in the middle of writing them. */
  async poll(): Promise<void> {
    if (this.#running !== undefined) return;
    const state = await this.#options.look();
    if (state === undefined || state === this.#tried) {
      this.#changed = undefined;
    } else if (state === this.#changed) {
      await this.reload();
    } else {
      this.#changed = state;
    }
  }

  /** Reloads, unless the rules in force are those of the files. Asked while an attempt is under way, makes one more after it, for all who asked. */
  reload(): Promise<Reload> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  #start(): Promise<Reload> {
    this.#running = this.#attempt().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #attempt(): Promise<Reload> {
    const { look, onReload } = this.#options;
    // Before they are read: what changes meanwhile is found by the next poll.
    const state = await look();
    // What was refused is tried again: the cause may have lain elsewhere, and who asks wants to hear it.
    if (state !== undefined && state === this.#tried && this.#reloads.last?.kind !== 'refused') {
      onReload({ kind: 'unchanged' });
      return { kind: 'unchanged' };
    }
    this.#tried = state;
    this.#changed = undefined;
    const reload = state === undefined ? UNREADABLE : await this.#readAndAdopt();
    const { adopted, refused, adoptedAt } = this.#reloads;
    this.#reloads =
      reload.kind === 'adopted'
        ? { adopted: adopted + 1, refused, last: reload, adoptedAt: this.#options.now() }
        : { adopted, refused: refused + 1, last: reload, adoptedAt };
    onReload(reload);
    return reload;
  }

  async #readAndAdopt(): Promise<Exclude<Reload, { kind: 'unchanged' }>> {
    const found = await this.#options.read().catch(toWrong);
    if (found.kind === 'wrong') return { kind: 'refused', problems: found.problems };
    this.#options.adopt(found.ruleSet);
    return { kind: 'adopted', rules: found.ruleSet.rules.filter(({ shadow }) => !shadow).length };
  }
}

/** Also a fault of our own must not end what works. */
const toWrong = (error: unknown): RulesRead => ({ kind: 'wrong', problems: [escapeControls(String(error))] });

const UNREADABLE = {
  kind: 'refused',
  problems: ['rules that come from a pipe or a device cannot be read a second time'],
} as const;
