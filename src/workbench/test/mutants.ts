import { LEVELS, RAISED, TARGETS, type Level } from '../../record/level.ts';
import { wordsOf } from '../../rules/condition-words.ts';
import { quote } from '../../rules/quote.ts';
import {
  namesIn,
  type Await,
  type Change,
  type Condition,
  type FieldName,
  type GroupField,
  type Rule,
  type RuleSet,
} from '../../rules/rule.ts';
import { durationKey } from '../duration-words.ts';
import { conditionMutants } from './condition-mutants.ts';

/** Rules that are broken in one small way. */
export interface Mutant {
  /** In words: `rule "heals": within 10s instead of 5s`. */
  readonly name: string;
  /** What a test shows that notices: `within 5s, not 10s`. */
  readonly claim: string;
  /** `undefined`: what the file protects is broken. */
  readonly rule: string | undefined;
  readonly ruleSet: RuleSet;
  /** Conditions in which the two differ, or that tell them apart: lines are varied in what they ask for. */
  readonly about: readonly Condition[];
  /** Fields in which the two differ. */
  readonly fields: readonly string[];
}

/** How a part of a rule is broken. */
interface Broken {
  readonly rule: Rule;
  readonly what: string;
  readonly claim: string;
  readonly about?: readonly Condition[];
  readonly fields?: readonly string[];
}

/** All rules of a set, each broken in each way. */
export function* mutantsOf(ruleSet: RuleSet): Generator<Mutant> {
  for (const [index, condition] of ruleSet.protect.entries()) {
    const protect = ruleSet.protect.toSpliced(index, 1);
    const name = `protect: without ${wordsOf(condition)}`;
    yield {
      name,
      claim: `protects ${wordsOf(condition)}`,
      rule: undefined,
      ruleSet: { ...ruleSet, protect },
      about: [condition],
      fields: [],
    };
  }
  for (const [index, rule] of ruleSet.rules.entries())
    for (const { rule: broken, what, claim, about = [], fields = [] } of brokenWaysOf(rule)) {
      const rules = ruleSet.rules.with(index, broken);
      yield { name: `rule ${quote(rule.id)}: ${what}`, claim, rule: rule.id, ruleSet: { ...ruleSet, rules }, about, fields };
    }
}

function* brokenWaysOf(rule: Rule): Generator<Broken> {
  for (const { condition, what, ...rest } of conditionMutants(rule.when))
    yield { rule: { ...rule, when: condition }, what: `"when" ${what}`, ...rest };
  if (rule.await !== undefined) yield* brokenWaits(rule, rule.await);
  if (rule.then !== undefined) yield* brokenChanges(rule, 'then', rule.then);
  if (rule.else !== undefined) yield* brokenChanges(rule, 'else', rule.else);
  yield* brokenRepeats(rule);
  const over = rule.budget?.over;
  if (rule.budget === undefined || over === undefined) return;
  for (const moved of neighbours(over, RAISED))
    yield { rule: { ...rule, budget: { ...rule.budget, over: moved } }, ...instead('"over" to ', LEVELS[over], LEVELS[moved]) };
}

