import { readFileSync, statSync } from 'node:fs';
import { fault } from '../io/fault.ts';
import { replaceFile } from '../io/replace-file.ts';
import type { RulesFile } from '../rules/problem.ts';
import { quote } from '../rules/quote.ts';
import type { Finding } from '../workbench/lint/finding.ts';
import { fix } from '../workbench/lint/fix.ts';
import type { Diagnostics } from './diagnostics.ts';

/** Mends findings in the files of rules, says what it changed, and gives the files as they are now; `undefined`, if one cannot be written, which is said. */
export function fixFiles(
  files: readonly RulesFile[],
  findings: readonly Finding[],
  diagnostics: Diagnostics,
): readonly RulesFile[] | undefined {
  const now: RulesFile[] = [];
  for (const file of files) {
    const made = isOfThePackage(file) ? undefined : fix(file, findings);
    if (made === undefined) {
      now.push(file);
      continue;
    }
    try {
      const why = whyNot(file);
      if (why !== undefined) {
        diagnostics.say('error', `${file.name}: --fix: ${why}`);
        return undefined;
      }
      replaceFile(file.name, made.text);
    } catch (error) {
      if (!(error instanceof Error && error.cause !== undefined)) throw error;
      diagnostics.say('error', error.message);
      return undefined;
    }
    for (const { rule, code, line, column, before, after } of made.fixed)
      diagnostics.say('info', `${file.name}:${line}:${column}: rule ${quote(rule)}: ${code}: ${before} is now ${after}`);
    now.push({ ...file, text: made.text });
  }
  return now;
}

const isOfThePackage = ({ name }: RulesFile): boolean => name === 'builtin' || name.startsWith('builtin/');

/** Bytes that were not read as they stand, or are others by now, must not be written over. Throws, if the file cannot be read. */
function whyNot({ name, text }: RulesFile): string | undefined {
  let bytes: Buffer | undefined;
  try {
    bytes = statSync(name).isFile() ? readFileSync(name) : undefined;
  } catch (error) {
    throw fault(name, 'read', error);
  }
  if (bytes === undefined) return 'this is no regular file, so nothing was written';
  if (bytes.equals(Buffer.from(text))) return undefined;
  return 'the file has changed meanwhile, or has bytes that are no UTF-8, so nothing was written';
}
