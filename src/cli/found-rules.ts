import { existsSync, openSync, closeSync, readSync, statSync } from 'node:fs';
import type { Diagnostics } from './diagnostics.ts';
import type { Environment } from './environment.ts';
import { listOf } from './parse.ts';
import { DEFAULTS } from './settings.ts';

/** The rules of a project, which commands that only look find by themselves. A stream never does: they may come with a cloned repository. */
const PROJECT_RULES = './relevel.yaml';

/** What was asked for, else the project's rules, which is said, else those that ship. */
export function rulesOrFound(asked: readonly string[] | undefined, diagnostics: Diagnostics): readonly string[] {
  if (asked !== undefined) return asked;
  if (!existsSync(PROJECT_RULES)) return DEFAULTS.rules;
  diagnostics.say('info', `rules: ${PROJECT_RULES}, which is in this folder`);
  return [PROJECT_RULES];
}

/** The rules that a command looks at: its words, else those of the environment, else the project's, or those that ship; and the place to name in a problem. */
export function rulesNamed(
  words: readonly string[],
  env: Environment,
  diagnostics: Diagnostics,
): { readonly paths: readonly string[]; readonly place: string } {
  if (words.length > 0) return { paths: words, place: '' };
  const paths = listOf(env['RELEVEL_RULES'] ?? '');
  return paths.length > 0 ? { paths, place: 'RELEVEL_RULES: ' } : { paths: rulesOrFound(undefined, diagnostics), place: '' };
}

/** So much of a file tells what it is. */
const LOOKED_AT = 4_096;

/** Whether a file holds rules, and no log. */
export function holdsRules(path: string): boolean {
  if (!/\.ya?ml$/u.test(path)) return false;
  try {
    if (!statSync(path).isFile()) return false;
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(LOOKED_AT);
      const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, LOOKED_AT, 0));
      return /^version:\s*1\s*(?:#.*)?$/mu.test(text) && /^(?:rules|events|read|protect|lists):/mu.test(text);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Whoever opens it as a log will say what is wrong with it.
    return false;
  }
}
