import { expect, test } from 'vitest';
import { INPUT_MARGIN, INPUT_SIZE } from '../../src/kernel/layout.ts';
import { builds } from '../support/kernel-builds.ts';

test('the build with checks traps if the kernel looks outside its arrays, the one that ships does not look', () => {
  const end = INPUT_SIZE + INPUT_MARGIN;
  const [, shipped] = builds[0]!;
  const [, checked] = builds[1]!;
  expect(checked.call['lineEnd']!(INPUT_SIZE, end)).toBe(end);
  expect(shipped.call['lineEnd']!(INPUT_SIZE, end + 1)).toBeGreaterThan(0);
  expect(() => checked.call['lineEnd']!(INPUT_SIZE, end + 1)).toThrow('the kernel trapped');
});
