import { expect, test } from 'vitest';
import { readDuration, readUntil } from '../../src/rules/duration.ts';

const durations: readonly [text: string, ms: number | undefined][] = [
  ['0s', 0],
  ['500ms', 500],
  ['5s', 5000],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['2d', 172_800_000],
  ['007s', 7000],
  ['3650d', 315_360_000_000],
  ['3651d', undefined],
  ['999999999999999d', undefined],
  ['9999999999999999s', undefined],
  ['1.5s', undefined],
  ['-1s', undefined],
  ['5', undefined],
  ['5 s', undefined],
  ['5S', undefined],
  ['5sec', undefined],
  ['s', undefined],
  ['', undefined],
];

test.each(durations)('reads the duration %j', (text, ms) => {
  expect(readDuration(text)).toBe(ms);
});

const untils: readonly [text: string, instant: string | undefined][] = [
  ['2027-12-31', '2028-01-01T00:00:00.000Z'],
  ['2028-02-29', '2028-03-01T00:00:00.000Z'],
  ['2027-12-31T12:00:00Z', '2027-12-31T12:00:00.000Z'],
  ['2027-12-31t12:00:00z', '2027-12-31T12:00:00.000Z'],
  ['2027-12-31T12:00:00.123456789Z', '2027-12-31T12:00:00.123Z'],
  ['2027-12-31T12:00:00+05:30', '2027-12-31T06:30:00.000Z'],
  ['2027-02-29', undefined],
  ['2027-13-01', undefined],
  ['2027-02-30T00:00:00Z', undefined],
  ['2027-12-31T24:00:00Z', undefined],
  ['2027-12-31T12:60:00Z', undefined],
  ['2027-12-31T12:00:00+24:00', undefined],
  ['2027-12-31T12:00:00', undefined],
  ['2027-12-31 12:00:00Z', undefined],
  ['2027-12', undefined],
  ['31.12.2027', undefined],
];

test.each(untils)('reads the end %j', (text, instant) => {
  expect(readUntil(text)).toBe(instant === undefined ? undefined : Date.parse(instant));
});
