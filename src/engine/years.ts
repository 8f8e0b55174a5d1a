const DAY = 86_400_000;
const HALF_A_YEAR = 182 * DAY;

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

/** How far a day is moved into a year, as lines mostly come from one day. */
const last = { day: NaN, year: NaN, by: NaN };

/** NaN if that year has no such day. */
function inYear(wall: number, year: number): number {
  const day = Math.floor(wall / DAY);
  if (day !== last.day || year !== last.year) {
    const date = new Date(day * DAY);
    const month = date.getUTCMonth();
    date.setUTCFullYear(year);
    last.day = day;
    last.year = year;
    last.by = date.getUTCMonth() === month ? date.getTime() - day * DAY : NaN;
  }
  return wall + last.by;
}
