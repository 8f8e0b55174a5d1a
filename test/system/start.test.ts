import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../cli/host.ts';
import { loadPacks } from '../../src/packs/builtin.ts';
import { PACKS } from '../../src/packs/shipped.ts';
import { isStable } from '../../src/rules/maturity.ts';
import { joinRules } from '../../src/rules/join.ts';
import { feed } from '../support/feed.ts';
import { PATIENCE } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');
const CASE = join(ROOT, 'fixtures/cases/a-prober-finds-kvm');
const EXPECTED = readFileSync(join(CASE, 'expected.log'), 'utf8');

const PROGRAM = join(ROOT, 'dist/relevel.js');

/** Runs a program on a case. */
function start(program: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, join(CASE, 'input.log')], {
    encoding: 'utf8',
    env: {},
  });
  return { status, stdout, stderr };
}

const well = { status: 0, stdout: EXPECTED, stderr: '' };

test('starts from wherever it lies, and leaves no trace there', () => {
  const folder = join(scratch(), 'a folder – für alles');
  cpSync(join(ROOT, 'dist'), folder, { recursive: true });
  const link = join(scratch(), 'relevel');
  symlinkSync(join(folder, 'relevel.js'), link);
  const listing = (): unknown =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
  const before = listing();
  expect(start(link)).toEqual(well);
  expect(listing()).toEqual(before);
});

const STABLE = PACKS.filter(isStable).map(({ name }) => name.replace('builtin/', ''));

// What it has worked out of the packs beforehand is good for all of them together, and no others.
test.each([
  [[], STABLE, []],
  [['-r', 'builtin'], STABLE, []],
  [['-r', 'builtin/hypervisor'], ['hypervisor'], []],
  [['-r', 'builtin/ethtool'], ['ethtool'], []],
  [['-r', 'builtin/ethtool', '-r', 'builtin/hypervisor'], ['ethtool', 'hypervisor'], []],
  [['-r', 'builtin/hypervisor', '-r', 'builtin/ethtool'], ['hypervisor', 'ethtool'], []],
  [['--off', 'probe-ethtool'], STABLE, ['probe-ethtool']],
])('with %j does as the rules say', async (args, names, off) => {
  const packs = await loadPacks();
  const sets = names.map((name) => packs.find((pack) => pack.name === `builtin/${name}`)!.ruleSet);
  const lines = readdirSync(join(ROOT, 'fixtures/cases'))
    .filter((name) => !existsSync(join(ROOT, 'fixtures/cases', name, 'rules.yaml')))
    .map((name) => readFileSync(join(ROOT, 'fixtures/cases', name, 'input.log')));
  const input = join(scratch(), 'input.log');
  writeFileSync(input, Buffer.concat(lines));
  const { output } = feed(joinRules(sets, off, '').ruleSet, [Buffer.concat(lines)], { envelope: 'auto' });
  const { stdout } = spawnSync(process.execPath, [PROGRAM, ...args, input], { env: {} });
  expect(stdout.toString('latin1')).toBe(output.toString('latin1'));
});

// `process.exit` waits for V8's compilers; flags of V8 at run time, which are gone, had some of them wait for ever.
test.each([1, 300_000])('ends, also beside others, after %i lines', PATIENCE, async (count) => {
  const input = join(scratch(), 'input.log');
  const line = (i: number): string =>
    `{"level":${i % 7 === 0 ? 50 : 30},"pid":${i},"ifacename":"lxc${i % 999}","error":"operation not supported","msg":"ethtool ${i % 13}"}\n`;
  writeFileSync(input, Array.from({ length: count }, (_, i) => line(i)).join(''));
  const endOf = async (): Promise<unknown> =>
    (await once(spawn(process.execPath, [PROGRAM, input], { env: {}, stdio: 'ignore' }), 'exit'))[0];
  for (let round = 0; round < 3; round += 1)
    expect(await Promise.all([endOf(), endOf(), endOf(), endOf()])).toEqual([0, 0, 0, 0]);
});
