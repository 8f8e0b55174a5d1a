import { spellsNumber, type Value } from './values.ts';

/** A time as a line writes it, before its zone and its year are known. */
export interface WrittenTime {
  /** In ms since 1970; of a time without a zone, as if it were UTC, and of one without a year, in 1972. */
  readonly ms: number;
  /** `number`, the minutes east of UTC, or `none`. */
  readonly zone: string;
  readonly yearless: boolean;
}

/** When a line was written, and by which clock: times are compared only if they come from one. */
export interface Moment {
  readonly ms: number;
  readonly clock: string;
  /** Nobody knows the year. */
  readonly guessed: boolean;
}

export const areOfOneClock = (a: Moment | undefined, b: Moment | undefined): boolean =>
  a !== undefined && b !== undefined && a.clock === b.clock;

/** `a - b` in ms; not a number if the two cannot be compared, so that every comparison with it is false. */
export const difference = (a: Moment | undefined, b: Moment | undefined): number =>
  areOfOneClock(a, b) ? a!.ms - b!.ms : Number.NaN;

/** The offsets from UTC of a zone, in ms, each from an instant on; the first from the beginning of time. */
export type ZoneTable = readonly { readonly from: number; readonly offset: number }[];

export const UTC_TABLE: ZoneTable = [{ from: -Infinity, offset: 0 }];

const HOUR = 3_600_000;

/** Zones that rules name, from the summer of 2024 to that of 2025. */
const ZONES: Readonly<Record<string, ZoneTable>> = {
  UTC: UTC_TABLE,
  '+05:30': [{ from: -Infinity, offset: 5.5 * HOUR }],
  'America/New_York': [
    { from: -Infinity, offset: -4 * HOUR },
    { from: Date.UTC(2024, 10, 3, 6), offset: -5 * HOUR },
  ],
  'Europe/Berlin': [
    { from: -Infinity, offset: 2 * HOUR },
    { from: Date.UTC(2024, 9, 27, 1), offset: HOUR },
    { from: Date.UTC(2025, 2, 30, 1), offset: 2 * HOUR },
  ],
};

export const tableOf = (name: string | undefined): ZoneTable | undefined => (name === undefined ? undefined : ZONES[name]);

export const offsetAt = (zone: ZoneTable, ms: number): number => zone.findLast(({ from }) => from <= ms)!.offset;

/** The one instant at which clocks of the zone show `wall`; nothing if there are two, or none. */
export function instantAt(zone: ZoneTable, wall: number): number | undefined {
  const offsets = new Set(zone.map(({ offset }) => offset));
  const instants = [...offsets].map((offset) => wall - offset).filter((ms) => ms + offsetAt(zone, ms) === wall);
  return instants.length === 1 ? instants[0] : undefined;
}

/** The day and time of `wall` in the year that brings it nearest to `near`. */
export function nearestYear(wall: number, near: number): number {
  const day = new Date(wall);
  const years = Array.from({ length: 40 }, (_, i) => new Date(near).getUTCFullYear() - 20 + i);
  const walls = years
    .map((year) =>
      Date.UTC(
        year,
        day.getUTCMonth(),
        day.getUTCDate(),
        day.getUTCHours(),
        day.getUTCMinutes(),
        day.getUTCSeconds(),
        day.getUTCMilliseconds(),
      ),
    ) // prettier-ignore
    .filter((ms) => new Date(ms).getUTCMonth() === day.getUTCMonth()); // not the 29th of February as the 1st of March
  return walls.reduce((best, ms) => (Math.abs(ms - near) < Math.abs(best - near) ? ms : best));
}

/** The time that the value spells; nothing if it spells none. */
export function timeOfValue(value: Value | undefined): WrittenTime | undefined {
  if (value?.kind === 'number') return timeOfNumber(value.digits);
  if (value?.kind !== 'text') return undefined;
  return spellsNumber(value.text) ? timeOfNumber(value.text) : timeOfText(value.text);
}

function timeOfNumber(digits: string): WrittenTime | undefined {
  const number = Number(digits);
  if (number < 1e8) return undefined;
  const ms = number < 1e11 ? number * 1000 : number < 1e14 ? number : number < 1e17 ? number / 1000 : number / 1e6;
  if (Number.isNaN(new Date(ms).getTime())) return undefined;
  // A double has noise far below the µs, which must not cost a ms when the rest is cut off.
  return { ms: Math.floor(Number(ms.toFixed(3))), zone: 'number', yearless: false };
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))?$/u;

export function timeOfText(text: string): WrittenTime | undefined {
  const found = RFC_3339.exec(text);
  if (found === null) return undefined;
  const ms = msOf(found.slice(1, 8));
  if (ms === undefined) return undefined;
  const minutes = (Number(found[9] ?? 0) * 60 + Number(found[10] ?? 0)) * (found[8] === '-' ? -1 : 1);
  const hasZone = /(?:[Zz]|[+-]\d\d:?\d\d)$/u.test(text.slice(19));
  return { ms: ms - minutes * 60_000, zone: hasZone ? String(minutes) : 'none', yearless: false };
}

/** klog's, such as `0412 12:24:03.589075`. */
export function timeOfKlog(text: string): WrittenTime | undefined {
  const found = /^(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d+)$/u.exec(text)!;
  const ms = msOf(['1972', ...found.slice(1)]);
  return ms === undefined ? undefined : { ms, zone: 'none', yearless: true };
}

/** Of year, month, day, hour, minute, second and the digits of a fraction. */
function msOf(parts: readonly (string | undefined)[]): number | undefined {
  const [year, month, day, hour, minute, second] = parts.slice(0, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (date.getUTCMonth() !== month - 1) return undefined; // the 30th of February
  return date.getTime() + Number((parts[6] ?? '').padEnd(3, '0').slice(0, 3));
}
