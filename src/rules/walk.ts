import { WORDS } from './schema-condition.ts';
import type { Node } from './node.ts';
import type { Span } from './problem.ts';

// These walk a file before it is known to be well-formed, so that all its problems come at once:
// what has not the shape that they look for, they pass over. The schema complains of it.

/** A condition somewhere in a file. */
export interface Root {
  readonly node: Node;
  /** Its name, if it stands in `events`. */
  readonly event: string | undefined;
}

/** Every condition of a file that is part of no other, in order of place within each section. */
export function* rootsIn(file: Node): Generator<Root> {
  for (const [event, { node }] of childrenOf(file, 'events'))
    yield { node, event: typeof event === 'string' ? event : undefined };
  for (const [, { node }] of childrenOf(file, 'protect')) yield { node, event: undefined };
  for (const [, { node: rule }] of childrenOf(file, 'rules')) {
    const when = at(rule, 'when');
    if (when !== undefined) yield { node: when, event: undefined };
    for (const { node } of awaitedIn(rule)) yield { node, event: undefined };
  }
}

/** The items of a rule's `success` and `failure`: names of events, and conditions. */
export function* awaitedIn(rule: Node): Generator<{ readonly node: Node }> {
  const waiting = at(rule, 'await');
  if (waiting === undefined) return;
  for (const key of ['success', 'failure']) for (const [, child] of childrenOf(waiting, key)) yield child;
}

/** A condition and all those in it. */
export function* partsOf(condition: Node): Generator<Node> {
  yield condition;
  for (const key of ['all', 'any']) for (const [, { node }] of childrenOf(condition, key)) yield* partsOf(node);
  const not = at(condition, 'not');
  if (not !== undefined) yield* partsOf(not);
}

/** What a condition says of each field, not of those in the conditions in it. */
export function* fieldsOf(condition: Node): Generator<{ readonly name: string; readonly key: Span; readonly node: Node }> {
  for (const [name, child] of condition.children) if (typeof name === 'string' && !WORDS.includes(name)) yield { name, ...child };
  for (const [name, child] of childrenOf(condition, 'fields')) if (typeof name === 'string') yield { name, ...child };
}

export const at = (node: Node, key: string): Node | undefined => node.children.get(key)?.node;

export const childrenOf = (node: Node, key: string): Node['children'] => at(node, key)?.children ?? new Map<string, never>();

/** Every text in a node, itself if it is one, with the key or index above it. */
export function* textsIn(node: Node): Generator<Node> {
  if (typeof node.data === 'string') yield node;
  for (const { node: child } of node.children.values()) yield* textsIn(child);
}
