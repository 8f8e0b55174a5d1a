import type * as z from 'zod';
import type { Fault, Span } from './problem.ts';
import { quote, suggest } from './quote.ts';
import type { Details } from './schema-words.ts';
import { describe, type Node } from './node.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What the schema makes of a file, and what it says of it, with the places in its text. `known`: faults of the YAML itself. */
export function checkShape<Draft>(
  schema: z.ZodType<Draft>,
  root: Node,
  known: readonly Fault[],
): { readonly draft: Draft | undefined; readonly faults: readonly Fault[] } {
  const parsed = schema.safeParse(root.data, { reportInput: true });
  // Where the YAML itself is at fault, a stand-in took the place of the value.
  const standIns = new Set(known.map(({ span }) => span.start));
  const faults = parsed.success ? [] : faultsOf(root, parsed.error.issues).filter(({ span }) => !standIns.has(span.start));
  return { draft: parsed.data, faults };
}

/** The schema must have reported the input of each issue. */
function faultsOf(root: Node, issues: readonly Issue[]): Fault[] {
  return issues.flatMap((issue) => faultsOfIssue(root, issue, issue.path));
}

function faultsOfIssue(root: Node, issue: Issue, path: Path): Fault[] {
  const { input } = issue;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.split(' ');
      return issue.keys.map((key) => ({
        code: 'unknown-key',
        message: `unknown key ${quote(key)}${suggest(key, known, 'keys here')}`,
        span: keyOf(root, [...path, key]),
      }));
    }
    case 'invalid_union': {
      const branches = input === undefined ? [] : issue.errors.filter((found) => !found.some((each) => isOfOtherShape(each)));
      // Of several maps the one that it is nearest to.
      const [branch] = branches.toSorted((a, b) => problemsIn(a) - problemsIn(b));
      if (branch === undefined) return [wrongShape(root, path, input, issue.message)];
      return branch.flatMap((each) => faultsOfIssue(root, each, [...path, ...each.path]));
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ code: 'bad-name', message, span: keyOf(root, path) }));
    case 'custom': {
      if (issue.params === undefined) return [wrongShape(root, path, input, issue.message)];
      // Only `issue` in schema-words.ts makes them.
      const { code, part, key } = issue.params as Details;
      const span = key === true ? keyOf(root, path) : part === undefined ? valueOf(root, path) : partOf(root, path, part);
      return [{ code, message: issue.message, span }];
    }
    case 'invalid_value':
      // `oneOf` knows its words; a lone word is a shape.
      if (issue.values.length === 1) return [wrongShape(root, path, input, issue.message)];
      return [{ code: 'unknown-word', message: issue.message, span: valueOf(root, path) }];
    default:
      return [wrongShape(root, path, input, issue.message)];
  }
}

const problemsIn = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);

/** Whether the branch of a union is for input of another shape, so that what it says does not help. */
function isOfOtherShape(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_value') return issue.values.length === 1 || typeof issue.input !== 'string';
  return (
    issue.code === 'invalid_type' || issue.code === 'invalid_union' || (issue.code === 'custom' && issue.params === undefined)
  );
}

function wrongShape(root: Node, path: Path, input: unknown, expected: string): Fault {
  if (input === undefined) {
    const message = `missing key ${quote(String(path.at(-1)))}; expected ${expected}`;
    return { code: 'missing-key', message, span: headOf(root, path.slice(0, -1)) };
  }
  const [what, ...more] = expected.split('; ');
  if (expected === 'a text' && (typeof input === 'symbol' || typeof input === 'boolean')) more.push('quote it');
  const message = [`expected ${what}, found ${describe(input)}`, ...more].join('; ');
  return { code: 'wrong-type', message, span: valueOf(root, path) };
}

/** The node at a path, or as far on the way as there is one. */
function nodeAt(root: Node, path: Path): Node {
  let node = root;
  for (const step of path) node = childOf(node, step)?.node ?? node;
  return node;
}

const childOf = (node: Node, step: PropertyKey) => node.children.get(step as string | number);

const valueOf = (root: Node, path: Path): Span => nodeAt(root, path).span;

function keyOf(root: Node, path: Path): Span {
  const parent = nodeAt(root, path.slice(0, -1));
  return childOf(parent, path.at(-1) ?? '')?.key ?? parent.span;
}

/** Where something is missing from a map: the key that it stands under, in a list its own first key. */
function headOf(root: Node, path: Path): Span {
  const last = path.at(-1);
  if (typeof last === 'string') return keyOf(root, path);
  const [first] = nodeAt(root, path).children.values();
  return first?.key ?? valueOf(root, path);
}

/** Part of a text; all of it where it is not spelled as it is. */
function partOf(root: Node, path: Path, part: Span): Span {
  const { span, verbatim } = nodeAt(root, path);
  return verbatim === undefined ? span : { start: verbatim + part.start, end: verbatim + part.end };
}
