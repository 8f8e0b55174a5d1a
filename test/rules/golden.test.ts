import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRules } from '../../src/rules/load.ts';
import { formatProblem } from '../../src/rules/problem.ts';

const FAULTS = join(import.meta.dirname, '../../fixtures/rules-bad');

// One folder, one fault: a rules file, and all that is said of it. `npm test -- -u` rewrites the
// expected files; read the diff before you commit it.
test.each(readdirSync(FAULTS))('%s', async (name) => {
  const text = readFileSync(join(FAULTS, name, 'rules.yaml'), 'utf8');
  const { ruleSet, problems } = loadRules([{ name: 'rules.yaml', text }]);
  expect(ruleSet).toEqual({ protect: [], rules: [] });
  const said = problems.map((problem) => `${formatProblem(problem)}\n`).join('\n');
  await expect(said).toMatchFileSnapshot(join(FAULTS, name, 'expected.txt'));
});
