import type { Node } from './node.ts';
import type { Fault, Span } from './problem.ts';
import { quote } from './quote.ts';
import { at, childrenOf, fieldsOf, rootsIn } from './walk.ts';

/** A named group as a pattern spells it. */
interface Group {
  readonly name: string;
  readonly span: Span;
}

const GROUP = /\\.|\(\?P?<(\w+)>/gsu;

/** Named groups that can never bind: what stands under `not` did not match, and no other pattern of the condition has their name. */
export function findUnbound(file: Node): Fault[] {
  const events = childrenOf(file, 'events');
  return [...rootsIn(file)].flatMap(({ node }) => {
    const groups = groupsOf(node, events, new Set());
    return groups.denied
      .filter(({ name }) => !groups.bound.has(name))
      .map(({ name, span }): Fault => {
        const message = `under "not" nothing is captured, and no other pattern here captures ${quote(name)}; leave the name out: (?:…)`;
        return { code: 'binds-nothing', message, span };
      });
  });
}

interface Groups {
  readonly bound: Set<string>;
  /** Under `not`; of events that are named there nothing is said: they may bind elsewhere. */
  readonly denied: Group[];
}

/** `named`: the events that were looked at, so that a ring of them ends. */
function groupsOf(condition: Node, events: Node['children'], named: Set<string>): Groups {
  const groups: Groups = { bound: new Set(), denied: [] };
  const walk = (part: Node, isDenied: boolean): void => {
    for (const { node: field } of fieldsOf(part)) {
      const pattern = at(field, 'matches');
      for (const group of pattern === undefined ? [] : groupsIn(pattern)) {
        if (isDenied) groups.denied.push(group);
        else groups.bound.add(group.name);
      }
    }
    for (const key of ['all', 'any']) for (const [, { node }] of childrenOf(part, key)) walk(node, isDenied);
    const not = at(part, 'not');
    if (not !== undefined) walk(not, true);
    const event = at(part, 'is')?.data;
    if (isDenied || typeof event !== 'string' || named.has(event)) return;
    named.add(event);
    const standsFor = events.get(event)?.node;
    if (standsFor !== undefined) for (const name of groupsOf(standsFor, events, named).bound) groups.bound.add(name);
  };
  walk(condition, false);
  return groups;
}

function groupsIn({ data, verbatim, span }: Node): Group[] {
  if (typeof data !== 'string') return [];
  return Array.from(data.matchAll(GROUP)).flatMap(({ 0: spelled, 1: name, index }) => {
    if (name === undefined) return [];
    const start = verbatim === undefined ? undefined : verbatim + index;
    return [{ name, span: start === undefined ? span : { start, end: start + spelled.length } }];
  });
}
