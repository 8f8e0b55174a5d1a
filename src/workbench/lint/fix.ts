import { CRITICAL, LEVELS, levelOfName } from '../../record/level.ts';
import { loadRules } from '../../rules/load.ts';
import type { Node } from '../../rules/node.ts';
import { Lines, type RulesFile, type Span } from '../../rules/problem.ts';
import { WORDS } from '../../rules/schema-condition.ts';
import { at, childrenOf, partsOf } from '../../rules/walk.ts';
import { readYaml } from '../../rules/yaml.ts';
import { areFixed } from './fix-check.ts';
import type { Finding } from './finding.ts';
import { isWrittenAsPattern, isPlainPattern, MESSAGE_NAMES, LEVEL_NAMES } from './rule-lint.ts';

/** A part of a rules file that is written otherwise. */
interface Edit {
  readonly code: string;
  readonly span: Span;
  readonly text: string;
}

/** What was changed, with its place. */
export interface Fixed {
  readonly rule: string;
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly before: string;
  readonly after: string;
}

/** A rules file in which findings are mended, if their remedy is mechanical. */
export interface FixedFile {
  readonly text: string;
  readonly fixed: readonly Fixed[];
}

/**
 * Mends findings of a rules file that has no problems. All that is not replaced stays as it is, byte for byte. What is shared by several
 * places, by an alias or as an event, stays too, and so does what would make a rule match fewer lines. `undefined`: nothing can be mended,
 * or the result would mean something else.
 */
export function fix(file: RulesFile, findings: readonly Finding[]): FixedFile | undefined {
  const { text } = file;
  const { root } = readYaml(text);
  if (root === undefined) return undefined;
  const wanted = new Set(findings.map(({ rule, code }) => `${code} ${rule}`));
  const lines = new Lines(text);
  const fixed: (Fixed & { readonly span: Span })[] = [];
  for (const { node } of childrenOf(root, 'rules').values()) {
    const rule = String(at(node, 'id')?.data);
    const when = at(node, 'when');
    if (when === undefined || isAlias(text, node) || isShared(text, node)) continue;
    for (const { code, span, text: after } of editsOf(when, { text, named: namedIn(when) })) {
      if (!wanted.has(`${code} ${rule}`)) continue;
      fixed.push({ rule, code, ...lines.placeOf(span.start), before: text.slice(span.start, span.end), after, span });
    }
  }
  if (fixed.length === 0) return undefined;
  fixed.sort((a, b) => a.span.start - b.span.start);
  const after = replaced(text, fixed);
  const loaded = loadRules([{ ...file, text: after }]);
  const rules = new Set(fixed.map(({ rule }) => rule));
  if (loaded.problems.length > 0 || !areFixed(loadRules([file]).ruleSet, loaded.ruleSet, rules)) return undefined;
  return { text: after, fixed: fixed.map(({ span: _, ...each }) => each) };
}

function replaced(text: string, edits: readonly { readonly span: Span; readonly after: string }[]): string {
  let made = '';
  let done = 0;
  for (const { span, after } of edits) {
    made += text.slice(done, span.start) + after;
    done = span.end;
  }
  return made + text.slice(done);
}

const isAlias = (text: string, { span }: Node): boolean => text[span.start] === '*';

/** Whether an anchor in it makes it stand in other places, too. */
const isShared = (text: string, { span }: Node): boolean => /(?:^|[\s[{,])&\S/u.test(text.slice(span.start, span.end));

/** What edits depend on. */
interface Around {
  readonly text: string;
  /** All keys of the rule's conditions, and what stands behind each. */
  readonly named: ReadonlyMap<string, readonly Node[]>;
}

function namedIn(when: Node): Around['named'] {
  const named = new Map<string, Node[]>();
  for (const part of partsOf(when))
    for (const [key, { node }] of [...part.children, ...childrenOf(part, 'fields')]) {
      const name = String(key);
      named.set(name, [...(named.get(name) ?? []), node]);
    }
  return named;
}

/** Edits of a condition; not of what stands under `not`, of which there are no findings. */
function* editsOf(condition: Node, around: Around): Generator<Edit> {
  const { text } = around;
  if (isAlias(text, condition)) return;
  for (const [name, { key, node }] of condition.children) {
    if (typeof name !== 'string' || isAlias(text, node)) continue;
    if (name === 'all' || name === 'any') {
      for (const { node: part } of node.children.values()) yield* editsOf(part, around);
    } else if (name === 'fields') {
      for (const { node: field } of node.children.values()) yield* editsOfTests(field, text);
    } else if (!WORDS.includes(name)) {
      const right = text.slice(key.start, key.end) === name ? otherName(name, around) : undefined;
      if (right !== undefined) yield { code: 'other-name', span: key, text: right };
      if (right === 'level') yield { code: 'other-name', span: node.span, text: levelIn(node)! };
      else yield* editsOfTests(node, text);
    }
  }
}

/** What a field should be called; `undefined`, if the rule asks for that, too, or not all that it asks for would have a place there. */
function otherName(name: string, { named }: Around): 'msg' | 'level' | undefined {
  const isOnly = (right: string, others: readonly string[]): boolean =>
    others.includes(name) && !named.has(right) && others.every((other) => other === name || !named.has(other));
  if (isOnly('msg', MESSAGE_NAMES)) return 'msg';
  const areLevels = (): boolean => named.get(name)!.every((node) => levelIn(node) !== undefined);
  return isOnly('level', LEVEL_NAMES) && areLevels() ? 'level' : undefined;
}

/** A rule that names critical may change critical lines: that is for its author to say. */
function levelIn({ data }: Node): string | undefined {
  const level = typeof data === 'string' ? levelOfName(data) : undefined;
  return level === undefined || level >= CRITICAL ? undefined : LEVELS[level];
}

/** Edits of what a field must be. */
function* editsOfTests(tests: Node, text: string): Generator<Edit> {
  if (isAlias(text, tests)) return;
  const { data, span } = tests;
  if (typeof data === 'string') {
    if (mayBeGlob([data]) && data.includes('*') && !/[\n\r]/u.test(text.slice(span.start, span.end)))
      yield { code: 'equals-a-glob', span, text: `{ glob: ${quoted(data)} }` };
    return;
  }
  const pattern = tests.children.get('matches');
  if (
    pattern !== undefined &&
    typeof pattern.node.data === 'string' &&
    isPlainPattern(pattern.node.data) &&
    !tests.children.has('contains')
  )
    yield { code: 'plain-pattern', span: pattern.key, text: 'contains' };
  const list = tests.children.get('in');
  if (list === undefined || tests.children.has('glob') || isAlias(text, list.node)) return;
  const values = Array.isArray(list.node.data) ? (list.node.data as readonly unknown[]) : [list.node.data];
  if (mayBeGlob(values) && values.some((value) => value.includes('*')))
    yield { code: 'equals-a-glob', span: list.key, text: 'glob' };
}

/** Whether each value matches itself as a glob, and none stands for a list or means a pattern. */
const mayBeGlob = (values: readonly unknown[]): values is readonly string[] =>
  values.every((value) => typeof value === 'string' && /^[^$\p{Cc}]\P{Cc}*$/u.test(value) && !isWrittenAsPattern(value));

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
