import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadPacks } from '../../src/packs/builtin.ts';
import { isStable } from '../../src/rules/maturity.ts';
import { compilePlan, draftPlan, type PlanDraft } from '../../src/engine/plan.ts';
import { joinRules } from '../../src/rules/join.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { feed, slices } from '../support/feed.ts';
import { rulesOf } from '../support/run.ts';

/** As the build writes it down and the program reads it. */
const written = (rules: RuleSet): PlanDraft => JSON.parse(JSON.stringify(draftPlan(rules))) as PlanDraft;

test('works out once what is asked of lines, for all engines of a plan', () => {
  const plan = compilePlan(rulesOf('version: 1\nrules: [{ id: a, when: { msg: x, n: 1 }, then: { level: info } }]\n'));
  expect(plan.asked).toBe(plan.asked);
  expect([...plan.asked.conditions]).toEqual(expect.arrayContaining([...plan.names.slotsOf('n')]));
});

test('a plan made of its draft does to every line what it does without', () => {
  fc.assert(
    fc.property(rulesFile, stream, fc.integer({ min: 1, max: 3000 }), (file, arrivals, size) => {
      const rules = rulesOf(file);
      const lines = arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [`${arrival.line}\n`]));
      const chunks = slices(Buffer.from(lines.join('')), [size]);
      expect(feed(rules, chunks, {}, written(rules))).toEqual(feed(rules, chunks));
    }),
    { numRuns: 300 },
  );
});

test('of the packs that ship it asks for the same texts, levels and fields', async () => {
  const packs = (await loadPacks()).filter(isStable);
  const { ruleSet } = joinRules(
    packs.map((pack) => pack.ruleSet),
    [],
    '',
  );
  const whole = compilePlan(ruleSet);
  const made = compilePlan(ruleSet, written(ruleSet));
  expect(made.idle.tables).toEqual(whole.idle.tables);
  expect(made.idle.tables.kind).toBe('prints');
  expect(made.idle.draft.levels).toEqual(whole.idle.draft.levels);
  expect(made.idle.looseLevels).toBe(whole.idle.looseLevels);
  expect(made.busy.tables).toEqual(whole.busy.tables);
  // Some slots may have other numbers, but none is asked for later.
  const before = [...made.names.asked].toSorted();
  expect(before).toEqual([...whole.names.asked].toSorted());
  const { size } = made.names;
  expect(size).toBe(whole.names.size);
  for (const rule of made.rules) void [rule.here, rule.then, rule.else, rule.repeat];
  expect(made.names.size).toBe(size);
});
