import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain } from './host.ts';
import { readManuals } from '../../src/cli/commands.ts';
import { completionsFor } from '../../src/cli/completions.ts';

/** What bash offers for a command line whose last word is not finished. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const script = fileWith(completionsFor('bash', await readManuals()));
  const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _relevel; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', ask, script, 'relevel', ...words], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '');
}

const cases: readonly [words: string[], offered: string[]][] = [
  [['fo'], ['follow']],
  [['--arch'], ['--archive']],
  [
    ['--off', 'x', '--no-'],
    ['--no-mask', '--no-annotate'],
  ],
  [['follow', '--checkpoint-'], ['--checkpoint-interval']],
  [['--checkpoint-'], []],
  [['restore', '--arch'], []],
  [['help', 'st'], ['status']],
  [
    ['completions', ''],
    ['bash', 'zsh', 'fish'],
  ],
  // behind it stands the command of somebody else
  [['run', '--', 'ls', '--ver'], []],
  [['run', '--on-'], ['--on-error']],
];

test.each(cases)('bash completes %j', async (words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

test.each(['bash', 'zsh', 'fish'] as const)('%s knows every command and every option, and takes the script', async (shell) => {
  const manuals = await readManuals();
  const script = completionsFor(shell, manuals);
  for (const { name, options } of manuals) {
    expect(script).toContain(name);
    expect(options.filter((option) => !script.includes(shell === 'fish' ? `-l ${option.name}` : `--${option.name}`))).toEqual([]);
  }
  const { error, status, stderr } = spawnSync(shell, ['-n', fileWith(script)], { encoding: 'utf8' });
  // A shell that is not on this machine cannot say.
  expect([error === undefined ? status : 0, stderr ?? '']).toEqual([0, '']);
});

test('the command prints the script, and names the shells', async () => {
  expect(await runMain(['completions', 'fish'])).toMatchObject({ out: completionsFor('fish', await readManuals()), err: '' });
  expect((await runMain(['completions', 'tcsh'])).err).toContain('completions: "tcsh" is no shell; shells are bash, zsh, fish');
  expect((await runMain(['completions'])).err).toContain('which shell is missing');
});

test('its help', async () => {
  const { out } = await runMain(['help', 'completions']);
  await expect(out).toMatchFileSnapshot(join(import.meta.dirname, 'help/completions.txt'));
});
