import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daysOf, instantOfNumber, instantOfText, NO_ZONE, spellInstant, zoneRead } from '../../src/record/time.ts';

const read = (text: string): number => {
  const bytes = Buffer.from(`x${text}x`);
  return instantOfText(bytes, 1, bytes.length - 1);
};

const texts: readonly [text: string, instant: number][] = [
  ['2024-04-19T05:32:58.687Z', Date.UTC(2024, 3, 19, 5, 32, 58, 687)],
  ['2024-04-19T05:32:58Z', Date.UTC(2024, 3, 19, 5, 32, 58)],
  ['2024-04-19 05:32:58Z', Date.UTC(2024, 3, 19, 5, 32, 58)],
  ['2024-04-19t05:32:58z', Date.UTC(2024, 3, 19, 5, 32, 58)],
  ['2024-04-19T05:32:58.687+0900', Date.UTC(2024, 3, 18, 20, 32, 58, 687)],
  ['2023-04-12T12:24:03.589075576-04:00', Date.UTC(2023, 3, 12, 16, 24, 3, 589) + 0.075576],
  ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['1970-01-01T00:00:00Z', 0],
  ['1969-12-31T23:59:59Z', -1000],
  ['2024-04-19T05:32:58,687Z', Date.UTC(2024, 3, 19, 5, 32, 58, 687)],
  ['2024-04-19 05:32:58,687+0900', Date.UTC(2024, 3, 18, 20, 32, 58, 687)],
];

test.each(texts)('%s', (text, instant) => {
  expect(read(text)).toBeCloseTo(instant, 3);
});

test.each([
  '',
  'noon',
  '2024-04-19',
  '2024-04-19T05:32',
  '2024-04-19T05:32Z',
  '2024-13-01T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2024-04-31T00:00:00Z',
  '2024-04-19T24:00:00Z',
  '2024-04-19T05:60:00Z',
  '2024-04-19T05:32:58.Z',
  '2024-04-19T05:32:58,',
  '2024-04-19T05:32:58.687 ',
  '2024-04-19T05:32:58 CET',
  '2024-04-19T05:32:58+9',
  '2024-04-19T05:32:58+24:00',
  '2024-04-19T05:32:58Z ',
  '2024-04-1xT05:32:58Z',
])('%j is no instant', (text) => {
  expect(read(text)).toBeNaN();
});

const zones: readonly [text: string, minutes: number][] = [
  ['2024-04-19T05:32:58Z', 0],
  ['2024-04-19T05:32:58-00:00', 0],
  ['2024-04-19T05:32:58+0530', 330],
  ['2024-04-19T05:32:58-04:00', -240],
  ['2024-04-19T05:32:58', NO_ZONE],
  ['2024-04-19 05:32:58,687', NO_ZONE],
];

test.each(zones)('%s is in the zone %d', (text, minutes) => {
  expect(read(text)).not.toBeNaN();
  expect(zoneRead()).toBe(minutes);
});

test('a text without a zone is read as if it were UTC', () => {
  expect(read('2024-04-19 05:32:58,687')).toBe(Date.UTC(2024, 3, 19, 5, 32, 58, 687));
});

test('reads every date as Date does', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
      expect(read(date.toISOString())).toBe(date.getTime());
      expect(daysOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())).toBe(
        Math.floor(date.getTime() / 86_400_000),
      );
      expect(spellInstant(date.getTime())?.toString()).toBe(date.toISOString());
    }),
  );
});

const numbers: readonly [digits: string, instant: number][] = [
  ['1700000000', 1_700_000_000_000],
  ['1700000000.123', 1_700_000_000_123],
  ['1.7e9', 1_700_000_000_000],
  ['1700000000123', 1_700_000_000_123],
  ['1700000000123456', 1_700_000_000_123.456],
  ['1700000000123456789', 1_700_000_000_123.4568],
  ['100000000', 100_000_000_000],
  ['99999999999', 99_999_999_999_000],
  ['100000000000', 100_000_000_000],
];

test.each(numbers)('%s is the instant %d', (digits, instant) => {
  expect(instantOfNumber(digits)).toBeCloseTo(instant, 3);
});

test.each(['0', '-1700000000', '0.52', '99999999', '1e300', '9e21'])('%s is no instant', (digits) => {
  expect(instantOfNumber(digits)).toBeNaN();
});

test('no calendar has an instant that is too far away', () => {
  expect(spellInstant(9e15)).toBeUndefined();
  expect(spellInstant(NaN)).toBeUndefined();
});
