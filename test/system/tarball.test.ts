import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileWith, scratch } from '../cli/host.ts';
import { PATIENCE } from '../support/patience.ts';

// For machines without npm: one file, and a tarball in the folders of /usr/local.

const ROOT = join(import.meta.dirname, '../..');
const CASE = join(ROOT, 'fixtures/cases/a-prober-finds-kvm');
const EXPECTED = readFileSync(join(CASE, 'expected.log'), 'utf8');

const made = mkdtempSync(join(tmpdir(), 'relevel-tarball-'));
afterAll(() => rmSync(made, { recursive: true }));

/** Where the tarball was unpacked. */
let folder: string;
beforeAll(() => {
  execFileSync(process.execPath, ['--import', 'tsx', 'build/tarball.ts', made], { cwd: ROOT });
  execFileSync('tar', ['--extract', '--file', join(made, readdirSync(made)[0]!), '--directory', made]);
  folder = join(
    made,
    readdirSync(made).find((name) => !name.endsWith('.gz'))!,
  );
}, PATIENCE.timeout);

const run = (program: string, args: readonly string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });

test('the one file does what the program does, by itself', () => {
  const program = join(scratch(), 'relevel.cjs');
  cpSync(join(ROOT, 'dist/single/relevel.cjs'), program);
  expect(run(program, [join(CASE, 'input.log')])).toMatchObject({ status: 0, stdout: EXPECTED, stderr: '' });
  const rules =
    "version: 1\nrules:\n  - { id: a, when: { level: error, msg: { matches: '(?i)^OOPS' } }, then: { level: info } }\n";
  const checked = run(program, ['check', fileWith(rules, 'rules.yaml')]);
  expect([checked.status, checked.stderr]).toEqual([0, '']);
  expect(run(program, ['run', '--', 'sh', '-c', 'echo "level=info msg=ran"; exit 7'])).toMatchObject({
    status: 7,
    stdout: 'level=info msg=ran\n',
  });
  expect(run(program, ['help', 'follow']).stdout).toContain('--checkpoint');
  expect(run(program, ['probe']).stderr).toMatch(/koffi|Linux/u);
});

test('the tarball holds the program, its manual, completions, units and documents', () => {
  const program = join(folder, 'bin/relevel');
  expect(execFileSync(program, [join(CASE, 'input.log')], { encoding: 'utf8' })).toBe(EXPECTED);
  const names = [
    'share/man/man1/relevel.1',
    'share/bash-completion/completions/relevel',
    'share/zsh/site-functions/_relevel',
    'share/fish/vendor_completions.d/relevel.fish',
    'lib/systemd/system/relevel-follow.service',
    'share/doc/relevel/README.md',
    'share/doc/relevel/THIRD-PARTY-LICENSES',
  ];
  expect(names.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
});

test('the manual page is one, and has every option of the filter', ({ skip }) => {
  const page = join(folder, 'share/man/man1/relevel.1');
  const { error, stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-P-cbou', '-ww', page], { encoding: 'utf8' });
  skip(error !== undefined, 'groff is not there');
  expect(stderr).toBe('');
  expect(stdout).toContain('--hold-lines n');
  expect(stdout).toContain('RELEVEL_HOLD_LINES=1000 is --hold-lines 1000');
});
