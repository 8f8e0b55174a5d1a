import { spawnSync } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { loadRules } from '../rules/load.ts';
import type { RulesFile } from '../rules/problem.ts';
import { escapeControls, quote } from '../rules/quote.ts';
import type { RuleSet } from '../rules/rule.ts';
import type { Environment } from './environment.ts';

/** Ids of rules that a commit does not have, or has otherwise. */
export type Changed =
  { readonly kind: 'changed'; readonly ids: ReadonlySet<string> } | { readonly kind: 'failed'; readonly why: string };

/** A larger file of rules is none. */
const LARGEST = 64 * 1024 * 1024;

/** Finds rules that changed since a commit. The files must have no problems; of those that no commit can have, none changed. */
export function changedSince(ref: string, files: readonly RulesFile[], env: Environment): Changed {
  const ids = new Set<string>();
  for (const file of files) {
    if (file.name.startsWith('builtin/')) continue;
    const folder = dirname(file.name);
    const commit = git(folder, env, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
    if (commit === undefined) return { kind: 'failed', why: 'git cannot be run' };
    if (commit.status !== 0) return { kind: 'failed', why: `git knows no commit ${quote(ref)} in ${escapeControls(folder)}` };
    const before = git(folder, env, ['cat-file', 'blob', `${commit.out.trim()}:./${basename(file.name)}`]);
    const old = before?.status === 0 ? loadRules([{ ...file, text: before.out }]) : undefined;
    const { ruleSet } = loadRules([file]);
    const known = old === undefined || old.problems.length > 0 ? undefined : old.ruleSet;
    for (const rule of ruleSet.rules) if (!isTheSame(rule.id, ruleSet, known)) ids.add(rule.id);
  }
  return { kind: 'changed', ids };
}

/** Also what holds for all rules of a file counts. */
function isTheSame(id: string, now: RuleSet, before: RuleSet | undefined): boolean {
  if (before === undefined) return false;
  const of = ({ read, protect, rules }: RuleSet): string => JSON.stringify([read, protect, rules.find((rule) => rule.id === id)]);
  return of(now) === of(before);
}

/**
 * Runs git on a repository that may be anybody's: without hooks, without the monitor of files and the filters that its configuration may
 * name, and without fetching anything. `undefined`: git is not there.
 */
function git(
  folder: string,
  env: Environment,
  args: readonly string[],
): { readonly status: number | null; readonly out: string } | undefined {
  const safely = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'protocol.allow=never'];
  const { status, stdout, error } = spawnSync('git', ['--no-pager', '--no-replace-objects', ...safely, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: LARGEST,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...env, GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' },
  });
  return error === undefined ? { status, out: stdout } : undefined;
}
