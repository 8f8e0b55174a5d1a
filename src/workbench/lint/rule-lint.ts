import { wordsOf } from '../../rules/condition-words.ts';
import { contradictionIn } from '../../rules/contradiction.ts';
import { covers } from '../../rules/covers.ts';
import { literalsOf } from '../../rules/literals.ts';
import { quote } from '../../rules/quote.ts';
import type { Condition, Rule, RuleSet, Test } from '../../rules/rule.ts';
import { testsIn } from '../../rules/misfit.ts';
import { durationKey } from '../duration-words.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import type { Code } from './finding.ts';

/** A finding without its place: `key` says which part of the rule it is about. */
export interface Remark {
  readonly code: Code;
  readonly key: 'id' | 'when' | 'await' | 'until' | 'examples';
  /** Further keys below it. */
  readonly path?: readonly (string | number)[];
  readonly message: string;
  readonly remedy: string;
}

type Order = EngineSettings['order'];

/** In strict order a line that waits holds those behind it. ms */
const LONG = 10_000;
/** ms. Who has to act needs some weeks. */
const SOON = 30 * 86_400_000;

/** What is to be said of a rule by itself, and of those before it. `now`: ms since 1970. */
export function remarksOn(rule: Rule, { rules }: RuleSet, now: number, order: Order): Remark[] {
  return [
    ...contradictions(rule),
    ...behind(rule, rules),
    ...broad(rule),
    ...names(rule),
    ...patterns(rule),
    ...times(rule, now, order),
  ];
}

/** What it asks for, or what it awaits, no line can be. */
function contradictions({ when, await: waiting }: Rule): Remark[] {
  const remedy = 'change or remove one of the two; use "any" if either will do';
  const said = (condition: Condition): string | undefined => {
    const parts = contradictionIn(condition);
    if (parts?.length === 1) return wordsOf(parts[0]!);
    return parts && `${parts.map(wordsOf).join(' and ')} exclude each other`;
  };
  const own = said(when);
  const remarks: Remark[] =
    own === undefined ? [] : [{ code: 'never-matches', key: 'when', message: `no line can match this rule: ${own}`, remedy }];
  for (const key of ['success', 'failure'] as const)
    for (const { name, condition } of waiting?.[key] ?? []) {
      const words = said(condition);
      if (words === undefined) continue;
      const event = name === key ? `an event of ${quote(key)}` : `the event ${quote(name)} of ${quote(key)}`;
      const message = `no line can be ${event}: ${words}`;
      remarks.push({ code: 'never-matches', key: 'await', path: [key], message, remedy });
    }
  return remarks;
}

/** A rule before it that takes all of its lines. */
function behind(rule: Rule, rules: readonly Rule[]): Remark[] {
  const first = rules
    .slice(0, rules.indexOf(rule))
    .find(
      (other) =>
        !other.shadow &&
        other.until === undefined &&
        (other.judgesCritical || !rule.judgesCritical) &&
        covers(other.when, rule.when),
    );
  if (first === undefined) return [];
  const isSame = covers(rule.when, first.when);
  return [
    {
      code: isSame ? 'same-as' : 'behind-broader',
      key: 'when',
      message: isSame
        ? `this rule matches the same lines as rule ${quote(first.id)}, which comes first, so it applies to none`
        : `rule ${quote(first.id)} comes first and matches every line that this rule matches, so this rule applies to none`,
      remedy: isSame ? 'remove one of them' : `put this rule before ${quote(first.id)}`,
    },
  ];
}

/** It looks at nothing but levels; or at no text that could be searched for. */
function broad({ when }: Rule): Remark[] {
  const tests = testsIn(when);
  if (!hasField(when))
    return [
      {
        code: 'too-broad',
        key: 'when',
        message: 'this rule matches every line of its levels, whatever the line says',
        remedy: 'ask for a text of the lines that are harmless',
      },
    ];
  const literals = literalsOf(when, new Set());
  if (literals !== undefined && literals.every(({ text }) => text.length >= SHORTEST)) return [];
  if (tests.length === 0) return [];
  return [
    {
      code: 'no-literal',
      key: 'when',
      message: 'no text stands in all lines that this rule matches, so relevel has to read each line of its levels',
      remedy: 'add a test of a text, such as contains, that all of these lines have',
    },
  ];
}

