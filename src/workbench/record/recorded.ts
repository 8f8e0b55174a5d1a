import { fatesIn, sceneFor, withScene, type Scene } from '../../engine/examples.ts';
import { ENGINE_DEFAULTS } from '../../engine/settings.ts';
import type { Example, RuleSet } from '../../rules/rule.ts';
import { outcomeOf } from '../example-text.ts';
import { LineReader } from '../line-reader.ts';
import { Records } from '../records.ts';
import { hideSecrets } from '../suggest/secrets.ts';

/** A line that no example can hold, and why. */
export interface Unholdable {
  /** Which of the lines, from zero. */
  readonly index: number;
  /** In bytes, from one. */
  readonly column: number;
  readonly why: string;
}

export type Recorded =
  | { readonly kind: 'example'; readonly example: Example; readonly isMasked: boolean }
  | { readonly kind: 'refused'; readonly lines: readonly Unholdable[] };

/** `at` is a duration, of which a rule can write no longer one. ms */
const LONGEST = 3_650 * 86_400_000;

/** Makes an example of lines of a log, of `rule` if that is said: with the time of each, without secrets, and with what the rules make of them today. */
export function recorded(lines: readonly Buffer[], name: string, ruleSet: RuleSet, rule: string | undefined): Recorded {
  const refused = lines.flatMap((line, index) => {
    const at = firstNoUtf8(line);
    return at === -1 ? [] : [{ index, column: at + 1, why: 'this byte is no UTF-8, and YAML cannot hold it' }];
  });
  if (refused.length > 0) return { kind: 'refused', lines: refused };
  const reader = new LineReader({ format: ENGINE_DEFAULTS.format, envelope: ENGINE_DEFAULTS.envelope, read: ruleSet.read });
  const texts = recordsOf(lines, reader);
  const hidden = texts.map(hideSecrets);
  const times = timesOf(hidden, reader);
  const plain = hidden.map((line, index) => ({ at: times[index]!, line, becomes: undefined }));
  return withScene(ruleSet, ENGINE_DEFAULTS, (scene) => ({
    kind: 'example',
    example: { name, lines: judged(plain, ruleSet, sceneFor(rule, scene)) },
    isMasked: hidden.some((text, index) => text !== texts[index]),
  }));
}

/** Where the first byte is that is no UTF-8; -1, if all are. */
function firstNoUtf8(line: Buffer): number {
  const text = line.toString();
  if (Buffer.from(text).equals(line)) return -1;
  let at = 0;
  for (const char of text) {
    const bytes = Buffer.from(char);
    if (!line.subarray(at, at + bytes.length).equals(bytes)) return at;
    at += bytes.length;
  }
  return at;
}

/** Each record as one text. */
function recordsOf(lines: readonly Buffer[], reader: LineReader): string[] {
  const heads = new Records(reader).headsOf(lines);
  const parts = new Map<number, string[]>();
  for (const [index, line] of lines.entries()) {
    const head = heads[index]!;
    parts.set(head, [...(parts.get(head) ?? []), line.toString()]);
  }
  return Array.from(parts.values(), (each) => each.join('\n'));
}

/** When each comes after the first, by their own times; with the line before, if it has none or an earlier one. */
function timesOf(texts: readonly string[], reader: LineReader): number[] {
  const record = reader.recordWith([]);
  const times: number[] = [];
  let first = NaN;
  for (const text of texts) {
    const [head = ''] = text.split('\n', 1);
    reader.read(record, { bytes: Buffer.from(head), source: '' });
    if (Number.isNaN(first)) first = record.time;
    const before = times.at(-1) ?? 0;
    const at = Math.round(record.time - first);
    times.push(at > before && at <= LONGEST ? at : before);
  }
  return times;
}

/** With what becomes of each, and with the time that it takes until nothing waits. */
function judged(lines: Example['lines'], ruleSet: RuleSet, scene: Scene): Example['lines'] {
  const longest = Math.max(0, ...ruleSet.rules.map((rule) => rule.await?.within ?? 0));
  const end = { at: Math.min(LONGEST, (lines.at(-1)?.at ?? 0) + longest + 1), line: undefined, becomes: undefined };
  const open = fatesIn({ lines }, scene);
  const closed = fatesIn({ lines: [...lines, end] }, scene);
  const isSettled = open.every((fate, index) => JSON.stringify(fate) === JSON.stringify(closed[index]));
  const fates = isSettled ? open : closed;
  const told = lines.map((line, index) => {
    const fate = fates[index];
    return { ...line, becomes: fate === undefined ? undefined : outcomeOf(fate, 'level') };
  });
  return isSettled ? told : [...told, end];
}
