import { expect, test } from 'vitest';
import * as layout from '../../src/kernel/layout.ts';
import * as value from '../../src/record/value.ts';

test('kinds of values have the same numbers in the kernel and in a record', () => {
  const kinds = Object.entries(value).filter(([, number]) => typeof number === 'number');
  expect(kinds).toHaveLength(11);
  expect(layout).toMatchObject(Object.fromEntries(kinds));
});
