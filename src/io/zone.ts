import type { Zone } from '../engine/zone.ts';

/** The zone of this machine, or of the variable TZ. */
export const LOCAL: Zone = { offsetAt: (instant) => -60_000 * new Date(instant).getTimezoneOffset() };

/** What the zone of this machine is called, if the system knows. */
export const localZoneName = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
