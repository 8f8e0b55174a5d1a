import type { Zone } from '../../src/engine/zone.ts';

/** A zone of the IANA database, as `Intl` knows it. */
export function zoneNamed(name: string): Zone {
  return { offsetAt: (instant) => wallIn(name, instant) - Math.floor(instant / 1000) * 1000 };
}

/** What clocks of the zone show at an instant, to the second, as ms since 1970 if it were UTC. */
export function wallIn(name: string, instant: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)!.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** The header that klog writes in that zone, with a message behind it. */
export function klogIn(name: string, instant: number, letter: string, message: string): string {
  const wall = new Date(wallIn(name, instant)).toISOString();
  return `${letter}${wall.slice(5, 7)}${wall.slice(8, 10)} ${wall.slice(11, 19)}.000000       1 app.go:12] ${message}`;
}