function* brokenWaits(rule: Rule, waits: Await): Generator<Broken> {
  const withWait = (changed: Partial<Await>): Rule => ({ ...rule, await: { ...waits, ...changed } });
  for (const within of [Math.max(1, Math.floor(waits.within / 2)), waits.within * 2])
    if (within !== waits.within)
      yield { rule: withWait({ within }), ...instead('within ', durationKey(waits.within), durationKey(within)) };
  for (const [index, { here, there }] of waits.by.entries()) {
    const name = fieldWords(here);
    const fields = [...namesIn(here), ...namesIn(there)];
    yield {
      rule: withWait({ by: waits.by.toSpliced(index, 1) }),
      what: `"by" without ${name}`,
      claim: `needs the same ${name}`,
      fields,
    };
  }
  const silence = waits.silence === 'success' ? 'failure' : 'success';
  yield { rule: withWait({ silence }), what: `silence: ${silence}`, claim: `silence is ${waits.silence}` };
  const { success, failure, exits } = waits;
  const events = [...success, ...failure].map(({ condition }) => condition);
  const swappedExits = exits && { success: exits.failure, failure: exits.success };
  if (events.length > 0 || exits !== undefined)
    yield {
      rule: withWait({ success: failure, failure: success, exits: swappedExits }),
      what: 'success and failure swapped',
      claim: 'tells success from failure',
      about: events,
    };
  for (const list of ['success', 'failure'] as const)
    for (const [index, event] of waits[list].entries())
      for (const { condition, what, claim, about } of conditionMutants(event.condition))
        yield {
          rule: withWait({ [list]: waits[list].with(index, { ...event, condition }) }),
          what: `event ${quote(event.name)} ${what}`,
          claim: `event ${quote(event.name)}: ${claim}`,
          about: [event.condition, ...about],
        };
  if (exits === undefined) return;
  for (const list of ['success', 'failure'] as const)
    for (const [index, exit] of exits[list].entries())
      yield {
        rule: withWait({ exits: { ...exits, [list]: exits[list].toSpliced(index, 1) } }),
        what: `${list} without ${wordsOf(exit)}`,
        claim: `${list} by ${wordsOf(exit)}`,
      };
}

/** In words, of one value in place of another. */
const instead = (of: string, right: string, wrong: string) => ({
  what: `${of}${wrong} instead of ${right}`,
  claim: `${of}${right}, not ${wrong}`,
});

function* brokenChanges(rule: Rule, key: 'then' | 'else', change: Change): Generator<Broken> {
  for (const name of ['level', 'raise'] as const) {
    const level = change[name];
    if (level === undefined) continue;
    for (const moved of neighbours(level, name === 'raise' ? RAISED : TARGETS))
      yield {
        rule: { ...rule, [key]: { ...change, [name]: moved } },
        ...instead(`"${key}" to `, LEVELS[level], LEVELS[moved]),
      };
  }
}

function neighbours(level: Level, names: readonly string[]): Level[] {
  const levels = names.map((name) => LEVELS.findIndex((each) => each === name) as Level);
  return levels.filter((each) => Math.abs(each - level) === 1);
}

function* brokenRepeats(rule: Rule): Generator<Broken> {
  const { repeat } = rule;
  if (repeat === undefined) return;
  const { rest } = repeat;
  if (rest !== 'fold')
    for (const moved of neighbours(rest, TARGETS))
      yield { rule: { ...rule, repeat: { ...repeat, rest: moved } }, ...instead('"rest" to ', LEVELS[rest], LEVELS[moved]) };
  const withBy = (by: readonly GroupField[]): Rule => ({ ...rule, repeat: { ...repeat, by } });
  for (const [index, part] of repeat.by.entries()) {
    const fields = [...namesIn(part.field)];
    const name = fieldWords(part.field);
    yield {
      rule: withBy(repeat.by.toSpliced(index, 1)),
      what: `"repeat.by" without ${name}`,
      claim: `a group for each ${name}`,
      fields,
    };
    if (part.mask === 'all' || part.mask.length > 0) {
      yield {
        rule: withBy(repeat.by.with(index, { ...part, mask: [] })),
        what: `no mask on ${name}`,
        claim: `one group, whatever is masked in ${name}`,
        fields,
      };
    } else {
      yield {
        rule: withBy(repeat.by.with(index, { ...part, mask: ['number'] })),
        what: `mask: [number] on ${name}`,
        claim: `numbers in ${name} make groups`,
        fields,
      };
    }
  }
  if (repeat.by.some(({ field }) => namesIn(field).includes('msg'))) return;
  const masked = withBy([...repeat.by, { field: 'msg', mask: ['number'] }]);
  yield { rule: masked, what: 'mask: [number] on msg', claim: 'numbers in msg make groups', fields: ['msg'] };
}

const fieldWords = (field: FieldName): string => namesIn(field).map(quote).join(' or ');
