import { expect, test } from 'vitest';
import { headerNames, namesOf } from '../../../src/formats/text/header-names.ts';
import { SHIPPED } from '../../../src/formats/text/shipped.ts';
import { sampleFaults } from '../../../src/formats/text/sample.ts';
import { kernel } from '../../support/kernel.ts';

const samples = SHIPPED.flatMap((format) => format.samples.map((sample) => [format.name, sample.line, sample] as const));

test.each(samples)('%s reads its sample %j', (name, _, sample) => {
  expect(sampleFaults(kernel, { ...sample, is: { ...sample.is, $format: name } })).toEqual([]);
});

test('the names of all parts are known', () => {
  expect([...headerNames()].sort()).toEqual([...new Set(SHIPPED.flatMap(namesOf))].sort());
});
