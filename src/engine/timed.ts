import type { ClockDomain } from '../record/clock-domain.ts';

/** The time of a line, NaN if nothing tells, and how that is written. */
export interface Timed {
  readonly time: number;
  readonly domain: ClockDomain;
}
