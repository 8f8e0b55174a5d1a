/** A log with pairs that were planted in it, among lines that look as if they belonged together and do not. */
export interface Planted {
  readonly lines: readonly string[];
  /** Messages of a failure and its success, and the field that is equal on both. */
  readonly pairs: readonly { readonly failure: string; readonly success: string; readonly by: string }[];
}

/** Numbers from 0 to 1, the same for each run of a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const KINDS = [
  { failure: 'connection to database lost', success: 'database connection established', by: 'db', names: 'orders users stock' },
  { failure: 'health check failed', success: 'health check passed', by: 'backend', names: 'api-1 api-2 web-1 web-2' },
  { failure: 'lease lost to another holder', success: 'lease acquired', by: 'lease', names: 'leader shard-7 shard-8' },
  { failure: 'broker not available', success: 'broker is back online', by: 'broker', names: '1 2 3 4 5' },
] as const;

const START = Date.UTC(2025, 0, 1);
const HOUR = 3_600_000;

/** `seed` decides how many pairs there are, how often they fail, how long they take, and how much else is said. */
export function plantedLog(seed: number): Planted {
  const random = seeded(seed);
  const between = (low: number, high: number): number => low + random() * (high - low);
  const written: { readonly at: number; readonly line: string }[] = [];
  const say = (at: number, level: number, msg: string, fields: object = {}): void => {
    const time = Math.round(START + at);
    written.push({ at: time, line: JSON.stringify({ level, time, pid: 4711, hostname: 'app-7f', ...fields, msg }) });
  };
  const noise = between(0.2, 5); // lines a second
  const length = between(2, 6) * HOUR;

  const kinds = KINDS.filter(() => random() < 0.6);
  for (const { failure, success, by, names } of kinds) {
    const cases = Math.floor(between(25, 120));
    const fastest = between(5, 2_000);
    const slowest = fastest + between(10, 15_000);
    const unanswered = Math.floor(between(7, 40));
    for (let i = 0; i < cases; i += 1) {
      const at = ((i + between(0.1, 0.6)) * (length - 120_000)) / cases;
      const name = pick(names.split(' '), random);
      say(at, 50, failure, { [by]: name, attempt: Math.floor(between(1, 5)) });
      say(at + between(1, 4), 30, 'will try again', { [by]: name });
      if (i % unanswered !== 0) say(at + between(fastest, slowest), 30, success, { [by]: name });
      // The same of another: it proves nothing.
      if (random() < 0.2) say(at + between(1, 20_000), 30, `${by} was looked up`, { [by]: pick(names.split(' '), random) });
    }
  }
  // Fails, and nothing heals it; but much is said of the same name all the time.
  for (let i = 0; i < 80; i += 1) say(between(0, length), 50, 'write took too long', { volume: pick(['a', 'b', 'c'], random) });
  const step = between(2_000, 30_000);
  for (let at = 0; at < length; at += step) say(at, 30, 'volume is online', { volume: pick(['a', 'b', 'c'], random) });
  // Ends whether it failed or not.
  for (let i = 0; i < 400; i += 1) {
    const at = between(0, length - 60_000);
    const reqId = `req-${Math.floor(random() * 1e9).toString(16)}`;
    say(at, 30, 'incoming request', { reqId });
    if (random() < 0.15) say(at + between(1, 50), 40, 'cache could not be reached', { reqId });
    say(at + between(60, 900), 30, 'request completed', { reqId });
  }
  for (let i = 0; i < (noise * length) / 1_000 / 10; i += 1)
    say(between(0, length), 30, pick(['job finished', 'tick', 'queue drained', 'session is ready'], random), {
      job: Math.floor(random() * 1e6),
    });
  for (let i = 0; i < 40; i += 1) {
    const user = pick(['alice', 'bob'], random);
    const at = between(0, length - 60_000);
    say(at, 40, 'failed login', { user });
    say(at + 1_000, 30, 'login succeeded', { user });
  }
  const lines = written.toSorted((a, b) => a.at - b.at).map(({ line }) => line);
  return { lines, pairs: kinds.map(({ failure, success, by }) => ({ failure, success, by })) };
}

const pick = <Item>(items: readonly Item[], random: () => number): Item => items[Math.floor(random() * items.length)]!;
