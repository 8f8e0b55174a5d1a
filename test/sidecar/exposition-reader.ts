/** One sample as it stands on its line. */
export interface ReadSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ReadSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/u;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/u;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/iu;

/** A base unit, or what is counted; https://prometheus.io/docs/practices/naming/#base-units. */
const UNITS =
  /_(?:seconds|bytes|lines|summaries|reloads|waits|groups|rules|inputs|info|ready|connected|successful|records)(?:_total)?$/u;

/**
 * Reads the Prometheus text format 0.0.4 as strictly as promtool's parser and linter together:
 * HELP, then TYPE, then all samples of one family and of no other; escapes that exist; no series
 * twice; counters that end in `_total` and nothing else that does; histograms that add up. Throws
 * what is wrong.
 */
export function readExposition(text: string): ReadonlyMap<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no newline');
  const families = new Map<string, ReadFamily & { readonly samples: ReadSample[] }>();
  let help: readonly [name: string, text: string] | undefined;
  let current: (ReadFamily & { readonly samples: ReadSample[] }) | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const helped = /^# HELP (\S+) (.*)$/u.exec(line);
    const typed = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/u.exec(line);
    if (helped !== null) {
      if (help !== undefined) throw new Error(`HELP of ${help[0]} without a TYPE`);
      help = [helped[1]!, unescape(helped[2]!, /\\[\\n]/gu, /\\(?![\\n])/u)];
    } else if (typed !== null) {
      const [, name, type] = typed as unknown as [string, string, string];
      if (help?.[0] !== name) throw new Error(`TYPE of ${name} without its HELP before it`);
      if (!NAME.test(name) || families.has(name)) throw new Error(`family ${name} is misnamed, or there twice`);
      current = { name, type, help: help[1], samples: [] };
      help = undefined;
      families.set(name, current);
    } else {
      if (help !== undefined || current === undefined) throw new Error(`a sample before its TYPE: ${line}`);
      current.samples.push(readSample(line, current));
    }
  }
  for (const family of families.values()) check(family);
  return families;
}

function readSample(line: string, { name: family, type }: ReadFamily): ReadSample {
  const [, name, inner, value] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/su.exec(line) ?? [];
  if (name === undefined || !VALUE.test(value!)) throw new Error(`no sample: ${line}`);
  const suffix = name.slice(family.length);
  const allowed = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!name.startsWith(family) || !allowed.includes(suffix)) throw new Error(`${name} stands in the family ${family}`);
  return { name, labels: readLabels(inner ?? ''), value: Number(value!.replace('Inf', 'Infinity')) };
}

function readLabels(text: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const [whole, name, raw] = /^([^=]+)="((?:[^"\\]|\\.)*)"(?:,|$)/su.exec(rest) ?? [];
    if (whole === undefined || !LABEL.test(name!) || name!.startsWith('__') || labels.has(name!))
      throw new Error(`labels: ${text}`);
    labels.set(name!, unescape(raw!, /\\["\\n]/gu, /\\(?!["\\n])/u));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function unescape(raw: string, known: RegExp, unknown: RegExp): string {
  if (unknown.test(raw.replace(known, ''))) throw new Error(`unknown escape: ${raw}`);
  return raw.replace(known, (pair) => (pair[1] === 'n' ? '\n' : pair[1]!));
}

function check({ name, type, help, samples }: ReadFamily): void {
  if (help === '' || !NAME.test(name) || name !== name.toLowerCase()) throw new Error(`${name}: no help, or misnamed`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name}: a ${type}`);
  if (!UNITS.test(name)) throw new Error(`${name}: no unit`);
  if (/_(?:milliseconds|millis|ms|kilobytes|kib|mib|minutes|percent)(?:_|$)/u.test(name))
    throw new Error(`${name}: no base unit`);
  if (/_(?:counter|gauge|histogram|bucket|sum|count)$/u.test(name)) throw new Error(`${name}: its type in its name`);
  const series = samples.map((sample) =>
    JSON.stringify([sample.name, ...[...sample.labels].map((pair) => pair.join('=')).toSorted()]),
  );
  if (new Set(series).size !== series.length) throw new Error(`${name}: a series twice`);
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0 && value < Infinity))) throw new Error(`${name}: falls`);
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly ReadSample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels.get('le')!.replace('+Inf', 'Infinity')));
  const counts = buckets.map(({ value }) => value);
  const rises = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value >= values[i - 1]!);
  if (bounds.at(-1) !== Infinity || !rises(bounds) || new Set(bounds).size !== bounds.length) throw new Error(`${name}: bounds`);
  if (!rises(counts)) throw new Error(`${name}: not cumulative`);
  const [sum, count] = ['_sum', '_count'].map((suffix) => samples.filter((sample) => sample.name === name + suffix));
  if (sum!.length !== 1 || count!.length !== 1 || count![0]!.value !== counts.at(-1)) throw new Error(`${name}: sum and count`);
}
