import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tableOf } from '../../src/cli/status.ts';
import { writeAddress } from '../../src/sidecar/address.ts';
import { serve } from '../../src/sidecar/server.ts';
import { statusOf, type Status } from '../../src/sidecar/status.ts';
import { line, vitalsOf } from '../sidecar/vitals.ts';
import { runMain, scratch } from './host.ts';

function statusWith(more: Partial<Status> = {}): Status {
  const { vitals, push } = vitalsOf(undefined, { holdLines: 65_536, holdBytes: 16 << 20 });
  push(line('failed') + line('again').repeat(3), 60_000);
  return { ...statusOf(vitals), ...more };
}

test('prints a table', () => {
  expect(tableOf(statusWith())).toBe(`relevel 1.2.3, process 7, up 1 min 0 s: ready

  rules       2 in force, the last reload was adopted
  held        2 lines of 65536, 109 B of 16MiB; 1 of them wait
  groups      1 open
  memory      47.7 MiB

  in   4 = 0 unchanged + 1 changed + 2 folded + 1 not written
  out  1 = 0 unchanged + 1 changed + 0 summaries

  rule   fitted  held  lowered  to else  folded  summaries
  waits       1     1        0        0       0          0
  folds       3     0        1        0       2          0
`);
});

test('says what is wrong, and nothing that a terminal would obey', () => {
  const table = tableOf(
    statusWith({
      obstacles: ['input fails: a\x1b[2J'],
      notes: ['rules: refused'],
      up: 90_061_000,
      lagBytes: 5_000_000,
      checkpointAge: 1500,
    }),
  );
  expect(table.split('\n').slice(0, 3)).toEqual([
    'relevel 1.2.3, process 7, up 1 d 1 h: not ready',
    String.raw`  input fails: a\x1b[2J`,
    '  rules: refused',
  ]);
  expect(table).toContain('  behind      4.8 MiB\n  checkpoint  written 1 s ago\n');
});

async function listening(): Promise<string> {
  const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  const served = await serve({
    address,
    vitals: vitalsOf().vitals,
    reload: undefined,
    reloadFor: 'host',
    explain: async () => '{}',
    onProblem: () => {},
  });
  onTestFinished(served.close);
  return writeAddress(served.address);
}

test('as JSON for a script, on one line', async () => {
  const { exit, out, err } = await runMain(['status', '--json', await listening()]);
  expect([exit.kind, err, out.split('\n').length]).toEqual(['done', '', 2]);
  expect(JSON.parse(out)).toMatchObject({ version: '1.2.3', pid: 7, obstacles: [] });
});

test('asks again and again, until nobody answers', async () => {
  const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  const { vitals } = vitalsOf();
  let asked = 0;
  const counting = { ...vitals, memory: () => ((asked += 1), vitals.memory()) };
  const served = await serve({
    address,
    vitals: counting,
    reload: undefined,
    reloadFor: 'host',
    explain: async () => '{}',
    onProblem: () => {},
  });
  onTestFinished(() => served.close());
  const ran = runMain(['status', '--json', '--watch', writeAddress(served.address)]);
  await expect.poll(() => asked).toBe(2);
  served.close();
  const { exit, out, err } = await ran;
  expect([exit.kind, out.trimEnd().split('\n').length]).toEqual(['failed', 2]);
  expect(err).toContain('cannot ask');
});

test('its options have no variables', async () => {
  const { out } = await runMain(['status', await listening()], { env: { RELEVEL_JSON: 'true' } });
  expect(out).toMatch(/^relevel 1\.2\.3, process 7/u);
});

test('asks the address that was said, or that of the environment', async () => {
  const address = await listening();
  const { exit, out, err } = await runMain(['status', address]);
  expect([exit, err]).toEqual([{ kind: 'done', unread: 0 }, '']);
  expect(out).toMatch(/^relevel 1\.2\.3, process 7, .*: ready\n/u);
  const env = { RELEVEL_LISTEN: address };
  expect((await runMain(['status'], { env })).out).toBe(out);
  expect((await runMain(['status', 'unix:/gone'], { env })).exit).toEqual({ kind: 'failed' });
});

const wrong: readonly [args: string[], env: Record<string, string>, kind: 'failed' | 'refused', err: string][] = [
  [
    ['status', '127.0.0.1:1'],
    {},
    'failed',
    'relevel: error: 127.0.0.1:1: cannot ask: connection refused; is there a relevel that runs with --listen 127.0.0.1:1\n',
  ],
  [['status'], {}, 'refused', 'relevel: error: no address; say one, or set RELEVEL_LISTEN to a port, host:port or unix:path\n'],
  [['status', ':1'], {}, 'refused', 'relevel: error: ":1" is not a port, host:port or unix:path\n'],
  [['status'], { RELEVEL_LISTEN: 'x' }, 'refused', 'relevel: error: RELEVEL_LISTEN: "x" is not a port, host:port or unix:path\n'],
  [['status', '1', '2'], {}, 'refused', 'relevel: error: "2" is one address too many\n'],
];

test.each(wrong)('%j %j', async (args, env, kind, err) => {
  const ran = await runMain(args, { env });
  expect(ran.exit).toEqual({ kind });
  expect(ran.err.startsWith(err), ran.err).toBe(true);
});

const LONG = `unix:/run/${'x'.repeat(120)}`;
const doors: readonly [args: string[], env: Record<string, string>, place: string][] = [
  [['status', LONG], {}, ''],
  [['reload'], { RELEVEL_LISTEN: LONG }, 'RELEVEL_LISTEN: '],
  [['--listen', LONG], {}, '--listen: '],
  [['follow', '--output', LONG, '*.log'], {}, '--output: '],
  [['run', '--', 'true'], { RELEVEL_OUTPUT: LONG }, 'RELEVEL_OUTPUT: '],
];

test.each(doors)("says how long a socket's path may be: %j %j", async (args, env, place) => {
  const { exit, err } = await runMain(args, { env });
  expect(exit).toEqual({ kind: 'refused' });
  expect(err).toContain(`relevel: error: ${place}"unix:/run/xxx`);
  expect(err).toContain('is not a unix:path of at most 107 bytes');
});

test('says so where something else answers', async () => {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => response.end('{"hello":1}')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await expect.poll(() => server.listening).toBe(true);
  const { port } = server.address() as { port: number };
  expect((await runMain(['status', String(port)])).err).toBe('relevel: error: what answers there is no relevel\n');
});

test('a pipe does without its server rather than without its lines', async () => {
  const path = join(scratch(), 'gone', 'socket');
  const { exit, out, err } = await runMain(['--listen', `unix:${path}`], { stdin: 'a line\n' });
  expect([exit, out]).toEqual([{ kind: 'done', unread: 0 }, 'a line\n']);
  expect(err).toMatch(/^relevel: error: unix:.*: cannot listen: .*; the lines pass all the same\n$/u);
});

// `npx vitest -u` rewrites the files; read the diff before you commit it.
test.each([['status'], ['reload']])('the help of %s', async (name) => {
  const { out } = await runMain(['help', name]);
  expect(out.split('\n').every((each) => each.length <= 96)).toBe(true);
  await expect(out).toMatchFileSnapshot(join(import.meta.dirname, `help/${name}.txt`));
});
