import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKS } from '../../src/packs/shipped.ts';
import { fileWith, runMain } from './host.ts';

const DONE = { kind: 'done', unread: 0 };
const NVM = 'W1114 11:03:35.331845       1 machine_libipmctl.go:64] There are no NVM devices!\n';
const ETHTOOL = 'level=error msg="Error while getting ethtool:" ifacename=lxc1 error="operation not supported"\n';

test('the help', async () => {
  const { out, exit } = await runMain(['packs', '--help']);
  expect(exit).toEqual(DONE);
  await expect(out).toMatchFileSnapshot(join(import.meta.dirname, 'help/packs.txt'));
});

test('lists every pack, with what it is for and its rules', async () => {
  const { out, exit } = await runMain(['packs']);
  expect(exit).toEqual(DONE);
  expect(out.split('\n').filter((line) => line.startsWith('builtin/'))).toEqual(
    PACKS.map(({ name, maturity }) => (maturity === 'stable' ? name : `${name} (${maturity})`)),
  );
  expect(out).toContain('\n  cadvisor-has-no-nvm\n');
  expect(out).not.toContain('https://');
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test.each(['kubelet', 'builtin/kubelet'])('of %s it also says why, and where to read more', async (name) => {
  const { out } = await runMain(['packs', name]);
  expect(out.match(/^builtin\/.*$/gmu)).toEqual(['builtin/kubelet']);
  expect(out).toContain('  cadvisor-has-no-nvm\n    cAdvisor asks for non-volatile memory');
  expect(out).toContain('\n    https://github.com/google/cadvisor/issues/3198\n');
});

test('a pack that there is not', async () => {
  const { out, err, exit } = await runMain(['packs', 'kubelett', 'ethtool']);
  expect([out, exit.kind]).toEqual(['', 'refused']);
  expect(err).toBe('relevel: error: no pack is called "kubelett"; did you mean "kubelet"\nrelevel: see "relevel help packs"\n');
});

test('tries the packs on files, each by itself, and writes none of their lines', async () => {
  const { out, exit } = await runMain(['packs', '--try', fileWith(`${NVM}plain\n${NVM}`), '--try', fileWith(ETHTOOL.repeat(3))]);
  expect(exit).toEqual(DONE);
  expect(out.match(/^builtin\/.*$/gmu)).toEqual(['builtin/ethtool', 'builtin/kubelet']);
  expect(out).toContain('  cadvisor-has-no-nvm: 2 lines matched, 2 lowered\n');
  expect(out).toContain(': 3 lines matched, 1 lowered, 2 collapsed into summaries\n');
  expect(out).toMatch(/\n6 lines: 5 lines lowered or collapsed into summaries by 2 packs\n$/u);
  expect(out).not.toContain('machine_libipmctl');
});

test('tries only the packs that are named, on stdin', async () => {
  const { out } = await runMain(['packs', 'ethtool', '--try', '-'], { stdin: NVM });
  expect(out).toBe('1 line: 0 lines lowered or collapsed into summaries by 0 packs\n');
});

test('a file that is not there fails, and the others are tried', async () => {
  const { out, err, exit } = await runMain(['packs', '--try', '/nowhere/app.log', '--try', fileWith(NVM)]);
  expect(out).toContain('  cadvisor-has-no-nvm: 1 line matched, 1 lowered\n');
  expect(err).toContain('/nowhere/app.log');
  expect(exit).toEqual({ kind: 'done', unread: 1 });
});
