import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRules } from '../../src/rules/load.ts';

const warningsOf = (rule: string): string[] => {
  const text = `version: 1\nevents: { up: { msg: { matches: 'up (?P<host>\\S+)' } } }\nrules: [{ id: r, ${rule} }]\n`;
  const { problems, warnings } = loadRules([{ name: 'rules.yaml', text }]);
  expect(problems).toEqual([]);
  return warnings.map(({ message, excerpt }) => `${/"[^"]*"/u.exec(message)![0]} ${excerpt.split('\n')[1]!.trim().length}`);
};

const DOWN = "when: { msg: { matches: '(?P<server>\\w+) down' } }";
const UP = 'await: { success: [up], within: 1s';

const cases: readonly (readonly [claim: string, rule: string, warned: readonly string[]])[] = [
  ['by names a group', `${DOWN}, ${UP}, by: [server] }, then: { level: info }`, ['"server" 6']],
  ['by names a group of an event', `${DOWN}, ${UP}, by: [{ here: pid, there: host }] }, then: { level: info }`, ['"host" 4']],
  ['a group of repeats does', `${DOWN}, repeat: { by: [{ field: server, mask: [number] }], window: 1m }`, ['"server" 6']],
  ['a text does', `${DOWN}, then: { msg: '\${server} down' }`, ['"server" 16']],
  ['by names a field', `${DOWN}, ${UP}, by: [pid] }, then: { level: info, msg: '\${pid}' }`, []],
  ['then would always raise', 'when: { level: info }, then: { level: warn }', ['"then" 4']],
  ['then would raise some', 'when: { level: { at_least: info } }, then: { level: warn }', ['"then" 4']],
  ['rest would raise', 'when: { level: { in: [info, warn] } }, repeat: { window: 1m, rest: warn }', ['"rest" 4']],
  ['then keeps the level', 'when: { level: { at_least: warn } }, then: { level: warn }', []],
  ['any level is asked for', 'when: { msg: x }, then: { level: warn }', []],
];

test.each(cases)('%s', (_claim, rule, warned) => {
  expect(warningsOf(rule)).toEqual(warned);
});

test('no pack that ships is warned of', () => {
  const folder = join(import.meta.dirname, '../../rules');
  const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  expect(loadRules(files).warnings).toEqual([]);
});
