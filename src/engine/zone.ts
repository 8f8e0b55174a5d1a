import type { Zone } from '../record/zone.ts';

export { UTC, type Zone } from '../record/zone.ts';

const DAY = 86_400_000;

/**
 * The instant at which the zone's clocks show `wall`: a date and time of day, as ms since 1970 if it were UTC. NaN if they
 * show it twice, as in the hour that daylight saving repeats, or never, as in the hour that it leaves out.
 */
export function instantOfWall(zone: Zone, wall: number): number {
  const before = wall - zone.offsetAt(wall - DAY);
  const after = wall - zone.offsetAt(wall + DAY);
  const isBefore = before + zone.offsetAt(before) === wall;
  if (before === after) return isBefore ? before : NaN;
  const isAfter = after + zone.offsetAt(after) === wall;
  if (isBefore === isAfter) return NaN;
  return isBefore ? before : after;
}
