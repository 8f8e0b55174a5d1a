import { formOf, WILD, type Words } from './words.ts';

// Masks leave lines of one statement apart if they differ in a word without a digit: a user, a host, a table. Such forms are found by
// what is left of them without one word: if enough different words stand in its place, it is a wildcard.

/** So many different words in one place make it a wildcard. */
const ENOUGH = 8;
/** The same, behind a word that names follow. */
const ENOUGH_NAMES = 3;
/** Behind a wildcard's place at least so many words must stay the same, or nothing tells the statement. */
const LEAST_CONSTANT = 2;
const MOST_ROUNDS = 3;

const BEFORE_NAMES: ReadonlySet<string> = new Set(
  (
    'for from of in on by at with named called user host client server service process thread job task node module program ' +
    'device disk interface volume container pod image package command queue topic table database group domain account name file'
  ).split(' '),
);

/** What the forms of one statement have in common. */
export interface Cluster {
  readonly words: readonly string[];
  readonly between: readonly string[];
}

type Place = Map<string, number[]>;

/** For each form the number of its cluster, and the clusters. The order of the forms makes no difference to which are together. */
export function clusterForms(forms: readonly Words[]): { readonly of: readonly number[]; readonly clusters: readonly Cluster[] } {
  let of: number[] = forms.map((_, at) => at);
  let clusters: Cluster[] = [...forms];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const merged = mergeOnce(clusters);
    if (merged === undefined) break;
    of = of.map((cluster) => merged.of[cluster]!);
    clusters = merged.clusters;
  }
  return { of, clusters };
}

function mergeOnce(clusters: readonly Cluster[]): { of: number[]; clusters: Cluster[] } | undefined {
  const places = new Map<string, Place>();
  for (const [number, { words, between }] of clusters.entries()) {
    const constant = words.reduce((count, word) => count + (word === WILD ? 0 : 1), 0);
    for (const [at, word] of words.entries()) {
      if (constant - (word === WILD ? 0 : 1) < LEAST_CONSTANT) continue;
      const key = `${at} ${formOf(words.with(at, WILD), between)}`;
      const place = places.get(key) ?? new Map<string, number[]>();
      if (place.size === 0) places.set(key, place);
      const same = place.get(word);
      if (same === undefined) place.set(word, [number]);
      else same.push(number);
    }
  }
  const parents = clusters.map((_, number) => number);
  let hasMerged = false;
  for (const place of places.values()) {
    if (place.size < 2) continue;
    const all = [...place.values()].flat();
    const first = clusters[all[0]!]!;
    const at = differingAt(first, clusters[all[1]!]!);
    if (place.size < (place.has(WILD) ? 2 : isBehindName(first, at) ? ENOUGH_NAMES : ENOUGH)) continue;
    hasMerged = true;
    for (const number of all) join(parents, all[0]!, number);
  }
  return hasMerged ? renumber(clusters, parents) : undefined;
}

const differingAt = (one: Cluster, other: Cluster): number => one.words.findIndex((word, at) => word !== other.words[at]);

function isBehindName({ words, between }: Cluster, at: number): boolean {
  return at > 0 && /^\s+["'`[(<]?$/u.test(between[at]!) && BEFORE_NAMES.has(words[at - 1]!.toLowerCase());
}

function rootOf(parents: number[], number: number): number {
  let root = number;
  while (parents[root] !== root) root = parents[root]!;
  for (let at = number; at !== root;) [at, parents[at]] = [parents[at]!, root];
  return root;
}

/** The smaller number stays the root. */
function join(parents: number[], one: number, other: number): void {
  const [a, b] = [rootOf(parents, one), rootOf(parents, other)];
  parents[Math.max(a, b)] = Math.min(a, b);
}

function renumber(clusters: readonly Cluster[], parents: number[]): { of: number[]; clusters: Cluster[] } {
  const numbers = new Map<number, number>();
  const merged: Cluster[] = [];
  const of = clusters.map((cluster, number) => {
    const root = rootOf(parents, number);
    const known = numbers.get(root);
    if (known === undefined) {
      numbers.set(root, merged.length);
      return merged.push(cluster) - 1;
    }
    const { words, between } = merged[known]!;
    merged[known] = { words: words.map((word, at) => (word === cluster.words[at] ? word : WILD)), between };
    return known;
  });
  return { of, clusters: merged };
}
