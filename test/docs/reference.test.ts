import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { RELEASES } from '../../src/engine/counts.ts';
import { rulesJsonSchema } from '../../src/rules/schema.ts';
import { isNamed, messages } from './diagnostics.ts';
import { BLOCK, textOf } from './pages.ts';

// What there is to know stands in docs/, all of it.

const OPERATING = textOf('docs/operating.md');
const LANGUAGE = textOf('docs/rules.md');

test('every message that the program prints of its own doings is explained', () => {
  const all = messages();
  expect(all.length).toBeGreaterThan(25);
  const missing = all.filter((message) => !isNamed(message, OPERATING)).map(({ place, parts }) => `${place}: ${parts.join('…')}`);
  expect(missing).toEqual([]);
});

test('a message that is nowhere explained would be seen', () => {
  expect(isNamed({ place: '', parts: ['', ': cannot boil ', ' eggs'] }, OPERATING)).toBe(false);
});

test('every reason for which a line is let go unchanged is explained', () => {
  expect(RELEASES.filter((reason) => !OPERATING.includes(`\`${reason}\``))).toEqual([]);
});

type Schema = Readonly<Record<string, unknown>>;

/** `await/within` for each key that the schema gives a map, under the last key above it; of a shared part, the key alone. */
function keysIn(schema: unknown, under = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema as Schema).flatMap(([name, part]) => {
    if (name === '$defs') return Object.values(part as Schema).flatMap((each) => keysIn(each));
    if (name !== 'properties') return keysIn(part, under);
    return Object.entries(part as Schema).flatMap(([key, each]) => [
      under === '' ? key : `${under}/${key}`,
      ...keysIn(each, key),
    ]);
  });
}

/** The same of a rules file that was written. */
function keysOf(written: unknown, under = ''): string[] {
  if (typeof written !== 'object' || written === null) return [];
  if (Array.isArray(written)) return written.flatMap((each) => keysOf(each, under));
  return Object.entries(written).flatMap(([key, each]) => [key, `${under}/${key}`, ...keysOf(each, key)]);
}

test('every key of the rule language is used in a rules file that the page runs, and explained', () => {
  const files = Array.from(LANGUAGE.matchAll(BLOCK)).filter(([, kind, name]) => kind === 'yaml' && name !== undefined);
  const commands = Array.from(LANGUAGE.matchAll(BLOCK), ([, kind, , text]) => (kind === 'console' ? text! : '')).join('\n');
  expect(files.length).toBeGreaterThan(5);
  expect(files.map(([, , name]) => name!).filter((name) => !commands.includes(name))).toEqual([]);
  const used = new Set(files.flatMap(([, , , text]) => keysOf(parse(text!))));
  const keys = keysIn(rulesJsonSchema());
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter((key) => !used.has(key))).toEqual([]);
  const prose = LANGUAGE.replaceAll(BLOCK, '');
  const names = keys.map((key) => key.split('/').at(-1)!);
  expect(names.filter((name) => !prose.includes(`\`${name}\``))).toEqual([]);
});
