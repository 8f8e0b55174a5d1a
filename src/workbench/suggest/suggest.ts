import { LEVELS } from '../../record/level.ts';
import type { RuleSet } from '../../rules/rule.ts';
import { Columns } from './columns.ts';
import { Facts, type Fetch } from './facts.ts';
import { HealingMiner } from './healing.ts';
import { Known } from './known.ts';
import { findingsOf, type Finding } from './propose.ts';
import type { ReaderOptions } from './reading.ts';
import { RepeatMiner } from './repeats.ts';
import type { Reading } from './report.ts';
import { isAboutSecurity, isFailure, statementsOf, type Statements } from './statements.ts';
import { Survey, type Batch } from './survey.ts';

/** Looks at logs, line by line, and finds what deserves a rule. */
export class Suggestions {
  readonly #options: ReaderOptions;
  readonly #survey: Survey;
  readonly #healings = new HealingMiner();
  readonly #repeats = new RepeatMiner();
  readonly #sources: string[] = [];
  #statements: Statements = { all: [], of: [] };

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#survey = new Survey(options, (batch) => this.#mine(batch));
  }

  /** A log begins. */
  begin(source: string): void {
    this.#sources.push(source);
    this.#survey.begin(this.#sources.length - 1);
  }

  /** Takes a line, without its newline, which stands at `offset` of its log. */
  take(bytes: Buffer, start: number, end: number, offset: number): void {
    this.#survey.take(bytes, start, end, offset);
  }

  /** The log is at its end. */
  end(): void {
    this.#survey.end();
  }

  #mine(batch: Batch): void {
    const statements = this.#statementsNow();
    const columns = new Columns(batch, this.#survey.shapes, statements);
    this.#repeats.take(columns, this.#survey.shapes, statements.of);
    this.#healings.take(columns);
  }

  #statementsNow(): Statements {
    const { forms } = this.#survey;
    if (forms.length > this.#statements.of.length) this.#statements = statementsOf(forms);
    return this.#statements;
  }

  /** What there is to say. `fetch` gets lines again; `ruleSet`: the rules that there are already. */
  findings(ruleSet: RuleSet, fetch: Fetch): readonly Finding[] {
    const facts = new Facts(this.#options, fetch);
    const known = new Known(ruleSet, this.#options);
    const findings = findingsOf({
      statements: this.#statementsNow(),
      repeats: this.#repeats,
      healings: this.#healings,
      facts,
      known,
    });
    facts.close();
    known.close();
    return findings;
  }

  get reading(): Reading {
    const { lines, unread, unplaced, timeless, levels, shapes } = this.#survey;
    const { of } = this.#statementsNow();
    const levelLines = (name: (typeof LEVELS)[number]): number => levels[LEVELS.indexOf(name)]!;
    const isSecurity = new Set(this.#statements.all.filter((statement) => isFailure(statement) && isAboutSecurity(statement)));
    const security = shapes.reduce((sum, { form, lines: own }) => sum + (isSecurity.has(of[form.number]!) ? own : 0), 0);
    return {
      sources: this.#sources,
      lines,
      unread,
      unplaced,
      timeless,
      warnings: levelLines('warn'),
      errors: levelLines('error') + levelLines('critical') + levelLines('fatal'),
      security,
    };
  }

  close(): void {
    this.#survey.close();
  }
}
