import fc from 'fast-check';
import { expect, test } from 'vitest';
import { zoneNamed } from '../../src/record/zone.ts';
import { wallIn } from '../support/zones.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);

const offsets: readonly [name: string, instant: string, hours: number][] = [
  ['UTC', '2024-07-01T00:00:00Z', 0],
  ['Z', '2024-07-01T00:00:00Z', 0],
  ['+02:00', '2024-07-01T00:00:00Z', 2],
  ['-0330', '2024-07-01T00:00:00Z', -3.5],
  ['Europe/Berlin', '2024-01-01T00:00:00Z', 1],
  ['Europe/Berlin', '2024-03-31T00:59:59.999Z', 1],
  ['Europe/Berlin', '2024-03-31T01:00:00Z', 2],
  ['Europe/Berlin', '2024-10-27T00:59:59.999Z', 2],
  ['Europe/Berlin', '2024-10-27T01:00:00Z', 1],
  ['Asia/Kathmandu', '2024-07-01T00:00:00Z', 5.75],
];

test.each(offsets)('%s at %s', (name, instant, hours) => {
  expect(zoneNamed(name)!.offsetAt(at(instant))).toBe(hours * HOUR);
});

test.each(['', 'local', 'Europe/Berlim', '+2', '+24:00', '02:00', 'EST5EDT6', '../x', '1'])('%j is no zone', (name) => {
  expect(zoneNamed(name)).toBeUndefined();
});

test('shows what the clocks of the zone show', () => {
  const zones = fc.constantFrom('America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca');
  const seconds = fc.integer({ min: at('2000-01-01') / 1000, max: at('2035-01-01') / 1000 });
  fc.assert(
    fc.property(zones, seconds, (name, second) => {
      expect(second * 1000 + zoneNamed(name)!.offsetAt(second * 1000)).toBe(wallIn(name, second * 1000));
    }),
  );
});
