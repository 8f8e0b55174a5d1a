import { fatesIn, sceneFor, withScene, type Fate } from '../../engine/examples.ts';
import { valueIn } from '../../engine/memory/keys.ts';
import { compilePlan } from '../../engine/plan.ts';
import { ENGINE_DEFAULTS } from '../../engine/settings.ts';
import { CRITICAL, LEVELS } from '../../record/level.ts';
import { LogRecord } from '../../record/record.ts';
import { covers } from '../../rules/covers.ts';
import { testsIn } from '../../rules/misfit.ts';
import { quote } from '../../rules/quote.ts';
import { namesIn, type Example, type Rule, type RuleSet } from '../../rules/rule.ts';
import { fieldsIn, nearestPath, type Found } from '../line-fields.ts';
import { LineReader } from '../line-reader.ts';
import { LineUnderstanding } from '../read-line.ts';
import { UTC } from '../../record/zone.ts';
import { Records } from '../records.ts';
import type { Remark } from './rule-lint.ts';

/** So many times at most a rule is asked about a line, to find overlaps: `check` takes no longer than somebody waits. */
const MOST_ASKED = 1_000_000;

/** What is to be said of rules by the lines of their examples. */
export class ExampleLint {
  readonly #ruleSet: RuleSet;
  readonly #reader: LineReader;
  readonly #records: Records;
  /** By rule: another one that comes first, and a line that both match. */
  readonly #overlaps: ReadonlyMap<string, Overlap>;
  #fields: ReadonlyMap<string, Found> | undefined;

  constructor(ruleSet: RuleSet) {
    this.#ruleSet = ruleSet;
    this.#reader = new LineReader({ format: 'auto', envelope: 'auto', read: ruleSet.read });
    this.#records = new Records(this.#reader);
    this.#overlaps = overlapsIn(ruleSet, this.#reader);
  }

  remarksOn(rule: Rule): Remark[] {
    return [...this.#strayLines(rule), ...this.#keys(rule), ...this.#lookAlike(rule), ...this.#overlap(rule)];
  }

  /** A text of several lines that are not one record: in a log each would be judged by itself. */
  #strayLines({ examples }: Rule): Remark[] {
    return examples.flatMap(({ lines }, example) =>
      lines.flatMap(({ line }, index): Remark[] => {
        const stray = line === undefined ? undefined : this.#records.strayIn(line);
        if (stray === undefined) return [];
        const message = `line ${stray} of this text does not continue the first, so these are several records`;
        const path = [example, 'lines', index, 'line'];
        return [{ code: 'several-records', key: 'examples', path, message, remedy: 'give each record an item of its own' }];
      }),
    );
  }

