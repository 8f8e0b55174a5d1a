import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ROOT } from './project.ts';
import { PATIENCE } from '../support/patience.ts';

// What a program that never ends its stream may rely on: the end of the process lets go what is held, and is not put off.

const LIBRARY = join(ROOT, 'dist/index.mjs');
beforeAll(() => {
  if (!existsSync(LIBRARY)) throw new Error('dist/index.mjs is not there; npm run build makes it');
});

const program = (how: string): string => `
import { createRelevel } from ${JSON.stringify(LIBRARY)};
const relevel = createRelevel({ rules: ${JSON.stringify(join(ROOT, 'test/cli/rules.yaml'))} });
relevel.pipe(process.stdout);
relevel.write('{"level":50,"msg":"ethtool failed"}\\n'.repeat(3)); // open for ten minutes
relevel.write('{"level":50,"pid":7,"msg":"Error creating MSHV"}\\nno newline'); // waits for a minute
await new Promise(setImmediate);
${how}
`;

const LEFT =
  /^\{"level":40,.*"was":"50"\}\}\n\{"level":50,"pid":7,"msg":"Error creating MSHV"\}\n\{"level":40,.*"repeats":2,.*\}\nno newline$/u;

test.each([
  ['by itself', '', 0],
  ['by process.exit', 'process.exit(7);', 7],
  ['by an uncaught exception', "throw new Error('uncaught');", 1],
])('a process that ends %s leaves nothing behind, and does not wait', (_claim, how, code) => {
  const args = ['--input-type=module', '-e', program(how)];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: PATIENCE.timeout });
  expect(stdout).toMatch(LEFT);
  expect(status).toBe(code);
});

test('a process that ends its stream leaves no listener behind', () => {
  const how = `
relevel.end();
await new Promise((resolve) => relevel.on('close', resolve));
const ours = [...process.listeners('exit'), ...process.listeners('beforeExit')].filter(({ name }) => /^tell/u.test(name));
console.error(ours.length);`;
  const args = ['--input-type=module', '-e', program(how)];
  const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: PATIENCE.timeout });
  expect([stderr, status]).toEqual(['0\n', 0]);
});
