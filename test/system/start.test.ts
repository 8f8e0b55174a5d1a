import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../cli/host.ts';
import { loadPacks } from '../../src/packs/builtin.ts';
import { joinRules } from '../../src/rules/join.ts';
import { feed } from '../support/feed.ts';

const ROOT = join(import.meta.dirname, '../..');
const CASE = join(ROOT, 'fixtures/cases/a-prober-finds-kvm');
const EXPECTED = readFileSync(join(CASE, 'expected.log'), 'utf8');

// `npm run build` makes it.
const partsOf = (folder: string): string[] => readdirSync(join(folder, 'parts'));

/** What the bytecode of this Node is called. */
const OURS = `${partsOf(join(ROOT, 'dist')).find((part) => /^first-\w+\.js$/u.test(part))}.${process.version}-${process.arch}.bytecode`;

/** In CI, newer Nodes run what the oldest has built. */
const BUILT_HERE = existsSync(join(ROOT, 'dist/parts', OURS));

/** A copy of the program that may be spoiled: where it is, and its bytecode, which claims to be of this Node. */
function copyOfProgram(name = 'dist'): { readonly folder: string; readonly program: string; readonly bytecode: string } {
  const folder = join(scratch(), name);
  cpSync(join(ROOT, 'dist'), folder, { recursive: true });
  const bytecode = join(folder, 'parts', OURS);
  const built = partsOf(folder).find((part) => part.endsWith('.bytecode'))!;
  renameSync(join(folder, 'parts', built), bytecode);
  return { folder, program: join(folder, 'relevel.js'), bytecode };
}

/** Runs it on a case, and says what it wrote and what became of its bytecode. */
function start(program: string, flags: readonly string[] = []) {
  const told = join(scratch(), 'told');
  const recorder = `${told}.cjs`;
  writeFileSync(
    recorder,
    `const vm = require('node:vm'), { appendFileSync } = require('node:fs');
     vm.Script = class extends vm.Script {
       constructor(text, options) {
         super(text, options);
         appendFileSync(${JSON.stringify(told)}, options.cachedData === undefined ? 'none ' : this.cachedDataRejected ? 'refused ' : 'taken ');
       }
     };`,
  );
  const args = [...flags, '--require', recorder, program, join(CASE, 'input.log')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
  return { status, stdout, stderr, bytecode: readFileSync(told, 'utf8').trim() };
}

const well = { status: 0, stdout: EXPECTED, stderr: '' };

test('what every run needs is one file, and V8 takes the bytecode that this Node has made of it', () => {
  expect(start(join(ROOT, 'dist/relevel.js'))).toEqual({ ...well, bytecode: BUILT_HERE ? 'taken' : 'none' });
});

const spoilt: readonly [claim: string, spoil: (bytecode: string) => void, bytecode: string][] = [
  ['is not there', (bytecode) => rmSync(bytecode), 'none'],
  ['is empty', (bytecode) => truncateSync(bytecode), 'refused'],
  ['was cut off', (bytecode) => truncateSync(bytecode, statSync(bytecode).size - 1), 'refused'],
  ['is something else', (bytecode) => writeFileSync(bytecode, 'no bytecode'.repeat(1000)), 'refused'],
];

test.each(spoilt)('does the same where the bytecode %s', (_claim, spoil, bytecode) => {
  const copy = copyOfProgram();
  spoil(copy.bytecode);
  expect(start(copy.program)).toEqual({ ...well, bytecode });
});

test('does the same under flags of V8 that the bytecode was not made for', () => {
  expect(start(copyOfProgram().program, ['--no-opt'])).toEqual({ ...well, bytecode: 'refused' });
});

test('starts from wherever it lies, and leaves no trace there', () => {
  const { folder, program } = copyOfProgram('a folder – für alles');
  const link = join(scratch(), 'relevel');
  symlinkSync(program, link);
  const listing = (): unknown =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
  const before = listing();
  expect(start(link)).toMatchObject(well);
  expect(listing()).toEqual(before);
});

// What it has worked out of the packs beforehand is good for all of them together, and no others.
test.each([
  [[], ['ethtool', 'hypervisor'], []],
  [['-r', 'builtin'], ['ethtool', 'hypervisor'], []],
  [['-r', 'builtin/hypervisor'], ['hypervisor'], []],
  [['-r', 'builtin/ethtool'], ['ethtool'], []],
  [['-r', 'builtin/ethtool', '-r', 'builtin/hypervisor'], ['ethtool', 'hypervisor'], []],
  [['-r', 'builtin/hypervisor', '-r', 'builtin/ethtool'], ['hypervisor', 'ethtool'], []],
  [['--off', 'probe-ethtool'], ['ethtool', 'hypervisor'], ['probe-ethtool']],
])('with %j does as the rules say', async (args, names, off) => {
  const packs = await loadPacks();
  const sets = names.map((name) => packs.find((pack) => pack.name === `builtin/${name}`)!.ruleSet);
  const lines = readdirSync(join(ROOT, 'fixtures/cases'))
    .filter((name) => !existsSync(join(ROOT, 'fixtures/cases', name, 'rules.yaml')))
    .map((name) => readFileSync(join(ROOT, 'fixtures/cases', name, 'input.log')));
  const input = join(scratch(), 'input.log');
  writeFileSync(input, Buffer.concat(lines));
  const { output } = feed(joinRules(sets, off, '').ruleSet, [Buffer.concat(lines)]);
  const { stdout } = spawnSync(process.execPath, [join(ROOT, 'dist/relevel.js'), ...args, input], { env: {} });
  expect(stdout.toString('latin1')).toBe(output.toString('latin1'));
});
