import { expect, test } from 'vitest';
import { likeOf } from '../../../src/io/follow/rotated.ts';

const cases: readonly [name: string, other: string, like: readonly string[], unlike: readonly string[]][] = [
  ['app.log', 'app.1.log', ['app.2.log', 'app.10.log'], ['app.log', 'bpp.1.log', 'app.old.log', 'app.1.log.gz']],
  ['0.log', '0.log.1', ['0.log.2', '0.log.17'], ['1.log.2', '0.log', '10.log.2']],
  ['app-20261121.log', 'app-20261122.log', ['app-20261201.log'], ['app-x.log', 'bpp-20261122.log']],
  ['worker-1.log', 'worker-1.2.log', ['worker-1.3.log'], ['worker-2.3.log']],
  ['current', '@400000006740a1b2c3d4e5f6.s', ['@400000006740a1b3c3d4e5f6.s'], ['@400000006740a1b3c3d4e5f6.u']],
  ['a+.log', 'a+(1).log', ['a+(2).log'], ['aa(2).log']],
];

test.each(cases)('of %s, names like %s are told from others', (name, other, like, unlike) => {
  const fits = likeOf(name, other);
  expect([other, ...like].filter((one) => !fits.test(one))).toEqual([]);
  expect(unlike.filter((one) => fits.test(one))).toEqual([]);
});
