import type { Fault, Span } from './problem.ts';
import { escapeControls, quote, suggest } from './quote.ts';
import { at, awaitedIn, childrenOf, fieldsOf, partsOf, rootsIn } from './walk.ts';
import { describe, type Node } from './node.ts';

/** A place where a name stands for an event or a list. */
interface Reference {
  readonly name: string;
  readonly span: Span;
}

/** What an event stands for, once all names in it are replaced. */
interface Extent {
  /** Nodes of the file that it is made of. */
  readonly size: number;
  /** Events on events. */
  readonly depth: number;
}

/** Events that refer to events; each rule is plain data in the end, and is read by recursion. */
export const MAX_DEPTH = 16;
/** Nodes that events and lists may add to a file where they are used. */
const MAX_GROWTH = 100_000;

const TOO_DEEP = `events stand on events more than ${MAX_DEPTH} deep; join some of them`;
const TOO_LARGE = `events and lists make this file grow past ${MAX_GROWTH} values; name fewer of them here`;

/** Checks that every name stands for something, for nothing that holds itself, and for nothing too large. */
export function checkReferences(file: Node): Fault[] {
  const faults: Fault[] = [];
  const report = (code: Fault['code'], message: string, span: Span): void => {
    faults.push({ code, message, span });
  };
  const lists = childrenOf(file, 'lists');
  const events = childrenOf(file, 'events');
  const names = Array.from(events.keys(), String);
  checkLists(file, faults);

  const extents = new Map<string, Extent>();
  const extentOf = (name: string, path: readonly string[]): Extent => {
    const known = extents.get(name);
    if (known !== undefined) return known;
    const { node } = events.get(name)!;
    const extent = sum(node, [...path, name]);
    extents.set(name, extent);
    return extent;
  };

  /** `path`: the events that we are in, the innermost last. */
  const sum = (condition: Node, path: readonly string[]): Extent => {
    let size = condition.size;
    let depth = 0;
    for (const { name } of listsNamedIn(condition)) size += lists.get(name)?.node.size ?? 0;
    for (const { name, span } of eventsNamedIn(condition)) {
      if (!events.has(name)) {
        report('unknown-name', unknownEvent(name, names), span);
      } else if (path.includes(name)) {
        const round = escapeControls([...path.slice(path.indexOf(name)), name].join(', '));
        report('event-cycle', `event ${quote(name)} stands on itself (${round}); take one of them out`, span);
      } else if (path.length > MAX_DEPTH) {
        report('too-large', TOO_DEEP, span);
      } else {
        const extent = extentOf(name, path);
        size += extent.size;
        depth = Math.max(depth, extent.depth + 1);
      }
    }
    if (depth <= MAX_DEPTH) return { size, depth };
    report('too-large', TOO_DEEP, condition.span);
    return { size, depth: 0 };
  };

  let growth = 0;
  const grow = (by: number, span: Span): void => {
    // Said once: what follows is too much as well.
    if (growth <= MAX_GROWTH && growth + by > MAX_GROWTH) report('too-large', TOO_LARGE, span);
    growth += by;
  };
  for (const { node, event } of rootsIn(file)) {
    if (typeof node.data === 'string') continue;
    const { size } = event === undefined ? sum(node, []) : extentOf(event, []);
    grow(size - node.size, node.span);
  }
  for (const [, { node: rule }] of childrenOf(file, 'rules')) {
    for (const { node } of awaitedIn(rule)) {
      if (typeof node.data !== 'string') continue;
      if (events.has(node.data)) grow(extentOf(node.data, []).size, node.span);
      else report('unknown-name', unknownEvent(node.data, names), node.span);
    }
  }
  return faults;
}

const unknownEvent = (name: string, names: readonly string[]): string =>
  `unknown event ${quote(name)}${suggest(name, names, 'events')}`;

function* eventsNamedIn(condition: Node): Generator<Reference> {
  for (const part of partsOf(condition)) {
    const is = at(part, 'is');
    if (typeof is?.data === 'string') yield { name: is.data, span: is.span };
  }
}

/** Of `in` and `glob`, the texts that begin with `$`. */
function* listsNamedIn(condition: Node): Generator<Reference & { readonly inGlob: boolean }> {
  for (const part of partsOf(condition)) {
    for (const { node: field } of fieldsOf(part)) {
      for (const key of ['in', 'glob']) {
        const test = at(field, key);
        if (test === undefined) continue;
        for (const { data, span } of [test, ...Array.from(test.children.values(), ({ node }) => node)]) {
          if (typeof data === 'string' && data.startsWith('$')) yield { name: data.slice(1), span, inGlob: key === 'glob' };
        }
      }
    }
  }
}

function checkLists(file: Node, faults: Fault[]): void {
  const lists = childrenOf(file, 'lists');
  for (const [, { node: list }] of lists) {
    for (const { node } of list.children.values()) {
      if (typeof node.data !== 'string' || !node.data.startsWith('$') || !lists.has(node.data.slice(1))) continue;
      faults.push({
        code: 'unknown-name',
        message: 'a list holds no other list; name both where they are used',
        span: node.span,
      });
    }
  }
  const names = Array.from(lists.keys(), (key) => `$${key}`);
  for (const { node } of rootsIn(file)) {
    for (const { name, span, inGlob } of listsNamedIn(node)) {
      const list = lists.get(name);
      if (list === undefined) {
        faults.push({
          code: 'unknown-name',
          message: `unknown list ${quote(`$${name}`)}${suggest(`$${name}`, names, 'lists')}`,
          span,
        });
        continue;
      }
      if (!inGlob) continue;
      const odd = Array.from(list.node.children.values()).find(
        ({ node: item }) => !/^\P{Cc}+$/u.test(String(item.data)) || typeof item.data !== 'string',
      );
      if (odd === undefined) continue;
      const message = `list ${quote(`$${name}`)} holds ${describe(odd.node.data)}; "glob" takes texts that are not empty`;
      faults.push({ code: 'bad-test', message, span });
    }
  }
}
