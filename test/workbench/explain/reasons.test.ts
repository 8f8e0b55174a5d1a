import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import { compilePlan } from '../../../src/engine/plan.ts';
import { FATAL } from '../../../src/record/level.ts';
import { UTC } from '../../../src/record/zone.ts';
import { replaced } from '../../../src/rules/misfit.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { fieldsIn } from '../../../src/workbench/line-fields.ts';
import { LineReader } from '../../../src/workbench/line-reader.ts';
import { LineUnderstanding } from '../../../src/workbench/read-line.ts';
import { reasonFor } from '../../../src/workbench/remedy.ts';
import { RuleReader } from '../../../src/workbench/rule-reader.ts';
import { rulesFile } from '../../support/arbitraries/rules-files.ts';
import { stream } from '../../support/arbitraries/streams.ts';
import { ROOMY, rulesOf } from '../../support/run.ts';

const READING = { format: 'auto', envelope: 'none', read: undefined } as const;

/** Whether the engine has this rule judge this line. */
function judges(rule: Rule, line: string): boolean {
  // Nothing but its condition counts here.
  const alone: Rule = { ...rule, await: undefined, repeat: undefined, budget: undefined, until: undefined };
  const engine = openEngine({ protect: [], rules: [alone] }, ROOMY);
  const source = engine.source('source');
  const input = source.input({ write: () => {} });
  input.push(Buffer.from(`${line}\n`), 0);
  input.end(0);
  source.end(0);
  return engine.counts.rules.get(rule.id)!.fitted === 1;
}

const line = stream.chain((arrivals) => {
  const lines = arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [arrival.line]));
  return fc.constantFrom(...(lines.length === 0 ? ['level=info msg=none'] : lines));
});

test('the reason is true: with the changes that it names, the engine has the rule judge the line, and without them not', () => {
  const reader = new LineReader(READING);
  const understanding = new LineUnderstanding({ ...READING, zone: UTC, now: 0 });
  const seen = { matches: 0, misses: 0, exceptions: 0, near: 0 };
  fc.assert(
    fc.property(rulesFile, line, (file, text) => {
      const ruleSet = rulesOf(file);
      const rules = new RuleReader(ruleSet, compilePlan(ruleSet).names, reader);
      const bytes = Buffer.from(text);
      const place = { bytes, source: 'source', number: 1 };
      const isRead = rules.read(place);
      if (!isRead || rules.record.ambiguous || rules.record.annotated || rules.record.level === FATAL) return;
      const refused = {
        record: rules.record,
        fields: fieldsIn(understanding.of(bytes, 0, bytes.length)),
        matches: (condition: Rule['when']) => reader.matches(condition, place),
      };
      for (const rule of ruleSet.rules) {
        const miss = rules.missOf(rule);
        if (miss === undefined) {
          seen.matches += 1;
          expect(judges(rule, text)).toBe(rules.leavesLevelOf(rule) === undefined);
          continue;
        }
        expect(judges(rule, text)).toBe(false);
        const changes = miss.misfits.map((misfit) => {
          const reason = reasonFor(misfit, refused);
          seen.misses += 1;
          if (misfit.isNegated) seen.exceptions += 1;
          if (reason.distance < 0.5) seen.near += 1;
          return [misfit, reason.becomes] as const;
        });
        const changed: Rule = { ...rule, when: replaced(rule.when, changes), judgesCritical: true };
        expect(judges(changed, text)).toBe(true);
      }
    }),
    { numRuns: 2500 },
  );
  expect(Object.values(seen).every((count) => count > 20)).toBe(true);
});