/** Shorter texts are not searched for. */
const SHORTEST = 3;

function hasField(condition: Condition): boolean {
  if (condition.kind === 'field') return true;
  if (condition.kind === 'level') return false;
  return condition.kind === 'not' ? hasField(condition.of) : condition.of.some(hasField);
}

/** Names that lines use for what rules call otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  message: 'msg',
  '@message': 'msg',
  '@m': 'msg',
  severity: 'level',
  lvl: 'level',
  levelname: 'level',
  loglevel: 'level',
  '@level': 'level',
};

const namesFor = (name: string): readonly string[] => Object.keys(NAMES).filter((each) => NAMES[each] === name);
export const MESSAGE_NAMES = namesFor('msg');
export const LEVEL_NAMES = namesFor('level');

function names({ when }: Rule): Remark[] {
  const paths = new Set(testsIn(when).flatMap((test) => (test.kind === 'field' ? [test.path] : [])));
  return [...paths].flatMap((path): Remark[] => {
    const name = Object.hasOwn(NAMES, path) ? NAMES[path]! : undefined;
    if (name === undefined) return [];
    const message = `${quote(path)} is only the field of this very name; lines that name it otherwise do not match`;
    return [{ code: 'other-name', key: 'when', message, remedy: `write ${quote(name)}, which stands for all usual names` }];
  });
}

function patterns({ when }: Rule): Remark[] {
  return testsIn(when).flatMap((part): Remark[] => (part.kind === 'field' ? ofTest(part.test) : []));
}

function ofTest(test: Test): Remark[] {
  if (test.kind === 'matches' && isPlainPattern(test.text)) {
    const message = `the pattern ${quote(test.text)} is a plain text`;
    return [{ code: 'plain-pattern', key: 'when', message, remedy: 'write contains, which says so and costs less' }];
  }
  if (test.kind !== 'in') return [];
  return test.values.flatMap((value): Remark[] => {
    if (value.kind !== 'text') return [];
    const isPattern = isWrittenAsPattern(value.text);
    if (!value.text.includes('*') && !isPattern) return [];
    const message = `a value must be equal, so ${quote(value.text)} matches only this very text`;
    return [
      { code: 'equals-a-glob', key: 'when', message, remedy: isPattern ? 'write matches, without the slashes' : 'write glob' },
    ];
  });
}

/** A pattern without a sign that means something. */
const PLAIN = /^[\w \-,:;'"/=@#%&!<>~]+$/u;

export const isPlainPattern = (text: string): boolean => PLAIN.test(text);

/** Whether a text is written like a pattern, in slashes, and is no path. */
export const isWrittenAsPattern = (text: string): boolean => /^\/.+\/[a-z]*$/u.test(text) && !/^(?:\/[\w.-]+)+\/?$/u.test(text);

function times({ until, await: waiting }: Rule, now: number, order: Order): Remark[] {
  const remarks: Remark[] = [];
  if (until !== undefined && until <= now)
    remarks.push({
      code: 'expired',
      key: 'until',
      message: 'this rule is expired: it changes no line any more',
      remedy: 'fix the cause, remove the rule, or move the date',
    });
  else if (until !== undefined && until - now < SOON)
    remarks.push({
      code: 'expires-soon',
      key: 'until',
      message: `this rule expires in ${Math.ceil((until - now) / 86_400_000)} days`,
      remedy: 'fix the cause, or move the date',
    });
  if (waiting !== undefined && waiting.within > LONG && order === 'strict')
    remarks.push({
      code: 'long-hold',
      key: 'await',
      message: `a line that waits holds all lines behind it for up to ${durationKey(waiting.within)}`,
      remedy: 'shorten "within", name a "failure" that comes earlier, or run relevel with --order relaxed',
    });
  if (waiting?.exits !== undefined && waiting.success.length + waiting.failure.length === 0)
    remarks.push({
      code: 'needs-run',
      key: 'await',
      message: 'this rule awaits nothing but the end of the process, which only "relevel run" sees',
      remedy: 'name a line that decides too, or use the rule with relevel run only',
    });
  return remarks;
}
