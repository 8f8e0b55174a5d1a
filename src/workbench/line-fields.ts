import type { Understood } from './read-line.ts';

/** What stands in a line under a path. */
export type Found = string | number | boolean | null;

/** Names within names are looked at so far down. */
const DEEPEST = 4;
/** More paths of one line are not looked at. */
const MOST_PATHS = 512;

/** The values of a line that a condition could ask for, by path, the message first. Numbers keep no digits beyond 2^53: they are for people. */
export function fieldsIn({ msg, fields }: Understood): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  if (msg !== undefined) found.set('msg', msg);
  for (const [name, json] of fields) add(found, name, valueOf(json), DEEPEST);
  return found;
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    // The engine's reader takes escapes that this one refuses.
    return json;
  }
}

function add(found: Map<string, Found>, path: string, value: unknown, depth: number): void {
  if (found.size >= MOST_PATHS || found.has(path)) return;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    found.set(path, value);
  } else if (typeof value === 'object' && !Array.isArray(value) && depth > 0) {
    for (const [name, inner] of Object.entries(value)) add(found, `${path}.${name}`, inner, depth - 1);
  }
}

/** The path of the line that somebody most likely means who asks for a path that the line does not have. */
export function nearestPath(path: string, fields: ReadonlyMap<string, Found>): string | undefined {
  const plain = plainOf(path);
  const last = lastOf(plain);
  const paths = [...fields.keys()];
  return (
    paths.find((each) => plainOf(each) === plain) ??
    (MESSAGE_NAMES.has(plain) && fields.has('msg') ? 'msg' : undefined) ??
    paths.find((each) => each !== path && lastOf(plainOf(each)) === last) ??
    paths.find((each) => isPartOf(squeezed(each), squeezed(path))) ??
    paths.find((each) => areNear(plainOf(each), plain))
  );
}

/** What people call a message. */
const MESSAGE_NAMES = new Set(['message', 'mesg', 'text', 'body', 'log', 'event', 'short_message', '@message', 'description']);

/** Without what programs write in one way or another: case, hyphens, underscores. */
const plainOf = (path: string): string => path.toLowerCase().replaceAll('-', '_');
const squeezed = (path: string): string => path.toLowerCase().replaceAll(/[-_.@]/gu, '');
const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** `host` and `hostname`, `pod` and `podName`. */
const isPartOf = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) >= 3 && a !== b && (a.startsWith(b) || b.startsWith(a) || a.endsWith(b) || b.endsWith(a));

/** One letter too many, too few, another or swapped. */
function areNear(a: string, b: string): boolean {
  if (a.length < 3 || Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  const rest = (text: string, skip: number): string => text.slice(from + skip);
  return (
    rest(a, 1) === rest(b, 1) ||
    rest(a, 1) === rest(b, 0) ||
    rest(a, 0) === rest(b, 1) ||
    (a[from] === b[from + 1] && a[from + 1] === b[from] && rest(a, 2) === rest(b, 2))
  );
}
