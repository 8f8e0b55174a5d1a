import { expect, test } from 'vitest';
import { literalsOf } from '../../src/rules/literals.ts';
import { rulesOf } from '../support/run.ts';

const table: readonly [when: string, literals: readonly string[] | undefined][] = [
  ["{ msg: { contains: 'is not available' } }", ['is not available']],
  ["{ msg: { contains: 'ab' }, $line: { contains: 'abc' } }", ['abc']],
  ['{ any: [{ msg: { contains: abc } }, { msg: { contains: xyz } }] }', ['abc', 'xyz']],
  ['{ any: [{ msg: { contains: abc } }, { level: error }] }', undefined],
  ['{ not: { msg: { contains: abc } } }', undefined],
  ['{ errno: 95 }', ['errno']],
  ['{ err.code: { exists: true } }', ['code']],
  ['{ code: { exists: false } }', undefined],
  ['{ code: { in: [EOPNOTSUPP, ENOTSUP] } }', ['EOPNOTSUPP', 'ENOTSUP']],
  ['{ code: { in: [EOPNOTSUPP, 95] } }', ['code']],
  ["{ name: { glob: ['cilium_*', 'lxc?'] } }", ['name']],
  ["{ if: { glob: ['cilium_*', 'lxc?'] } }", ['cilium_', 'lxc']],
  ["{ msg: { matches: '^(MSHV|KVM) is' } }", ['MSHV is', 'KVM is']],
  // A logfmt key without a value counts as the text `true`, which stands nowhere in the line.
  ["{ msg: 'true' }", undefined],
  ["{ flag: 'true' }", ['flag']],
  ['{ msg: { contains: ru } }', undefined],
  ["{ msg: { in: ['true', other] } }", undefined],
  ["{ $line: { contains: 'true' } }", ['true']],
  ["{ $source: 'a' }", undefined],
  ["{ $pod: 'a' }", undefined],
  ['{ $stream: stderr }', undefined],
  ['{ time: { gt: 5 } }', undefined],
  // Headers do not spell the names of their parts.
  ['{ header: 7 }', undefined],
  ['{ header: { contains: main } }', ['main']],
];

test.each(table)('a line that fits %s holds one of %j', (when, literals) => {
  const { rules } = rulesOf(`{ version: 1, rules: [{ id: r, when: ${when}, then: { level: debug } }] }`);
  expect(literalsOf(rules[0]!.when, new Set(['header']))?.map(({ text }) => text)).toEqual(literals);
});
