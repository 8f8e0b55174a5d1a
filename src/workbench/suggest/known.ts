import { readInside } from '../../formats/envelope.ts';
import { readLine } from '../../formats/index.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { Names } from '../../record/names.ts';
import { LogRecord } from '../../record/record.ts';
import { compileLater, type Predicate } from '../../rules/condition.ts';
import type { Rule, RuleSet } from '../../rules/rule.ts';
import type { LineFact } from './facts.ts';
import type { ReaderOptions } from './reading.ts';

/** Tells which rule there is for a line already. */
export class Known {
  readonly #rules: readonly { readonly rule: Rule; readonly fits: Predicate }[];
  readonly #record: LogRecord;
  readonly #kernel = Kernel.take();
  readonly #options: ReaderOptions;

  constructor(ruleSet: RuleSet, options: ReaderOptions) {
    const names = new Names([], options.read);
    this.#rules = ruleSet.rules.map((rule) => ({ rule, fits: compileLater(rule.when, names) }));
    this.#record = new LogRecord(names);
    this.#options = options;
  }

  ruleFor({ line }: LineFact): Rule | undefined {
    const bytes = Buffer.from(line);
    const record = this.#record;
    const { format, envelope } = this.#options;
    if (!readInside(record, bytes, 0, bytes.length, (...each) => readLine(this.#kernel, ...each, format), envelope))
      return undefined;
    return this.#rules.find(({ fits }) => fits(record))?.rule;
  }

  close(): void {
    this.#kernel.giveBack();
  }
}
