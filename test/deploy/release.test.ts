import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const WORKFLOWS = join(ROOT, '.github/workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly on: object;
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<string, { readonly 'runs-on': string; readonly 'timeout-minutes': number; readonly steps: readonly Step[] }>
  >;
}

test.each(readdirSync(WORKFLOWS))('the workflow %s is whole, names no host, and runs what is there', (name) => {
  const text = readFileSync(join(WORKFLOWS, name), 'utf8');
  expect(text).not.toMatch(/:\/\/|\$\{\{\s*secrets/u);
  const { jobs, on, permissions } = parse(text) as Workflow;
  expect([typeof on, typeof permissions]).toEqual(['object', 'object']);
  for (const job of Object.values(jobs)) {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    for (const { uses, run } of job.steps) {
      expect([uses, run].filter((part) => part !== undefined)).toHaveLength(1);
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/u);
      const script = /(?:^|\s)(\.ci\/\w+)/u.exec(run ?? '')?.[1];
      if (script !== undefined) expect(existsSync(join(ROOT, script))).toBe(true);
    }
  }
});

test('a tag that is not the version is refused, before anything is made', () => {
  const { status, stderr } = spawnSync(join(ROOT, '.ci/release'), ['v999.0.0', '/nonexistent'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^the tag is v999\.0\.0, and package\.json says /u)]);
});

test.each(['run', 'release'])('.ci/%s is a script', (name) => {
  expect(execFileSync('bash', ['-n', join(ROOT, '.ci', name)], { encoding: 'utf8' })).toBe('');
});
