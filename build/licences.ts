import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

// What others wrote and we ship inside our own files, each with its licence.

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** The folders of packages that went into bundles, in order of name. */
function packagesIn(metafiles: readonly Metafile[]): string[] {
  const folders = new Set<string>();
  for (const { outputs } of metafiles) {
    for (const output of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
        const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].toSorted();
}

/** The text that ships with the bundles. Throws where a package says nothing of its licence. */
export function licencesOf(metafiles: readonly Metafile[]): string {
  const parts = packagesIn(metafiles).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
    const texts = readdirSync(folder)
      .filter((file) => /^(?:licen[cs]e|notice|copying)(?:[.-].*)?$/iu.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8').trim());
    if (texts.length === 0 || typeof license !== 'string') throw new Error(`${folder}: what is its licence?`);
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
  });
  return `relevel holds parts of these packages, under their own licences.\n\n${parts.map((part) => `${RULE}\n${part}`).join('\n')}`;
}

const RULE = '-'.repeat(80);
