/** A search that never goes back in the text. */
export interface Pattern {
  readonly test: (text: string) => boolean;
  /** The named groups that took part in the first match; `undefined` if there is none. */
  readonly groupsIn: (text: string) => Groups | undefined;
  /** The text with `by` in place of the first matches, as many as `most`, that are not empty: each search may cost all of the text. */
  readonly replace: (text: string, by: string, most: number) => string;
}

/** What each group has matched, by its name. */
export type Groups = ReadonlyMap<string, string>;

/** Compiles a pattern in RE2's syntax. Throws where the syntax is wrong. */
export type LinearEngine = (pattern: string, ignoreCase: boolean) => Pattern;

/**
 * The engine for patterns that are not plain. It is handed in, because it takes 15 ms to load and
 * the packs that ship do without: see `linear.ts`.
 */
let linearEngine: LinearEngine | undefined;

export function useLinearEngine(engine: LinearEngine): void {
  linearEngine = engine;
}

/** A pattern taken apart as far as we need it: for the texts that it requires, and to see whether it is plain. */
type Node =
  | { readonly kind: 'text'; readonly text: string }
  /** One character out of several, as JavaScript writes it. */
  | { readonly kind: 'one'; readonly source: string }
  | { readonly kind: 'assertion'; readonly source: string }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Node[] }
  /** Named; of others nobody asks what they have matched. */
  | { readonly kind: 'group'; readonly name: string; readonly of: Node }
  | { readonly kind: 'times'; readonly of: Node; readonly min: number; readonly max: number };

