import { NO_ZONE } from './time.ts';

/**
 * How a time is written: by which format, under which name, in which zone. Two times are compared only if these are the
 * same: else two programs may have written them, whose clocks and zones differ. A number that stays the same from one
 * run to the next, for a checkpoint keeps it.
 */
export type ClockDomain = number;

/** Of a line without a time: not even another line without one can be compared with it. */
export const NO_DOMAIN: ClockDomain = 0;

/** Of a line that has the time at which it arrived. */
export const ARRIVAL: ClockDomain = 1;

/** Who wrote a time: a format, or what stands around a line. */
export const WRITER = {
  json: 1,
  logfmt: 2,
  cri: 6,
  docker: 7,
  syslog: 8,
  bsdSyslog: 9,
  collector: 10,
} as const;

export type Writer = (typeof WRITER)[keyof typeof WRITER];

/** The same of a text format, and a name: numbers of its own name, so that they do not depend on which other formats there are. */
export function writerOf(format: string): { readonly writer: number; readonly name: number } {
  let hash = 0;
  for (let at = 0; at < format.length; at += 1) hash = (Math.imul(hash, 31) + format.charCodeAt(at)) | 0;
  return { writer: FIRST_FORMAT + ((hash >>> 12) % FORMATS), name: hash & (NAMES - 1) };
}

/** Numbers below are those of `WRITER`; above, domains would reach those of `domainFrom`. */
const FIRST_FORMAT = 16;
const FORMATS = 240;

/** Stands for the zone of a number, which counts from 1970 in UTC. */
export const COUNTED = 1441;

/** Stands for the zone of a time of which nothing tells the year. */
const SOME_YEAR = 1442;

/** Stands for the zone of a time that names no day. */
export const TIME_OF_DAY = 1443;

/** Stands for the zone of a time since the program began. */
export const SINCE_START = 1444;

const ZONES = 4096;
const NAMES = 4096;
/** More than any offset is west of UTC. */
const WEST = 1440;

/** `name`: its place among the names of times; `zone`: minutes east of UTC, `NO_ZONE` or `COUNTED`. */
export const domainOf = (writer: number, name: number, zone: number): ClockDomain =>
  (writer * NAMES + Math.min(name, NAMES - 1)) * ZONES + zone + WEST;

/** The same, of times whose year is a guess. */
export const withoutYear = (domain: ClockDomain): ClockDomain => domain - zoneIn(domain) + SOME_YEAR;

/** Whether the years of these times are a guess. */
export const isYearGuessed = (domain: ClockDomain): boolean => zoneIn(domain) === SOME_YEAR;

/** Whether these times tell no date: they are only good to compare with each other. */
export const namesNoDate = (domain: ClockDomain): boolean => zoneIn(domain) >= TIME_OF_DAY;

/** Whether these are times of some day, and not times since a program began. */
export const areOfDay = (domain: ClockDomain): boolean => zoneIn(domain) === TIME_OF_DAY;

/** Whether times of this domain name no zone. */
export const namesNoZone = (domain: ClockDomain): boolean => domain > ARRIVAL && zoneIn(domain) === NO_ZONE;

/** Larger than every domain of a writer. */
const ORIGINS = 2 ** 32;

/**
 * The domain of a line that comes from one of the containers, pods or units of a stream: its time passes no deadlines of the others.
 * Two in 65,536 may be taken for one: then times are compared that the same collector has put in order.
 */
export function domainFrom(domain: ClockDomain, origin: string): ClockDomain {
  if (origin === '' || domain === NO_DOMAIN) return domain;
  let hash = 5381;
  for (let i = 0; i < origin.length; i += 1) hash = (Math.imul(hash, 33) ^ origin.charCodeAt(i)) >>> 0;
  return domain + ((hash >>> 16) ^ (hash & 0xffff)) * ORIGINS;
}

/** The domain of a line from anywhere in the stream. */
export const withoutOrigin = (domain: ClockDomain): ClockDomain => domain % ORIGINS;

const zoneIn = (domain: ClockDomain): number => (domain % ZONES) - WEST;

export const areComparable = (one: ClockDomain, other: ClockDomain): boolean => one === other && one !== NO_DOMAIN;
