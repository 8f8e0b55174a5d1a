import './linear.ts';
import { buildRules } from './build.ts';
import { findComments } from './comments.ts';
import { checkShape } from './issues.ts';
import { readingOf } from './join.ts';
import type { Node } from './node.ts';
import { Lines, placeFaults, type Fault, type Problem, type RulesFile } from './problem.ts';
import { escapeControls, quote } from './quote.ts';
import { checkExits } from './exits.ts';
import { checkReferences } from './references.ts';
import { MOST_SHADOWS } from './shadow.ts';
import type { RuleSet } from './rule.ts';
import { rulesSchema, type DraftFile } from './schema.ts';
import { findUnbound } from './unbound.ts';
import { findWarnings } from './warnings.ts';
import { at, childrenOf } from './walk.ts';
import { readYaml } from './yaml.ts';

/** With problems, the rule set is empty: half of what an operator asked for is not what was asked for. */
export interface Loaded {
  readonly ruleSet: RuleSet;
  /** In order of file and place. */
  readonly problems: readonly Problem[];
  /** What loads and will hardly do what was meant; of files without problems. */
  readonly warnings: readonly Problem[];
}

/** Reads rules files, in the order in which their rules are to be asked. Never throws; finds all problems at once. */
export function loadRules(files: readonly RulesFile[]): Loaded {
  const ids = new Map<string, string>();
  const problems: Problem[] = [];
  const drafts: Drafted[] = [];
  for (const file of files) {
    const { root, faults } = readYaml(file.text);
    const { draft, faults: more } = root === undefined ? { draft: undefined, faults: [] } : check(root, faults);
    const repeated = root === undefined ? [] : repeatedIds(root, file, ids);
    problems.push(...placeFaults(file, [...faults, ...more, ...repeated]));
    if (root !== undefined && draft !== undefined) drafts.push({ file, root, draft });
  }
  problems.push(...differentReadings(drafts), ...tooManyShadows(drafts));
  if (problems.length > 0) return { ruleSet: { protect: [], rules: [] }, problems, warnings: [] };
  const sets = drafts.map(({ file, draft }) => buildRules(file.name, draft));
  const warnings = drafts.flatMap(({ file, root }, i) => placeFaults(file, findWarnings(root, sets[i]!.rules)));
  return {
    ruleSet: {
      ...readingOf(sets),
      protect: sets.flatMap((set) => set.protect),
      rules: sets.flatMap((set) => set.rules),
    },
    problems,
    warnings,
  };
}

interface Drafted {
  readonly file: RulesFile;
  readonly root: Node;
  readonly draft: DraftFile;
}

/** Each rule in shadow costs about as much as all rules together. */
function tooManyShadows(drafts: readonly Drafted[]): Problem[] {
  const shadows = drafts.flatMap(({ file, root }) =>
    Array.from(childrenOf(root, 'rules').values(), ({ node }) => node.children.get('shadow'))
      .filter((shadow) => shadow?.node.data === true)
      .map((shadow) => ({ file, span: shadow!.key })),
  );
  const [first] = shadows.slice(MOST_SHADOWS);
  if (first === undefined) return [];
  const message = `more than ${MOST_SHADOWS} rules have "shadow: true", and each is asked by an engine of its own; put the others into force, or take them out`;
  return placeFaults(first.file, [{ code: 'too-large', message, span: first.span }]);
}

/** Lines are read in one way, whichever rules there are. */
function differentReadings(drafts: readonly Drafted[]): Problem[] {
  const reading = drafts.filter(({ draft }) => draft.read !== undefined);
  const [first, ...others] = reading;
  if (first === undefined) return [];
  const { line, column } = new Lines(first.file.text).placeOf(placeOfRead(first.root).start);
  return others
    .filter(({ draft }) => !saysTheSame(draft.read, first.draft.read))
    .flatMap(({ file, root }) => {
      const message = `"read" says otherwise than at ${escapeControls(first.file.name)}:${line}:${column}; say it once, or the same in both`;
      return placeFaults(file, [{ code: 'contradiction', message, span: placeOfRead(root) }]);
    });
}

const placeOfRead = (root: Node): Node['span'] => root.children.get('read')!.key; // they have one

/** Plain data, whose keys stand in the order of the schema. */
const saysTheSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function check(
  root: Node,
  known: readonly Fault[],
): { readonly draft: DraftFile | undefined; readonly faults: readonly Fault[] } {
  const { draft, faults } = checkShape(rulesSchema, root, known);
  return {
    draft,
    faults: [...faults, ...checkReferences(root), ...checkExits(root), ...findUnbound(root), ...findComments(root)],
  };
}

/** `ids` holds the place of the first rule of each id, over all files. */
function repeatedIds(root: Node, file: RulesFile, ids: Map<string, string>): Fault[] {
  const faults: Fault[] = [];
  const lines = new Lines(file.text);
  for (const [, { node: rule }] of childrenOf(root, 'rules')) {
    const id = at(rule, 'id');
    if (typeof id?.data !== 'string') continue;
    const first = ids.get(id.data);
    if (first === undefined) {
      const { line, column } = lines.placeOf(id.span.start);
      ids.set(id.data, `${escapeControls(file.name)}:${line}:${column}`);
    } else {
      const message = `duplicate id ${quote(id.data)}; the first is at ${first}, choose another`;
      faults.push({ code: 'duplicate-id', message, span: id.span });
    }
  }
  return faults;
}
