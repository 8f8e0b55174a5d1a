import type { Fault, Span } from './problem.ts';
import { EXIT } from './rule.ts';
import { isExitCode, notAnExitCode } from './exit-code.ts';
import { MAX_DEPTH } from './references.ts';
import { at, awaitedIn, childrenOf, fieldsOf, partsOf, rootsIn } from './walk.ts';
import { describe, digitsOf, type Node } from './node.ts';

const MISPLACED = `"${EXIT}" is the end of a process, not a field of a line; it stands in "success" and "failure" of "await"`;
const MIXED = `"${EXIT}" beside what is asked of a line; no line is also the end of a process, so make it an event of its own`;

/** Checks that the end of a process is asked for only as an event, by itself, and with numbers that it can have. */
export function checkExits(file: Node): Fault[] {
  const faults: Fault[] = [];
  const named = new NamedEvents(childrenOf(file, 'events'));
  const awaited = new Set<Node>();
  for (const [, { node: rule }] of childrenOf(file, 'rules')) for (const { node } of awaitedIn(rule)) awaited.add(node);
  for (const { node: root, event } of rootsIn(file)) {
    const { exits, asksOthers } = named.askedIn(root, 0);
    const [first] = exits;
    if (first === undefined) continue;
    if (event === undefined && !awaited.has(root)) faults.push({ code: 'bad-exit', message: MISPLACED, span: first.span });
    else if (asksOthers) faults.push({ code: 'bad-exit', message: MIXED, span: first.span });
    for (const { tests } of exits) if (tests !== undefined) faults.push(...checkNumbers(tests));
  }
  return faults;
}

interface Asked {
  /** Where a condition asks for the end of a process; with what it asks, if that stands in place. */
  readonly exits: readonly { readonly span: Span; readonly tests: Node | undefined }[];
  /** It asks for something else, too. */
  readonly asksOthers: boolean;
}

const NOTHING: Asked = { exits: [], asksOthers: false };

/** What conditions ask for that have a name. Those in a ring, or too deep, are at fault for that. */
class NamedEvents {
  readonly #events: Node['children'];
  readonly #known = new Map<string, Asked>();

  constructor(events: Node['children']) {
    this.#events = events;
  }

  /** `depth`: so many events name one another on the way to this condition. */
  askedIn(condition: Node, depth: number): Asked {
    const exits: Asked['exits'][number][] = [];
    let asksOthers = false;
    for (const part of partsOf(condition)) {
      if (at(part, 'level') !== undefined) asksOthers = true;
      for (const { name, key, node } of fieldsOf(part)) {
        if (name === EXIT) exits.push({ span: key, tests: node });
        else asksOthers = true;
      }
      const is = at(part, 'is');
      if (typeof is?.data !== 'string') continue;
      const inside = this.#askedBy(is.data, depth + 1);
      if (inside.exits.length > 0) exits.push({ span: is.span, tests: undefined });
      asksOthers ||= inside.asksOthers;
    }
    return { exits, asksOthers };
  }

  #askedBy(name: string, depth: number): Asked {
    const known = this.#known.get(name);
    const node = this.#events.get(name)?.node;
    if (known !== undefined || node === undefined || depth > MAX_DEPTH) return known ?? NOTHING;
    this.#known.set(name, NOTHING);
    const asked = this.askedIn(node, depth);
    this.#known.set(name, asked);
    return asked;
  }
}

const NUMBERS = ['in', 'gt', 'gte', 'lt', 'lte'];

/** What a process can end with: a code, or 128 and the number of the signal that it died of. */
function checkNumbers(tests: Node): Fault[] {
  if (tests.children.size === 0) return isCode(tests.data) ? [] : [notACode(tests)];
  return [...tests.children].flatMap(([key, { key: span, node }]): Fault[] => {
    if (!NUMBERS.includes(String(key))) {
      const message = `"${EXIT}" is a number; ask for it by ${NUMBERS.slice(0, -1).join(', ')} and ${NUMBERS.at(-1)}`;
      return [{ code: 'bad-exit', message, span }];
    }
    const items = node.children.size > 0 ? Array.from(node.children.values(), (child) => child.node) : [node];
    return items.flatMap((item) => (isCode(item.data) || isList(item.data) ? [] : [notACode(item)]));
  });
}

const isCode = (data: unknown): boolean => typeof data === 'symbol' && isExitCode(digitsOf(data));

const isList = (data: unknown): boolean => typeof data === 'string' && data.startsWith('$');

const notACode = ({ data, span }: Node): Fault => ({ code: 'bad-exit', message: notAnExitCode(describe(data)), span });
