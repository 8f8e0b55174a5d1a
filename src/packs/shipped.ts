import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { maturityIn, type Maturity } from '../rules/maturity.ts';
import type { RulesFile } from '../rules/problem.ts';
import { isRulesName } from '../rules/file-name.ts';

// In the built program, `build/build.ts` puts these values themselves in place of this file.

const ROOT = join(import.meta.dirname, '../..');

/** Of the package. */
export const VERSION: string = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

export interface ShippedFile extends RulesFile {
  readonly maturity: Maturity;
}

/** The packs that ship, as they are written, in order of name; each is named `builtin/<pack>`. */
export const PACKS: readonly ShippedFile[] = readdirSync(join(ROOT, 'rules'))
  .filter(isRulesName)
  .toSorted()
  .map((file) => {
    const pack = basename(file, '.yaml');
    const text = readFileSync(join(ROOT, 'rules', file), 'utf8');
    return { name: `builtin/${pack}`, text, maturity: maturityIn(text) };
  });
