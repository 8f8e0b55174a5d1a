import { HOSTS, METHODS, PATHS } from './dialect.ts';
import type { Random } from './random.ts';

// Lines that differ: which fields they have and in what order, how long their texts are, and a request id that each request has for itself.
// Nothing may depend on lines being alike.

/** One line, and whether a rule of the case is to lower or fold it. */
type Made = readonly [line: string, changes: boolean];

const STEP_MS = 10;
/** Requests that wait at the same time. */
const BURST = 2_000;

/** Of 20 lines, one is lowered by itself; and one request says twice that it is slow: its first line is lowered, the second is folded. */
export function* varied(start: number, random: Random): Generator<Made> {
  let time = start;
  const next = (): number => (time += STEP_MS);
  for (;;) {
    const request = idOf(random);
    if (random.chance(0.05)) {
      yield [line(random, 40, next(), request, `attempt ${1 + random.below(9)} of ${target(random)} failed, will retry`), true];
    } else if (random.chance(0.025)) {
      const text = `slow query: ${words(random, 3, 60)}`;
      yield [line(random, 50, next(), request, text), true];
      for (let i = random.below(5); i > 0; i -= 1) yield [ordinary(random, next()), false];
      yield [line(random, 50, next(), request, text), true];
    } else {
      yield [ordinary(random, next()), false];
    }
  }
}

/** Bursts of requests that fail, each to be decided by a line of its own: these come in another order, and for one in four none comes. */
export function* floods(start: number, random: Random): Generator<Made> {
  let time = start;
  for (;;) {
    const failed = Array.from({ length: BURST }, () => ({ request: idOf(random), isAnswered: random.chance(0.75) }));
    for (const { request, isAnswered } of failed)
      yield [line(random, 50, (time += 1), request, `cannot reach ${target(random)}: ${words(random, 1, 20)}`), isAnswered];
    for (const { request, isAnswered } of failed.toSorted((a, b) => (a.request < b.request ? -1 : 1)))
      if (isAnswered) yield [line(random, 30, (time += 1), request, `reached ${target(random)}`), false];
    // Past the deadline of those that nobody answers.
    time += 60_000;
  }
}

const ordinary = (random: Random, time: number): string =>
  line(random, random.chance(0.02) ? 50 : 30, time, idOf(random), words(random, 2, 40));

/** Some are eight digits, some are as long as a trace's. */
const idOf = (random: Random): string =>
  `r-${random.hex(8)}${random.chance(0.5) ? '' : `${random.hex(8)}-${random.hex(8)}${random.hex(8)}`}`;

const target = (random: Random): string => `${random.pick(PATHS)}/${random.hex(1 + random.below(8))}`;

function line(random: Random, level: number, time: number, request: string, msg: string): string {
  const fields: [name: string, value: unknown][] = [
    ['request', request],
    ['hostname', random.pick(HOSTS)],
    ['msg', msg],
  ];
  if (random.chance(0.5)) fields.push(['method', random.pick(METHODS)], ['status', 200 + random.below(4)]);
  if (random.chance(0.3)) fields.push([`tag_${random.below(20)}`, random.chance(0.5)], ['took', random.below(90_000) / 100]);
  if (random.chance(0.2)) fields.push(['user', { id: random.below(1e6), roles: ['reader', 'writer'].slice(random.below(2)) }]);
  if (random.chance(0.1)) fields.push(['note', `"${words(random, 1, 200)}"\n`]);
  const turned = random.below(fields.length);
  return JSON.stringify({ level, time, ...Object.fromEntries([...fields.slice(turned), ...fields.slice(0, turned)]) });
}

function words(random: Random, least: number, most: number): string {
  const count = least + random.below(random.chance(0.1) ? most : Math.ceil(most / 8));
  return Array.from({ length: count }, () => random.pick(WORDS)).join(' ');
}

const WORDS = [
  'queue',
  'drained',
  'order',
  'shard',
  'größe',
  'of',
  'the',
  'tenant',
  'cache',
  '42',
  'moved',
  'to',
  'replica',
  'lease',
  '–',
  'ok',
];
