import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readManuals } from '../src/cli/commands.ts';
import { completionsFor } from '../src/cli/completions.ts';
import { VERSION } from '../src/packs/shipped.ts';

// `npm run build:tarball`: what a machine without npm needs, in the folders of /usr/local: the program as one file, its manual page,
// completions, units of systemd, and documents.

const NAME = `relevel-${VERSION}`;
const target = resolve(process.argv[2] ?? '.', `${NAME}.tar.gz`);

const scratch = mkdtempSync(join(tmpdir(), 'relevel-tarball-'));
const manuals = await readManuals();
try {
  const put = (name: string, text: string): void => {
    const path = join(scratch, NAME, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  put('bin/relevel', readFileSync('dist/single/relevel.cjs', 'utf8'));
  chmodSync(join(scratch, NAME, 'bin/relevel'), 0o755);
  put('share/man/man1/relevel.1', readFileSync('dist/relevel.1', 'utf8'));
  put('share/bash-completion/completions/relevel', completionsFor('bash', manuals));
  put('share/zsh/site-functions/_relevel', completionsFor('zsh', manuals));
  put('share/fish/vendor_completions.d/relevel.fish', completionsFor('fish', manuals));
  cpSync('deploy/systemd', join(scratch, NAME, 'lib/systemd/system'), { recursive: true });
  const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE', 'docs', 'deploy', 'rules'];
  // Tests of rules are for those who change the rules.
  const filter = (path: string): boolean => !path.endsWith('.test.yaml');
  for (const name of documents) cpSync(name, join(scratch, NAME, 'share/doc/relevel', name), { recursive: true, filter });
  cpSync('dist/THIRD-PARTY-LICENSES', join(scratch, NAME, 'share/doc/relevel/THIRD-PARTY-LICENSES'));
  execFileSync('tar', ['--create', '--gzip', '--owner=0', '--group=0', '--file', target, '--directory', scratch, NAME]);
  console.log(target);
} finally {
  rmSync(scratch, { recursive: true });
}
