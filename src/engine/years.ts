const HALF_A_YEAR = 182 * 86_400_000;

/** Leap years are eight years apart at most. */
const MOST_YEARS = 8;

/**
 * The same day and time of day, given in some leap year, in the year that brings it nearest to `near`: all as ms since 1970 in
 * one zone. A 29 February only has leap years to be in.
 */
export function inYearNear(wall: number, near: number): number {
  const year = new Date(near).getUTCFullYear();
  const same = inYear(wall, year);
  if (Math.abs(same - near) < HALF_A_YEAR) return same;
  let best = NaN;
  for (let other = year - MOST_YEARS; other <= year + MOST_YEARS; other += 1) {
    const time = inYear(wall, other);
    if (!(Math.abs(time - near) >= Math.abs(best - near)) && !Number.isNaN(time)) best = time;
  }
  return best;
}

/** NaN if that year has no such day. */
function inYear(wall: number, year: number): number {
  const date = new Date(wall);
  const month = date.getUTCMonth();
  date.setUTCFullYear(year);
  return date.getUTCMonth() === month ? date.getTime() + (wall - Math.trunc(wall)) : NaN;
}
