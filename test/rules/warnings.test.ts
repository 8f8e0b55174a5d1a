import { expect, test } from 'vitest';
import { PACKS } from '../../src/packs/shipped.ts';
import { loadRules } from '../../src/rules/load.ts';

const warningsOf = (rule: string): string[] => {
  const text = `version: 1\nrules: [{ id: r, ${rule} }]\n`;
  const { problems, warnings } = loadRules([{ name: 'rules.yaml', text }]);
  expect(problems).toEqual([]);
  return warnings.map(({ message, excerpt }) => `${/"[^"]*"/u.exec(message)![0]} ${excerpt.split('\n')[1]!.trim().length}`);
};

const cases: readonly (readonly [claim: string, rule: string, warned: readonly string[]])[] = [
  ['then would always raise', 'when: { level: info }, then: { level: warn }', ['"then" 4']],
  ['then would raise some', 'when: { level: { at_least: info } }, then: { level: warn }', ['"then" 4']],
  ['rest would raise', 'when: { level: { in: [info, warn] } }, repeat: { window: 1m, rest: warn }', ['"rest" 4']],
  ['raise would raise none', 'when: { level: { at_least: error } }, then: { raise: error }', ['"raise" 5']],
  ['raise raises some', 'when: { level: { at_least: warn } }, then: { raise: error }', []],
  ['then keeps the level', 'when: { level: { at_least: warn } }, then: { level: warn }', []],
  ['any level is asked for', 'when: { msg: x }, then: { level: warn }', []],
];

test.each(cases)('%s', (_claim, rule, warned) => {
  expect(warningsOf(rule)).toEqual(warned);
});

test('no pack that ships is warned of', () => {
  const { problems, warnings } = loadRules(PACKS);
  expect([...problems, ...warnings]).toEqual([]);
});
