/** How far a zone's clocks are from UTC. */
export interface Zone {
  /** The ms by which the zone's clocks are ahead of UTC at this instant, ms since 1970. */
  readonly offsetAt: (instant: number) => number;
}

export const UTC: Zone = { offsetAt: () => 0 };

/** Clocks are set at the beginning of a quarter of an hour, everywhere. ms */
const QUARTER = 900_000;

/** Quarters of an hour whose offset is kept. */
const MOST = 4_096;

const OFFSET = /^([+-])([01]\d|2[0-3]):?([0-5]\d)$/u;

/** The zone of a name: `UTC`, `Z`, an offset such as `+02:00`, or one of the IANA's such as `Europe/Berlin`; `undefined` if there is none. */
export function zoneNamed(name: string): Zone | undefined {
  if (name === 'UTC' || name === 'Z') return UTC;
  const [, sign, hours, minutes] = OFFSET.exec(name) ?? [];
  if (hours !== undefined) {
    const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    return { offsetAt: () => offset };
  }
  return /^[A-Za-z]/u.test(name) ? zoneOfIana(name) : undefined;
}

function zoneOfIana(name: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', ...PARTS });
  } catch {
    return undefined;
  }
  const known = new Map<number, number>();
  return {
    offsetAt: (instant) => {
      const quarter = Math.floor(instant / QUARTER);
      let offset = known.get(quarter);
      if (offset === undefined) {
        if (known.size >= MOST) known.clear();
        offset = wallAt(format, quarter * QUARTER) - quarter * QUARTER;
        known.set(quarter, offset);
      }
      return offset;
    },
  };
}

const PARTS = {
  era: 'short',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

/** What the clocks show, as ms since 1970 if it were UTC; NaN for what no calendar has. */
function wallAt(format: Intl.DateTimeFormat, instant: number): number {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return NaN;
  const shown = new Map(format.formatToParts(date).map(({ type, value }) => [type, value]));
  const number = (part: Intl.DateTimeFormatPartTypes): number => Number(shown.get(part));
  const year = shown.get('era') === 'BC' ? 1 - number('year') : number('year');
  const wall = new Date(0);
  wall.setUTCFullYear(year, number('month') - 1, number('day'));
  wall.setUTCHours(number('hour'), number('minute'), number('second'));
  return wall.getTime();
}
