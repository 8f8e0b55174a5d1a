import {
  isAlias,
  isMap,
  isPair,
  isSeq,
  type Document,
  type ParsedNode,
  type Range,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { ProblemCode, Span } from './problem.ts';
import { quote } from './quote.ts';

/**
 * A number as written, in JSON's grammar, so that no digit is lost: its description. A symbol,
 * since the schema takes every object for a map.
 */
export type Digits = symbol;

export const digitsOf = (number: Digits): string => number.description ?? '';

/** What stands below a key or an index, and where the key does (of an item: the item itself). */
interface Child {
  readonly key: Span;
  readonly node: Node;
}

/** One YAML value with its place. */
export interface Node {
  readonly span: Span;
  /** Text, `Digits`, boolean, null, array, or an object without prototype. */
  readonly data: unknown;
  readonly children: ReadonlyMap<string | number, Child>;
  /** Where the text begins in the source, if it stands there as it is, without escapes. */
  readonly verbatim: number | undefined;
  /** An unquoted text with a comment right after it, that may have been meant as a part of it. */
  readonly commented: boolean;
  /** Nodes in it, itself among them, and how deep they nest. */
  readonly size: number;
  readonly height: number;
}

/** What a value is, for a message. */
export function describe(data: unknown): string {
  if (data === null || data === undefined) return 'nothing';
  if (typeof data === 'string') return `the text ${quote(data)}`;
  if (typeof data === 'symbol') return `the number ${quote(digitsOf(data)).slice(1, -1)}`;
  if (typeof data === 'boolean') return String(data);
  return Array.isArray(data) ? 'a list' : 'a map';
}

/** Collections in collections; a rule with everything in it nests 12 deep. */
export const MAX_DEPTH = 64;
/** Nodes that aliases may add to those that are written. */
const MAX_ALIASED = 10_000;

export type Report = (span: Span, message: string, code?: ProblemCode) => void;

const NO_CHILDREN: Node['children'] = new Map();

/** The nodes of a document without errors; `text` is its source. */
export function readNodes(document: Document.Parsed, text: string, report: Report): Node {
  /** The last node of each name; `undefined` while it is being read. */
  const anchors = new Map<string, Node | undefined>();
  let aliased = 0;

  const leaf = (span: Span, data: unknown): Node => {
    return { span, data, children: NO_CHILDREN, verbatim: undefined, commented: false, size: 1, height: 1 };
  };

  const read = (yaml: ParsedNode | null, empty: Span, depth: number): Node => {
    if (yaml === null) return leaf(empty, null);
    if (isAlias(yaml)) return readAlias(yaml.source, spanOf(yaml.range, text), depth);
    const anchor = yaml.anchor;
    if (anchor !== undefined) anchors.set(anchor, undefined);
    const node = isMap(yaml) ? readMap(yaml, depth) : isSeq(yaml) ? readList(yaml, depth) : readScalar(yaml, empty);
    if (anchor !== undefined) anchors.set(anchor, node);
    return node;
  };

  const readAlias = (name: string, span: Span, depth: number): Node => {
    const node = anchors.get(name);
    if (node === undefined) {
      const open = anchors.has(name)
        ? 'stands within what it names'
        : 'names nothing that stands before it; quote it if it is a text';
      report(span, `alias ${quote(`*${name}`)} ${open}`);
      return leaf(span, null);
    }
    const fits = aliased + node.size <= MAX_ALIASED && depth + node.height <= MAX_DEPTH;
    // Said once: where one alias is too much, so are those that follow.
    if (!fits && aliased <= MAX_ALIASED) {
      report(
        span,
        `aliases make this file grow past ${MAX_ALIASED} values, or nest past ${MAX_DEPTH}; use lists and events instead`,
        'too-large',
      );
    }
    aliased += fits ? node.size : MAX_ALIASED;
    if (!fits) return leaf(span, null);
    return { ...node, span, verbatim: undefined, commented: false };
  };

  const readScalar = (scalar: Scalar.Parsed, empty: Span): Node => {
    const whole = spanOf(scalar.range, text);
    const span = whole.start === whole.end ? empty : whole;
    const { value } = scalar;
    if (typeof value === 'number' || typeof value === 'bigint') return leaf(span, readNumber(scalar.source ?? '', span, report));
    if (typeof value !== 'string') return leaf(span, typeof value === 'boolean' ? value : null);
    const plain = scalar.type === 'PLAIN';
    const inset = plain ? 0 : 1;
    const verbatim = text.startsWith(value, span.start + inset) ? span.start + inset : undefined;
    return { ...leaf(span, value), verbatim, commented: plain && commentFollows(text, span.end) };
  };

  const readList = (seq: YAMLSeq.Parsed, depth: number): Node => {
    const children = new Map<number, Child>();
    const span = spanOf(seq.range, text);
    for (const [index, item] of seq.items.entries()) {
      // `[a: 1]` is a list of a map.
      const node = isPair(item) ? leaf(span, null) : read(item, span, depth + 1);
      children.set(index, { key: node.span, node });
    }
    return nodeOf(
      span,
      Array.from(children.values(), (child) => child.node.data),
      children,
    );
  };

  const readMap = (map: YAMLMap.Parsed, depth: number): Node => {
    const children = new Map<string, Child>();
    const data = Object.create(null) as Record<string, unknown>;
    const whole = spanOf(map.range, text);
    for (const pair of map.items) {
      const key = read(pair.key, whole, depth + 1);
      const node = read(pair.value, key.span, depth + 1);
      if (typeof key.data !== 'string') {
        const right = typeof key.data === 'symbol' || typeof key.data === 'boolean' ? 'quote it' : 'a key is a text';
        report(key.span, `this key is ${describe(key.data)}; ${right}`);
      } else if (key.data === '<<') {
        report(key.span, 'merge key "<<" is not read here; write the entries out, or name a condition in events');
      } else if (key.data === '__proto__') {
        report(key.span, 'a field "__proto__" cannot be asked for');
      } else if (children.has(key.data)) {
        report(key.span, `key ${quote(key.data)} stands here twice; join the two, or use "all" for two tests of one field`);
      } else {
        children.set(key.data, { key: key.span, node });
        data[key.data] = node.data;
      }
    }
    return nodeOf(whole, data, children);
  };

  return read(document.contents, { start: 0, end: 0 }, 0);
}

function nodeOf(span: Span, data: unknown, children: Node['children']): Node {
  let size = 1;
  let height = 0;
  for (const { node } of children.values()) {
    size += node.size;
    height = Math.max(height, node.height);
  }
  return { span, data, children, verbatim: undefined, commented: false, size, height: height + 1 };
}

/** https://www.rfc-editor.org/rfc/rfc8259#section-6 */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/u;

function readNumber(source: string, span: Span, report: Report): Digits {
  if (JSON_NUMBER.test(source)) return Symbol(source);
  const value = Number(source.replace(/^\+/u, ''));
  const number = Number.isFinite(value)
    ? `write ${/^[-+]?0\d/u.test(source) ? source.replace(/^([-+]?)0+(?=\d)/u, '$1').replace('+', '') : value}, or `
    : '';
  report(span, `number ${quote(source)} is not spelled as its value; ${number}quote it if it is a text`, 'bad-number');
  return Symbol('0');
}

/** Within the text, whatever yaml says of its last line. */
export function spanOf(range: Range | null | undefined, text: string): Span {
  const start = Math.min(range?.[0] ?? 0, text.length);
  return { start, end: Math.min(Math.max(range?.[1] ?? 0, start), text.length) };
}

function commentFollows(text: string, end: number): boolean {
  const comment = /[ \t]+#/uy;
  comment.lastIndex = end;
  return comment.test(text);
}
