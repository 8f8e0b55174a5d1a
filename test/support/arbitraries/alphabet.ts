import fc from 'fast-check';

/** Midnight, so that a line out of order can be of the day before, and `until` is crossed. */
export const BASE = Date.UTC(2025, 0, 1);

export const FIELDS = ['pid', 'dev', 'n', 'net.if', 'any'] as const;

/** Few, so that fields often hold the same; with spellings of numbers and booleans, and what only case folding equates. */
export const WORDS = ['a', 'b', 'eth0', 'lxc1', 'KVM', '\u{212A}vm', '1', 'true', 'käse'] as const;

/** Several spellings of one, and neighbours that a double cannot tell apart. */
export const NUMBERS = ['1', '1.0', '1e0', '2', '-95', '9007199254740993', '9007199254740992'] as const;

/** No digit touches a letter outside the uuids, and the uuids differ in their letters: no reading of the masks is at odds. */
export const MESSAGES = [
  'probe failed',
  'Probe FAILED',
  'KVM is ready',
  'ok',
  'gave up',
  'try 1 of 3',
  'try 22 of 3',
  'id aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee failed',
  'id abcdefab-cdef-4abc-8def-abcdefabcdef failed',
  'from 10.0.0.1',
  'from 10.0.0.22',
  'pod web-a failed',
  'pod db-b failed',
  "can't open '/var/a b' failed",
  "can't open '/var/c' failed",
  'ſtop / ünder "way"',
] as const;

/** One of the values, each as often as its weight, down to a tenth, says. */
export const weighted = <T>(...choices: readonly (readonly [weight: number, value: T])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight: weight * 10, arbitrary: fc.constant(value) })));
