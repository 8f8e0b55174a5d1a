import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRulesName } from '../../src/rules/file-name.ts';
import { runMain } from '../cli/host.ts';

const RULES = join(import.meta.dirname, '../../rules');

/** ms. Each mutation that nothing tells apart takes some thousand runs. */
const LONG = 300_000;

// A mistake in a pack hides errors of people who never read it: there is none that no example and no test would notice.
test.each(readdirSync(RULES).filter(isRulesName))('no mutation of %s goes unnoticed', { timeout: LONG }, async (name) => {
  const { exit, out } = await runMain(['test', '--mutate', join(RULES, name)]);
  expect(out).toContain(', 0 not noticed');
  expect(exit).toEqual({ kind: 'done', unread: 0 });
});