  /** A part of `by` that no line of an example has a value for: it is probably misspelled. */
  #keys(rule: Rule): Remark[] {
    if (rule.await === undefined || rule.await.by.length === 0) return [];
    const lines = linesOf(rule.examples);
    return lines.length === 0 ? this.#keysNear(rule) : this.#keysWithoutValue(rule, lines);
  }

  #keysWithoutValue(rule: Rule, lines: readonly string[]): Remark[] {
    const { names, rules } = compilePlan({ ...this.#ruleSet, protect: [], rules: [rule] });
    const record = new LogRecord(names);
    const missing = new Set(rules[0]!.here.map(({ path }) => path));
    for (const line of lines) {
      if (missing.size === 0) break;
      this.#reader.read(record, { bytes: Buffer.from(line), source: 'example' });
      for (const part of rules[0]!.here) if (valueIn(part, record) !== undefined) missing.delete(part.path);
    }
    return [...missing].map((path) => ({
      code: 'key-in-no-example',
      key: 'await',
      path: ['by'],
      message: `no line of the examples has a value for ${quote(path)} of "by"`,
      remedy: 'correct the name, or add an example with real lines',
    }));
  }

  /** The rule has no lines, but names that it or other rules use may be nearly the same. */
  #keysNear({ await: waiting }: Rule): Remark[] {
    const known = (this.#fields ??= this.#fieldsOfAll());
    const paths = waiting!.by.flatMap(({ here, there }) => [...namesIn(here), ...namesIn(there)]);
    return [...new Set(paths)].flatMap((path): Remark[] => {
      const near = known.has(path) || path.startsWith('$') ? undefined : nearestPath(path, known);
      if (near === undefined) return [];
      const message = `${quote(path)} of "by" stands in no example, and ${quote(near)} is known`;
      return [
        {
          code: 'key-in-no-example',
          key: 'await',
          path: ['by'],
          message,
          remedy: 'correct the name, or add an example with real lines',
        },
      ];
    });
  }

  /** Fields of the lines of all examples, and those that conditions ask for; and what is usual. */
  #fieldsOfAll(): ReadonlyMap<string, Found> {
    const found = new Map<string, Found>(USUAL.map((name) => [name, '']));
    const understanding = new LineUnderstanding({
      format: 'auto',
      envelope: 'auto',
      read: this.#ruleSet.read,
      zone: UTC,
      now: 0,
    });
    for (const rule of this.#ruleSet.rules) {
      for (const line of linesOf(rule.examples)) {
        const bytes = Buffer.from(line);
        for (const [path] of fieldsIn(understanding.of(bytes, 0, bytes.length))) found.set(path, '');
      }
      const events = [...(rule.await?.success ?? []), ...(rule.await?.failure ?? [])].map(({ condition }) => condition);
      for (const condition of [rule.when, ...events])
        for (const test of testsIn(condition)) if (test.kind === 'field') found.set(test.path, '');
    }
    return found;
  }

  /** It lowers, and no example shows a line that stays. */
  #lookAlike(rule: Rule): Remark[] {
    const lowers = rule.repeat !== undefined || rule.then?.level !== undefined;
    if (!lowers || rule.examples.length === 0 || rule.examples.some(saysAllSame)) return [];
    const isShown = withScene({ ...this.#ruleSet, rules: [rule] }, ENGINE_DEFAULTS, (scene) => {
      const own = sceneFor(rule.id, scene);
      return rule.examples.some(({ lines }) =>
        fatesIn({ lines }, own).every((fate, index) => fate === undefined || !this.#isLowered(fate, lines[index]!.line!)),
      );
    });
    if (isShown) return [];
    const message = 'no example shows a line that stays as it is';
    return [
      { code: 'no-look-alike', key: 'examples', message, remedy: 'add the line with the same words that is a real failure' },
    ];
  }

  #isLowered(fate: Fate, line: string): boolean {
    if (fate.kind !== 'changed') return fate.kind === 'folded';
    const record = this.#reader.recordWith([]);
    const [head = ''] = line.split('\n', 1);
    this.#reader.read(record, { bytes: Buffer.from(head), source: 'example' });
    return LEVELS.findIndex((level) => level === fate.after.level) < record.level;
  }

  #overlap({ id }: Rule): Remark[] {
    const found = this.#overlaps.get(id);
    if (found === undefined) return [];
    const message = `rule ${quote(found.first)} comes first, and takes lines that this rule matches, too: ${quote(found.line)}`;
    return [{ code: 'overlaps', key: 'when', message, remedy: 'narrow one of them, or put the rule first that should decide' }];
  }
}

interface Overlap {
  readonly first: string;
  readonly line: string;
}

/** What lines often call what tells them apart. */
const USUAL = [
  'host',
  'hostname',
  'pid',
  'pod',
  'namespace',
  'container',
  'instance',
  'service',
  'request_id',
  'trace_id',
  'device',
];

const linesOf = (examples: readonly Example[]): string[] =>
  examples.flatMap((example) => example.lines.flatMap(({ line }) => (line === undefined ? [] : [line])));

const saysAllSame = ({ lines }: Example): boolean => {
  const said = lines.flatMap(({ becomes }) => becomes ?? []);
  return said.length > 0 && said.every(({ kind }) => kind === 'same');
};

/** Rules of which neither covers the other, and that match the same line of an example. */
function overlapsIn(ruleSet: RuleSet, reader: LineReader): ReadonlyMap<string, Overlap> {
  const overlaps = new Map<string, Overlap>();
  const inForce = ruleSet.rules.filter(({ until, shadow }) => until === undefined && shadow !== true);
  const most = Math.floor(MOST_ASKED / Math.max(1, inForce.length));
  const lines = [...new Set(inForce.flatMap(({ examples }) => linesOf(examples)))].slice(0, most);
  const plan = compilePlan({ ...ruleSet, rules: inForce });
  const record = new LogRecord(plan.names);
  for (const line of lines) {
    const [head = ''] = line.split('\n', 1);
    if (!reader.read(record, { bytes: Buffer.from(head), source: 'example' }) || record.level >= CRITICAL) continue;
    const [first, ...others] = plan.rules.filter((rule) => rule.fits(record)).map(({ rule }) => rule);
    for (const other of others)
      if (!overlaps.has(other.id) && !covers(other.when, first!.when) && !covers(first!.when, other.when))
        overlaps.set(other.id, { first: first!.id, line });
  }
  return overlaps;
}
