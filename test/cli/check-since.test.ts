import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMain, scratch } from './host.ts';

const rule = (id: string, more = ''): string => `  - { id: ${id}, when: { level: warn }, then: { level: info }${more} }\n`;
const HEAD = 'version: 1\nrules:\n';

/** A repository with one commit of rules, and a work tree that has others. */
function repository(before: string, after: string): string {
  const folder = scratch();
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: folder, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch', 'main');
  writeFileSync(join(folder, 'rules.yaml'), before);
  git('add', '.');
  git('commit', '--quiet', '--message', 'rules');
  writeFileSync(join(folder, 'rules.yaml'), after);
  return folder;
}

const env = { PATH: process.env['PATH'] };
const ids = (out: string): string[] => Array.from(out.matchAll(/warning: rule "(\w+)"/gu), ([, id]) => id!);

test.each([
  ['nothing', rule('a'), rule('a'), []],
  ['a comment', rule('a'), `  # new\n${rule('a')}`, []],
  ['a rule more', rule('a'), rule('a') + rule('b').replace('warn', 'error'), ['b']],
  ['a rule that is not the same', rule('a'), rule('a', ', why: because'), ['a']],
])('--since finds what changed: %s', async (_claim, before, after, found) => {
  const folder = repository(HEAD + before, HEAD + after);
  const { exit, out } = await runMain(['check', '--since', 'main', join(folder, 'rules.yaml')], { env });
  expect([exit, ids(out)]).toEqual([{ kind: 'done', unread: 0 }, found]);
  expect(ids((await runMain(['check', join(folder, 'rules.yaml')], { env })).out).length).toBeGreaterThan(0);
});

test('a file that the commit does not have is new', async () => {
  const folder = repository(HEAD + rule('a'), HEAD + rule('a'));
  writeFileSync(join(folder, 'more.yaml'), HEAD + rule('b').replace('warn', 'error'));
  expect(ids((await runMain(['check', '--since', 'HEAD', folder], { env })).out)).toEqual(['b']);
});

test('runs nothing that the repository names', async () => {
  const folder = repository(HEAD + rule('a'), HEAD + rule('a', ', why: because'));
  const trap = join(folder, 'trap');
  writeFileSync(trap, `#!/bin/sh\ntouch '${folder}/sprung'\ncat\n`);
  chmodSync(trap, 0o755);
  mkdirSync(join(folder, '.git/hooks'), { recursive: true });
  for (const [name, value] of [
    ['core.fsmonitor', trap],
    ['core.pager', trap],
    ['diff.x.textconv', trap],
    ['filter.x.smudge', trap],
    ['filter.x.clean', trap],
  ])
    execFileSync('git', ['config', name!, value!], { cwd: folder });
  writeFileSync(join(folder, '.gitattributes'), '*.yaml diff=x filter=x\n');
  const { out } = await runMain(['check', '--since', 'main', join(folder, 'rules.yaml')], { env });
  expect(ids(out)).toEqual(['a']);
  expect(existsSync(join(folder, 'sprung'))).toBe(false);
});

test.each([
  ['no such commit', 'gone', /--since: git knows no commit "gone" in /u],
  ['an option for git', '--output=x', /--since: git knows no commit "--output=x" in /u],
])('refuses %s', async (_claim, ref, said) => {
  const folder = repository(HEAD + rule('a'), HEAD + rule('a'));
  const { exit, err } = await runMain(['check', `--since=${ref}`, join(folder, 'rules.yaml')], { env });
  expect(exit).toEqual({ kind: 'refused' });
  expect(err).toMatch(said);
});
