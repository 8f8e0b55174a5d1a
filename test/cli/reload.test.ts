import { expect, onTestFinished, test } from 'vitest';
import { writeAddress } from '../../src/sidecar/address.ts';
import type { Reload } from '../../src/sidecar/reloader.ts';
import { serve } from '../../src/sidecar/server.ts';
import { vitalsOf } from '../sidecar/vitals.ts';
import { runMain } from './host.ts';

async function listening(reload: (() => Promise<Reload>) | undefined): Promise<string> {
  const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  const served = await serve({
    address,
    vitals: vitalsOf().vitals,
    reload,
    reloadFor: 'host',
    explain: async () => '{}',
    onProblem: () => {},
  });
  onTestFinished(served.close);
  return writeAddress(served.address);
}

const answers: readonly [reload: Reload, kind: 'done' | 'refused', out: string, err: string][] = [
  [{ kind: 'adopted', rules: 3 }, 'done', 'reloaded: 3 rules are in force\n', ''],
  [{ kind: 'unchanged' }, 'done', 'nothing has changed\n', ''],
  [{ kind: 'refused', problems: ['a.yaml:1:1: x'] }, 'refused', '', 'a.yaml:1:1: x\nthe rules before it stay in force\n'],
];

test.each(answers)('%j', async (reload, kind, out, err) => {
  const address = await listening(async () => reload);
  expect(await runMain(['reload', address])).toMatchObject({ exit: { kind }, out, err });
});

test('says so where rules are not reloaded, or nobody listens', async () => {
  const { exit, err } = await runMain(['reload', await listening(undefined)]);
  expect([exit.kind, err]).toEqual(['failed', 'the rules of this relevel are not reloaded\n']);
  const nobody = await runMain(['reload'], { env: { RELEVEL_LISTEN: 'unix:/gone' } });
  expect(nobody.exit.kind).toBe('failed');
  expect(nobody.err).toContain('unix:/gone: cannot ask: no such file or directory; is there a relevel');
});
