import { expect, test } from 'vitest';
import { nameFilter } from '../../src/prober/glob.ts';

const cases: readonly [include: string[], exclude: string[], name: string, wanted: boolean][] = [
  [['*'], [], 'eth0', true],
  [[], [], 'eth0', false],
  [['eth?'], [], 'eth0', true],
  [['eth?'], [], 'eth10', false],
  [['*'], ['veth*'], 'veth1', false],
  [['*'], ['eth*'], 'veth1', true],
  [['flannel.*'], [], 'flannel.1', true],
  [['flannel.*'], [], 'flannelx1', false],
  [['br-[a]'], [], 'br-[a]', true],
  [['br-[a]'], [], 'br-a', false],
  [['*a*a*a*a*a*a*'], [], 'aaaaaaaaaaaaaab', true],
];

test.each(cases)('of %j without %j: %s', (include, exclude, name, wanted) => {
  expect(nameFilter(include, exclude)(name)).toBe(wanted);
});
