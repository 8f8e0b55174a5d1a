import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEngine } from '../src/engine/engine.ts';
import { loadRules } from '../src/rules/load.ts';
import type { RulesFile } from '../src/rules/problem.ts';
import type { RuleSet } from '../src/rules/rule.ts';
import { ROOMY } from './support/run.ts';

const ROOT = join(import.meta.dirname, '..');
const CASES = join(ROOT, 'fixtures/cases');

// One folder, one case: `rules.yaml`, or `pack` with the names of packs that ship; each `input*.log` is a source of its
// own and must leave as `expected*.log`. `npm test -- -u` rewrites the expected files; read the diff before you commit it.
test.each(readdirSync(CASES))('%s', async (name) => {
  const folder = join(CASES, name);
  const rules = rulesIn(folder);
  const sources = readdirSync(folder).filter((file) => file.startsWith('input'));
  const bytes = sources.map((file) => readFileSync(join(folder, file)));

  const whole = transform(rules, bytes, Infinity);
  for (const size of [1, 7, 64]) expect(transform(rules, bytes, size)).toEqual(whole);

  for (const [index, source] of sources.entries()) {
    const left = whole[index]!;
    const expected = join(folder, source.replace('input', 'expected'));
    // A snapshot is text, whose CRLFs Vitest leaves aside where what it got has none.
    expect(left.includes('\r\n')).toBe(bytes[index]!.includes('\r\n'));
    if (isUtf8(left)) await expect(left.toString()).toMatchFileSnapshot(expected);
    // Bytes that are no text are expected as someone wrote them.
    else expect(left.toString('latin1')).toBe(readFileSync(expected, 'latin1'));
  }
});

function rulesIn(folder: string): RuleSet {
  const { ruleSet, problems } = loadRules(filesIn(folder));
  expect(problems).toEqual([]);
  return ruleSet;
}

function filesIn(folder: string): RulesFile[] {
  const read = (file: string): string => readFileSync(file, 'utf8');
  if (!existsSync(join(folder, 'pack'))) return [{ name: 'rules.yaml', text: read(join(folder, 'rules.yaml')) }];
  const packs = read(join(folder, 'pack')).trim().split(' ');
  return packs.map((pack) => ({ name: `builtin/${pack}`, text: read(join(ROOT, `rules/${pack}.yaml`)) }));
}

/** What leaves each source, where each comes in chunks of `size` bytes, in turns. */
function transform(rules: RuleSet, inputs: readonly Buffer[], size: number): Buffer[] {
  const engine = openEngine(rules, ROOMY);
  const streams = inputs.map((bytes, index) => {
    const source = engine.source(`input ${index}`);
    const left: Buffer[] = [];
    const input = source.input({ write: (lent, start, end) => left.push(Buffer.from(lent.subarray(start, end))) });
    return { bytes, source, input, left };
  });
  const longest = Math.max(...inputs.map(({ length }) => length));
  for (let at = 0; at < longest; at += size) {
    for (const { bytes, input } of streams) input.push(bytes.subarray(at, at + size), 0);
  }
  for (const { input, source } of streams) {
    input.end(0);
    source.end(0);
  }
  return streams.map(({ left }) => Buffer.concat(left));
}