/** RE2's classes in JavaScript's terms; there `\s` has more members than RE2's. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t\\n\\f\\r ',
};

const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', a: '\x07' };

const GROUP = /\?P?<(\w+)>/uy;

/** Thrown inside `parse` at syntax that it leaves to re2js. */
class NotPlain extends Error {}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Node {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new NotPlain();
    return node;
  }

  #choice(): Node {
    const of = [this.#sequence()];
    while (this.#take('|')) of.push(this.#sequence());
    return of.length === 1 ? of[0]! : { kind: 'choice', of };
  }

  #sequence(): Node {
    const of: Node[] = [];
    while (this.#at < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') of.push(this.#times(this.#atom()));
    return of.length === 1 ? of[0]! : { kind: 'sequence', of };
  }

  #times(of: Node): Node {
    const range = this.#range();
    if (range === undefined) return of;
    if (of.kind === 'assertion' || this.#peek() === '?' || this.#range() !== undefined) throw new NotPlain();
    return { kind: 'times', of, min: range[0], max: range[1] };
  }

  #range(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const counted = /^\{(\d{1,3})(,?)(\d{0,3})\}/u.exec(this.#text.slice(this.#at, this.#at + 9));
    if (counted === null) return undefined;
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    return [min, counted[2] === '' ? min : counted[3] === '' ? Infinity : Number(counted[3])];
  }

  #atom(): Node {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    this.#at += char.length;
    switch (char) {
      case '.':
        return { kind: 'one', source: '[^\\n]' };
      case '^':
      case '$':
        return { kind: 'assertion', source: char };
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
      case '{':
        throw new NotPlain();
      default:
        return { kind: 'text', text: char };
    }
  }

  #group(): Node {
    const name = this.#groupName();
    if (name === undefined && this.#peek() === '?' && !this.#take('?:')) throw new NotPlain();
    const node = this.#choice();
    if (!this.#take(')')) throw new NotPlain();
    return name === undefined ? node : { kind: 'group', name, of: node };
  }

  #groupName(): string | undefined {
    GROUP.lastIndex = this.#at;
    const found = GROUP.exec(this.#text);
    if (found !== null) this.#at = GROUP.lastIndex;
    return found?.[1];
  }

  #escape(): Node {
    const letter = this.#text[this.#at++] ?? '';
    const lower = letter.toLowerCase();
    const known = CLASSES[lower];
    if (known !== undefined) return { kind: 'one', source: letter === lower ? `[${known}]` : `[^${known}]` };
    if (letter === 'A') return { kind: 'assertion', source: '^' };
    if (letter === 'z') return { kind: 'assertion', source: '$' };
    if (lower === 'b') return { kind: 'assertion', source: `\\${letter}` };
    const control = CONTROLS[letter];
    if (control !== undefined) return { kind: 'text', text: control };
    if (/^[!-/:-@[-`{-~]$/u.test(letter)) return { kind: 'text', text: letter };
    throw new NotPlain();
  }

  #class(): Node {
    let source = this.#take('^') ? '[^' : '[';
    let first = true;
    while (first || this.#peek() !== ']') {
      first = false;
      const member = /^(?:\\([dws])|\\?([!-/:-@[-`{-~])|([0-9A-Za-z ])|([^\0-\x7f]))/u.exec(
        this.#text.slice(this.#at, this.#at + 2),
      );
      if (member === null || member[0] === '\\' || member[0] === '[') throw new NotPlain();
      this.#at += member[0].length;
      const [, group, sign, letter, wide] = member;
      // Only the sign between two members makes a range.
      if (sign === '-' && member[0] === '-' && !source.endsWith('[') && !source.endsWith('^') && this.#peek() !== ']')
        source += '-';
      else source += group === undefined ? (letter ?? wide ?? `\\${sign}`) : CLASSES[group]!;
    }
    this.#at += 1;
    return { kind: 'one', source: `${source}]` };
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

/** `undefined` where the pattern uses more of RE2's syntax than we take apart. */
function parse(pattern: string): { readonly node: Node; readonly ignoreCase: boolean } | undefined {
  const ignoreCase = pattern.startsWith('(?i)');
  try {
    return { node: new Parser(ignoreCase ? pattern.slice(4) : pattern).whole(), ignoreCase };
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Most ways through a pattern that a backtracking matcher may have to try at one place. */
const MAX_WAYS = 64;

/**
 * Compiles a pattern in RE2's syntax to a search that runs in linear time whatever the text.
 * Throws where its syntax is wrong. Patterns in which a backtracking matcher has few ways to go run
 * on JavaScript's own, which is some twenty times as fast (a test compares the two); all others on the linear engine.
 */
export function compilePattern(pattern: string, ignoreCase: boolean): Pattern {
  const native = ignoreCase ? undefined : plainOf(pattern);
  if (native !== undefined) return native;
  if (linearEngine === undefined) throw new Error(`compilePattern: no engine for ${pattern}`);
  return linearEngine(pattern, ignoreCase);
}

/** Whether a pattern runs without the linear engine. */
export const isPlain = (pattern: string): boolean => plainOf(pattern) !== undefined;

function plainOf(pattern: string): Pattern | undefined {
  const parsed = parse(pattern);
  return parsed !== undefined && !parsed.ignoreCase && isTame(parsed.node) ? nativeOf(parsed.node) : undefined;
}

function nativeOf(node: Node): Pattern | undefined {
  try {
    const source = sourceOf(node);
    const search = new RegExp(source, 'u');
    const all = new RegExp(source, 'gu');
    const names = groupsOf(node);
    // JavaScript forgets what a group has matched whenever what repeats it begins anew, and has names of its own that two groups may share.
    if (names.length > 0 && (new Set(names).size < names.length || repeatsGroups(node, false))) return undefined;
    return {
      test: (text) => search.test(text),
      groupsIn: (text) => {
        const found = search.exec(text);
        return found === null ? undefined : groupsFrom(names, (index) => found[index + 1]);
      },
      replace: (text, by, most) => {
        let left = most;
        return text.replace(all, (found) => (found === '' || left-- <= 0 ? found : by));
      },
    };
  } catch {
    // A range out of order and the like: re2js says what is wrong with it.
    return undefined;
  }
}

/** The groups that took part. */
export function groupsFrom(names: readonly string[], at: (index: number) => string | null | undefined): Groups {
  const groups = new Map<string, string>();
  names.forEach((name, index) => {
    const text = at(index);
    if (text !== null && text !== undefined) groups.set(name, text);
  });
  return groups;
}

/** The names of all groups, in the order in which they open. */
function groupsOf(node: Node): readonly string[] {
  if (node.kind === 'group') return [node.name, ...groupsOf(node.of)];
  if (node.kind === 'times') return groupsOf(node.of);
  return node.kind === 'sequence' || node.kind === 'choice' ? node.of.flatMap(groupsOf) : [];
}

function repeatsGroups(node: Node, isRepeated: boolean): boolean {
  if (node.kind === 'group') return isRepeated || repeatsGroups(node.of, isRepeated);
  if (node.kind === 'times') return repeatsGroups(node.of, true);
  return (node.kind === 'sequence' || node.kind === 'choice') && node.of.some((part) => repeatsGroups(part, isRepeated));
}

function isTame(node: Node): boolean {
  const ways = waysOf(node);
  if (ways <= MAX_WAYS) return true;
  // One open repetition costs the length of the text, but only from the one place where it may begin.
  const parts = partsOf(node);
  if (parts[0]?.kind !== 'assertion' || parts[0].source !== '^') return false;
  const open = parts.filter((part) => part.kind === 'times' && part.max === Infinity && isOneChar(part.of));
  if (open.length !== 1) return false;
  return parts.filter((part) => part !== open[0]).reduce((product, part) => product * waysOf(part), 1) <= MAX_WAYS;
}

/** What follows what, also within groups. */
function partsOf(node: Node): readonly Node[] {
  if (node.kind === 'sequence') return node.of.flatMap(partsOf);
  return node.kind === 'group' ? partsOf(node.of) : [node];
}

const isOneChar = (node: Node): boolean => node.kind === 'one' || (node.kind === 'text' && node.text.length === 1);

/** In how many ways a node can match at one place; Infinity where the text decides. */
function waysOf(node: Node): number {
  switch (node.kind) {
    case 'text':
    case 'one':
    case 'assertion':
      return 1;
    case 'sequence':
      return node.of.reduce((product, part) => product * waysOf(part), 1);
    case 'choice':
      return node.of.reduce((sum, part) => sum + waysOf(part), 0);
    case 'group':
      return waysOf(node.of);
    case 'times': {
      if (node.max === Infinity) return Infinity;
      const each = waysOf(node.of);
      let ways = 0;
      for (let times = node.min; times <= node.max && ways <= MAX_WAYS; times += 1) ways += each ** times;
      return ways;
    }
  }
}

function sourceOf(node: Node): string {
  switch (node.kind) {
    case 'text':
      return node.text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
    case 'one':
    case 'assertion':
      return node.source;
    case 'sequence':
      return node.of.map(sourceOf).join('');
    case 'choice':
      return `(?:${node.of.map(sourceOf).join('|')})`;
    case 'group':
      return `(${sourceOf(node.of)})`;
    case 'times':
      return `(?:${sourceOf(node.of)}){${node.min},${node.max === Infinity ? '' : node.max}}`;
  }
}

/** What a pattern requires: in every text that it matches stands one of `texts`, perhaps in another case. */
export interface Required {
  readonly texts: readonly string[];
  readonly ignoreCase: boolean;
}

/** `undefined` where no such promise can be made. */
export function requiredOf(pattern: string): Required | undefined {
  const parsed = parse(pattern);
  if (parsed === undefined) return undefined;
  const { exact, inside } = textsOf(parsed.node);
  const texts = harder(inside, exact);
  return texts === undefined || shortest(texts) === 0 ? undefined : { texts, ignoreCase: parsed.ignoreCase };
}

type Texts = readonly string[] | undefined;

/** `exact`: all texts that a node can match. `inside`: one of these stands in whatever it matches. */
interface Known {
  readonly exact: Texts;
  readonly inside: Texts;
}

const MAX_TEXTS = 64;

const shortest = (texts: readonly string[]): number => Math.min(...texts.map((text) => text.length));

/** Of two promises, the one that is harder to meet. */
function harder(a: Texts, b: Texts): Texts {
  if (a === undefined || b === undefined) return a ?? b;
  return shortest(a) >= shortest(b) ? a : b;
}

function textsOf(node: Node): Known {
  switch (node.kind) {
    case 'text':
      return { exact: [node.text], inside: undefined };
    case 'one':
      return { exact: undefined, inside: undefined };
    case 'assertion':
      return { exact: [''], inside: undefined };
    case 'sequence':
      return textsOfSequence(node.of.map(textsOf));
    case 'group':
      return textsOf(node.of);
    case 'choice': {
      const parts = node.of.map(textsOf);
      const exact = union(parts.map((part) => part.exact));
      return { exact, inside: exact === undefined ? union(parts.map((part) => harder(part.inside, part.exact))) : undefined };
    }
    case 'times': {
      const { exact, inside } = textsOf(node.of);
      if (node.min === 0) return { exact: node.max === 1 && exact !== undefined ? ['', ...exact] : undefined, inside: undefined };
      return { exact: undefined, inside: harder(inside, exact) };
    }
  }
}

function textsOfSequence(parts: readonly Known[]): Known {
  let run: readonly string[] = [''];
  let whole = true;
  let inside: Texts;
  for (const part of parts) {
    inside = harder(inside, part.inside);
    if (part.exact !== undefined && run.length * part.exact.length <= MAX_TEXTS) {
      run = run.flatMap((head) => part.exact!.map((tail) => head + tail));
    } else {
      inside = harder(inside, run);
      run = part.exact ?? [''];
      whole = false;
    }
  }
  return whole ? { exact: run, inside } : { exact: undefined, inside: harder(inside, run) };
}

function union(parts: readonly Texts[]): Texts {
  const texts: string[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    texts.push(...part);
  }
  return texts.length <= MAX_TEXTS ? texts : undefined;
}
