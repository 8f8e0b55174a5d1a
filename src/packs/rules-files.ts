import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../io/fault.ts';
import { isRulesName } from '../rules/file-name.ts';
import { isStable, type Maturity } from '../rules/maturity.ts';
import type { RulesFile } from '../rules/problem.ts';
import { escapeControls, quote, suggest } from '../rules/quote.ts';

/** Where rules are to come from. */
export type RulesSource = { readonly kind: 'pack'; readonly name: string } | { readonly kind: 'file'; readonly file: RulesFile };

export interface Found {
  readonly sources: readonly RulesSource[];
  /** What could not be found or read. Safe to print. */
  readonly problems: readonly string[];
}

/** What of a pack tells whether it was asked for. */
export interface PackName {
  readonly name: string;
  readonly maturity: Maturity;
}

/** Finds what is meant by files, folders, `builtin` (the stable packs) and `builtin/<pack>`, in the order given. Never throws. */
export function findRules(asked: readonly string[], packs: readonly PackName[]): Found {
  const sources: RulesSource[] = [];
  const problems: string[] = [];
  for (const name of asked) {
    try {
      sources.push(...sourcesOf(name, packs));
    } catch (error) {
      problems.push(escapeControls(error instanceof Error ? error.message : String(error)));
    }
  }
  return { sources, problems };
}

function sourcesOf(name: string, packs: readonly PackName[]): RulesSource[] {
  if (name === 'builtin') return packs.filter(isStable).map((pack) => ({ kind: 'pack', name: pack.name }));
  if (name.startsWith('builtin/')) {
    const names = packs.map((pack) => pack.name);
    if (!names.includes(name)) throw new Error(`no pack is called ${quote(name)}${suggest(name, names, 'packs')}`);
    return [{ kind: 'pack', name }];
  }
  return filesOf(name).map((path) => ({ kind: 'file', file: { name: path, text: textOf(path) } }));
}

/** A folder stands for its rules files, in order of name. */
function filesOf(path: string): string[] {
  if (!attempt(path, 'read', () => statSync(path)).isDirectory()) return [path];
  const files = attempt(path, 'read', () => readdirSync(path)).filter(isRulesName);
  if (files.length === 0) throw new Error(`${path}: no rules in this folder; they are files *.yaml or *.yml`);
  return files.toSorted().map((file) => join(path, file));
}

const textOf = (path: string): string => attempt(path, 'read', () => readFileSync(path, 'utf8'));

function attempt<Value>(path: string, verb: string, step: () => Value): Value {
  try {
    return step();
  } catch (error) {
    throw fault(path, verb, error);
  }
}
