import type { Level } from './levels.ts';
import { levelOn, rank } from './levels.ts';
import { timeOfText, type WrittenTime } from './times.ts';

/** What stands before the text of a line: words of collectors, as far as the tests write them. */
export interface Around {
  readonly prefix: string;
  readonly text: string;
  readonly container: string | undefined;
  readonly pod: string | undefined;
  readonly unit: string | undefined;
  readonly stream: string | undefined;
  /** The digits of a priority in the prefix. */
  readonly priority: string | undefined;
  readonly time: (WrittenTime & { readonly by: string }) | undefined;
}

const TIME = String.raw`(?<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))`;

/** By the name of whoever writes them. */
const PREFIXES: readonly (readonly [by: string, words: RegExp])[] = [
  ['cri', new RegExp(`^${TIME} (?<stream>stdout|stderr) F `, 'su')],
  // No host is called as a level is.
  [
    'syslog',
    new RegExp(
      String.raw`^<(?<priority>\d+)>${TIME} (?!(?:TRC|DBG|INF|WRN|ERR|FTL) )\S+ (?<unit>[^\s:[\]]+)(?:\[\d+\])?: `,
      'su',
    ),
  ],
  ['sd-daemon', /^<(?<priority>[0-7])>(?=\S)/su],
  ['kubectl', /^\[pod\/(?<pod>[^\s/\]]+)\/(?<container>[^\s/\]]+)\] /su],
  ['compose', /^(?<container>[a-z]+-\d) +\| /su],
];

/** Each kind once, from the outside in. */
export function unwrap(line: string): Around | undefined {
  let found: Around | undefined;
  const used = new Set<string>();
  for (;;) {
    const rest = found?.text ?? line;
    const next = PREFIXES.find(([by, words]) => !used.has(by) && words.test(rest));
    if (next === undefined) return found;
    const [by, words] = next;
    used.add(by);
    const { groups = {}, 0: prefix } = words.exec(rest)!;
    const time = timeOfText(groups['time'] ?? '');
    found = {
      prefix: (found?.prefix ?? '') + prefix,
      text: rest.slice(prefix.length),
      container: found?.container ?? groups['container'],
      pod: found?.pod ?? groups['pod'],
      unit: found?.unit ?? groups['unit'],
      stream: found?.stream ?? groups['stream'],
      priority: found?.priority ?? groups['priority'],
      time: time === undefined ? found?.time : { ...time, by },
    };
  }
}

/** What tells where a line comes from, as `$source` shows it; all but the stream is a part of the source. */
export const origin = (around: Around | undefined): string =>
  (['pod', 'container', 'unit'] as const)
    .flatMap((part) => (around?.[part] === undefined ? [] : ` ${part}=${around[part]}`))
    .join('');

/** The priority when the line goes from one level to another: it goes with it, never against it. */
export function moved(priority: string, from: Level, to: Level): string {
  const level = levelOn('priority', priority)!;
  const goesAlong = rank(to) < rank(from) ? rank(level) > rank(to) : rank(to) > rank(from) && rank(level) < rank(to);
  const severity = { trace: 7, debug: 7, info: 6, warn: 4, error: 3, critical: 2, fatal: 0 }[to];
  return goesAlong ? String(Math.floor(Number(priority) / 8) * 8 + severity) : priority;
}
