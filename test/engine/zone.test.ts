import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inYearNear } from '../../src/engine/years.ts';
import { instantOfWall, UTC } from '../../src/engine/zone.ts';
import { wallIn, zoneNamed } from '../support/zones.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

const walls: readonly [zone: string, wall: string, instant: string | undefined][] = [
  ['UTC', '2024-03-10T02:30:00', '2024-03-10T02:30:00'],
  ['America/New_York', '2024-03-01T10:00:00', '2024-03-01T15:00:00'],
  ['America/New_York', '2024-07-01T10:00:00.123', '2024-07-01T14:00:00.123'],
  ['Asia/Kolkata', '2024-07-01T05:00:00', '2024-06-30T23:30:00'],
  // Clocks are set forward at two, and back at two.
  ['America/New_York', '2024-03-10T01:59:59', '2024-03-10T06:59:59'],
  ['America/New_York', '2024-03-10T02:00:00', undefined],
  ['America/New_York', '2024-03-10T02:59:59', undefined],
  ['America/New_York', '2024-03-10T03:00:00', '2024-03-10T07:00:00'],
  ['America/New_York', '2024-11-03T00:59:59', '2024-11-03T04:59:59'],
  ['America/New_York', '2024-11-03T01:00:00', undefined],
  ['America/New_York', '2024-11-03T01:59:59', undefined],
  ['America/New_York', '2024-11-03T02:00:00', '2024-11-03T07:00:00'],
  // By half an hour.
  ['Australia/Lord_Howe', '2024-04-07T01:45:00', undefined],
  ['Australia/Lord_Howe', '2024-04-07T02:00:00', '2024-04-06T15:30:00'],
];

test.each(walls)('in %s clocks show %s at %s', (zone, wall, instant) => {
  expect(instantOfWall(zoneNamed(zone), at(wall))).toEqual(instant === undefined ? NaN : at(instant));
});

test('what clocks show once is the instant at which they show it', () => {
  const zones = fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia');
  const seconds = fc.integer({ min: at('2000-01-01T00:00:00') / 1000, max: at('2030-01-01T00:00:00') / 1000 });
  let once = 0;
  fc.assert(
    fc.property(zones, seconds, (name, second) => {
      const instant = second * 1000;
      const found = instantOfWall(zoneNamed(name), wallIn(name, instant));
      if (Number.isNaN(found)) return;
      once += 1;
      expect(found).toBe(instant);
    }),
    { numRuns: 500 },
  );
  expect(once).toBeGreaterThan(450);
});

test('UTC has each time once', () => {
  expect(instantOfWall(UTC, 1.5)).toBe(1.5);
});

const years: readonly [day: string, near: string, year: string][] = [
  ['1972-06-01T12:00:00', '2024-06-01T00:00:00', '2024-06-01T12:00:00'],
  ['1972-12-31T23:59:59', '2024-01-01T00:00:01', '2023-12-31T23:59:59'],
  ['1972-01-01T00:00:01', '2023-12-31T23:59:59', '2024-01-01T00:00:01'],
  ['1972-02-29T00:00:00', '2024-01-01T00:00:00', '2024-02-29T00:00:00'],
  ['1972-02-29T00:00:00', '2025-03-01T00:00:00', '2024-02-29T00:00:00'],
  ['1972-02-29T00:00:00', '2027-03-01T00:00:00', '2028-02-29T00:00:00'],
  ['1972-02-29T00:00:00', '2100-01-01T00:00:00', '2096-02-29T00:00:00'],
];

test.each(years)('%s near %s is %s', (day, near, instant) => {
  expect(inYearNear(at(day), at(near))).toBe(at(instant));
});
