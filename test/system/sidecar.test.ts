import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { scratch } from '../cli/host.ts';
import { ask } from '../../src/sidecar/ask.ts';
import { readExposition } from '../sidecar/exposition-reader.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** A process may take this long to start, where others keep the machine busy. */

interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs the built program; it is killed after the test. */
function relevel(...args: string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env['PATH'] } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, ended };
}

async function say(...args: string[]): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> {
  const { child, ended, stdout, stderr } = relevel(...args);
  child.stdin!.end();
  return { code: await ended, out: stdout(), err: stderr() };
}

const rules = (level: string, expected = level): string => `version: 1
rules:
  - id: only
    when: { msg: failed }
    then: { level: ${level} }
    examples: [{ name: one, lines: [{ at: 0s, line: '{"level":50,"msg":"failed"}', becomes: ${expected} }] }]
`;
const LINE = '{"level":50,"msg":"failed"}\n';
const became = (level: number): string => `{"level":${level},"msg":"failed","relevel":{"rule":"only","was":"50"}}\n`;

/** A folder as the kubelet keeps one: the file points through \`..data\`, which is swapped. */
function configMap(text: string): { readonly folder: string; readonly swap: (text: string) => void } {
  const folder = scratch();
  let count = 0;
  const swap = (next: string): void => {
    const name = `..${(count += 1)}`;
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'rules.yaml'), next);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  swap(text);
  symlinkSync('..data/rules.yaml', join(folder, 'rules.yaml'));
  return { folder, swap };
}

test('follows a ConfigMap, and refuses a bad one loudly', PATIENCE, async () => {
  const { folder, swap } = configMap(rules('warn'));
  const socket = `unix:${join(scratch(), 'socket')}`;
  const { child, ended, stdout, stderr } = relevel('-r', folder, '--listen', socket);
  child.stdin!.write(LINE);
  await expect.poll(stdout, poll).toBe(became(40));

  swap(rules('info'));
  await expect.poll(stderr, poll).toBe('relevel: info: rules reloaded, 1 in force\n');
  child.stdin!.write(LINE);
  await expect.poll(stdout, poll).toBe(became(40) + became(30));

  swap(rules('loud').replace('then', 'than'));
  await expect.poll(stderr, poll).toContain('the rules before them stay in force');
  expect(stderr()).toContain(`${join(folder, 'rules.yaml')}:5:5: unknown key "than"`);
  swap(rules('debug', 'info'));
  await expect.poll(stderr, poll).toContain('rule "only", example "one", line 1: expected level info, got level debug');
  child.stdin!.write(LINE);
  await expect.poll(stdout, poll).toBe(became(40) + became(30) + became(30));
  const { out } = await say('status', socket);
  expect(out).toContain(': ready\n  rules: the last reload was refused, 1 problem; the rules before it stay in force\n');
  child.stdin!.end();
  expect(await ended).toBe(0);
});

test('is asked for its state, and to reload', PATIENCE, async () => {
  const file = join(scratch(), 'rules.yaml');
  writeFileSync(file, rules('warn'));
  const { child, ended, stdout, stderr } = relevel('-r', file, '--listen', '0');
  await expect.poll(stderr, poll).toMatch(/listens on 127\.0\.0\.1:\d+\n/u);
  const address = /127\.0\.0\.1:\d+/u.exec(stderr())![0];
  child.stdin!.write(LINE);
  await expect.poll(stdout, poll).toBe(became(40));

  expect(await say('reload', address)).toEqual({ code: 0, out: 'nothing has changed\n', err: '' });
  writeFileSync(file, rules('debug'));
  expect(await say('reload', address)).toEqual({ code: 0, out: 'reloaded: 1 rule is in force\n', err: '' });
  child.stdin!.write(LINE);
  await expect.poll(stdout, poll).toBe(became(40) + became(20));
  writeFileSync(file, rules('loud', 'debug'));
  expect(await say('reload', address)).toEqual({
    code: 2,
    out: '',
    err: `${file}:5:20: unknown level "loud"; levels are trace, debug, info, warn, error, fatal\nthe rules before it stay in force\n`,
  });

  const metrics = readExposition(await (await fetch(`http://${address}/metrics`)).text());
  expect(metrics.get('relevel_rule_fitted_lines_total')!.samples[0]!.value).toBe(2);
  expect(metrics.get('relevel_reloads_total')!.samples.map(({ value }) => value)).toEqual([1, 1]);
  expect((await say('status', address)).out).toMatch(/^relevel \d.*\n {2}rules: the last reload was refused/u);

  // An open connection does not keep it alive.
  const idle = fetch(`http://${address}/healthz`, { keepalive: true });
  expect(await (await idle).text()).toBe('ok\n');
  child.stdin!.end();
  expect(await ended).toBe(0);
  expect(await say('status', address)).toMatchObject({ code: 1, out: '' });
});

test('a silent stream lets go of what a rule held that is gone', PATIENCE, async () => {
  const file = join(scratch(), 'rules.yaml');
  const waiting = `version: 1\nrules: [{ id: w, when: { msg: failed }, await: { success: [{ msg: ok }], within: 1h }, then: { level: debug } }]\n`;
  writeFileSync(file, waiting);
  const socket = `unix:${join(scratch(), 'socket')}`;
  const { child, ended, stdout } = relevel('-r', file, '--listen', socket);
  child.stdin!.write(`${LINE}next\n`);
  await expect
    .poll(async () => (await say('status', socket)).out, { ...PATIENCE, interval: 100 })
    .toContain('; 1 of them wait\n');
  expect(stdout()).toBe('');
  writeFileSync(file, rules('info'));
  await expect.poll(stdout, poll).toBe(`${LINE}next\n`);
  child.stdin!.end();
  expect(await ended).toBe(0);
});

test('takes over from one that was killed', PATIENCE, async () => {
  const socket = `unix:${join(scratch(), 'socket')}`;
  const first = relevel('--listen', socket);
  await expect.poll(async () => (await say('status', socket)).code, { ...PATIENCE, interval: 100 }).toBe(0);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(await say('status', socket)).toMatchObject({ code: 1 });
  const second = relevel('--listen', socket);
  await expect.poll(async () => (await say('status', socket)).code, { ...PATIENCE, interval: 100 }).toBe(0);
  second.child.stdin!.end();
  expect([await second.ended, second.stderr()]).toEqual([0, '']);
});

test('rules from a pipe are read once', PATIENCE, async () => {
  const child = spawn('bash', ['-c', `"$NODE" "$PROGRAM" -r <(printf %s "$RULES") --listen 0`], {
    env: { PATH: process.env['PATH'], NODE: process.execPath, PROGRAM, RULES: rules('warn') },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  await expect.poll(() => err, poll).toContain('listens on');
  const { code, err: refusal } = await say('reload', /127\.0\.0\.1:\d+/u.exec(err)![0]);
  expect([code, refusal]).toEqual([
    2,
    'rules that come from a pipe or a device cannot be read a second time\nthe rules before it stay in force\n',
  ]);
  child.stdin.end();
  expect(await once(child, 'close')).toEqual([0, null]);
});

/** What is wrong with metrics, by Prometheus' own tool; undefined where it is not there. */
function promtool(text: string): string | undefined {
  const { error, status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return error === undefined ? `${status} ${stderr}`.trim() : undefined;
}

const metricsAt = async (address: string): Promise<string> => (await fetch(`http://${address}/metrics`)).text();

const WAITING = `version: 1
rules:
  - { id: waits, when: { msg: failed }, await: { success: [{ msg: ok }], within: 1h }, then: { level: debug } }
  - { id: folds, when: { msg: again }, then: { level: info }, repeat: { by: [], window: 1h, rest: fold } }
`;

test('beside a command it answers too, and is not ready while the queue is full', PATIENCE, async () => {
  const file = join(scratch(), 'rules.yaml');
  writeFileSync(file, WAITING);
  const { child, ended, stdout, stderr } = relevel('run', '-r', file, '--listen', '0', '--hold-lines', '2', '--', 'cat');
  await expect.poll(stderr, poll).toMatch(/listens on/u);
  const address = /127\.0\.0\.1:\d+/u.exec(stderr())![0];
  const readyz = async (): Promise<string> => (await fetch(`http://${address}/readyz`)).text();
  expect(await readyz()).toBe('ready\n');

  child.stdin!.write(LINE + LINE.replace('failed', 'again').repeat(3));
  await expect.poll(readyz, poll).toBe('not ready: the hold queue is full: lines are released unchanged\n');
  child.stdin!.write(LINE);
  await expect.poll(stdout, poll).toContain(LINE);
  const metrics = readExposition(await metricsAt(address));
  const valueOf = (name: string, rule: string): number | undefined =>
    metrics.get(name)!.samples.find(({ labels }) => labels.get('rule') === rule)?.value;
  expect(valueOf('relevel_rule_held_lines_total', 'waits')).toBe(2);
  expect(valueOf('relevel_rule_folded_lines_total', 'folds')).toBe(2);
  expect((await say('status', address)).out).toMatch(/: not ready\n {2}the hold queue is full/u);

  writeFileSync(file, WAITING.replace('id: folds', 'id: other'));
  expect(await say('reload', address)).toEqual({ code: 0, out: 'reloaded: 2 rules are in force\n', err: '' });
  child.stdin!.end();
  expect(await ended).toBe(0);
  await expect(fetch(`http://${address}/healthz`)).rejects.toThrow('fetch failed');
});

test('a file that cannot be read makes it not ready, and the others are followed', PATIENCE, async ({ skip }) => {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, PROGRAM];
  skip(spawnSync('setpriv', [...nobody, '--version']).status !== 0, 'needs root, and setpriv of util-linux');
  const folder = scratch();
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'bad.log'), '', { mode: 0o600 });
  writeFileSync(join(folder, 'good.log'), '', { mode: 0o644 });
  const child = spawn('setpriv', [...nobody, 'follow', '--listen', '0', join(folder, '*.log')]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  await expect.poll(() => text.stderr, poll).toMatch(/listens on/u);
  const address = /127\.0\.0\.1:\d+/u.exec(text.stderr)![0];
  const readyz = async (): Promise<string> => (await fetch(`http://${address}/readyz`)).text();
  await expect.poll(readyz, poll).toBe(`not ready: input fails: ${join(folder, 'bad.log')}\n`);
  expect(text.stderr).toContain(`error: ${join(folder, 'bad.log')}: cannot follow: permission denied\n`);
  writeFileSync(join(folder, 'good.log'), 'a line\n');
  await expect.poll(() => text.stdout, poll).toBe('a line\n');
  chmodSync(join(folder, 'bad.log'), 0o644);
  await expect.poll(readyz, poll).toBe('ready\n');
});

test(
  'SIGHUP has follow read its rules again: bad ones change nothing, and what waits is carried over to good ones',
  PATIENCE,
  async () => {
    const folder = scratch();
    const [file, log] = [join(folder, 'rules.yaml'), join(folder, 'app.log')];
    writeFileSync(file, WAITING);
    writeFileSync(log, LINE);
    const { child, stdout, stderr } = relevel('follow', '-r', file, '--listen', '0', '--from', 'start', log);
    await expect.poll(stderr, poll).toMatch(/listens on/u);
    const address = /127\.0\.0\.1:\d+/u.exec(stderr())![0];
    const valueOf = async (series: string): Promise<string | undefined> =>
      (await metricsAt(address)).split('\n').find((text) => text.startsWith(`${series} `));
    await expect.poll(() => valueOf('relevel_open_waits'), poll).toBe('relevel_open_waits 1');

    writeFileSync(file, WAITING.replace('then', 'than'));
    child.kill('SIGHUP');
    await expect.poll(stderr, poll).toContain('the changed rules were refused');
    expect(stderr()).toContain(`${file}:3:`);
    expect(await (await fetch(`http://${address}/readyz`)).text()).toMatch(/^ready\nrules: the last reload was refused, /u);
    expect(await valueOf('relevel_last_reload_successful')).toBe('relevel_last_reload_successful 0');
    expect(await valueOf('relevel_open_waits')).toBe('relevel_open_waits 1');

    writeFileSync(file, WAITING.replace('id: folds', 'id: other'));
    child.kill('SIGHUP');
    await expect.poll(stderr, poll).toContain('rules reloaded, 2 in force');
    expect(await valueOf('relevel_last_reload_successful')).toBe('relevel_last_reload_successful 1');
    expect(stdout()).toBe('');
    writeFileSync(log, '{"level":30,"msg":"ok"}\n', { flag: 'a' });
    await expect
      .poll(stdout, poll)
      .toMatch(/^\{"level":20,"msg":"failed","relevel":\{"rule":"waits","was":"50",[^\n]*\n\{"level":30,"msg":"ok"\}\n$/u);
  },
);

test("is right by Prometheus' own tool", PATIENCE, async ({ skip }) => {
  skip(promtool('# HELP a_total A.\n# TYPE a_total counter\na_total 1\n') === undefined, 'promtool is not there');
  expect(promtool('# TYPE a_milliseconds gauge\na_milliseconds 1\n')).toMatch(/^3 /u); // it does look

  const folder = scratch();
  const log = join(folder, 'app.log');
  writeFileSync(join(folder, 'rules.yaml'), WAITING);
  writeFileSync(log, LINE + LINE.replace('failed', 'again').repeat(3));
  const args = ['-r', join(folder, 'rules.yaml'), '--listen', '0', '--from', 'start', '--checkpoint', join(folder, 'checkpoint')];
  const { stderr } = relevel('follow', ...args, log);
  await expect.poll(stderr, poll).toMatch(/listens on/u);
  const address = /127\.0\.0\.1:\d+/u.exec(stderr())![0];
  await expect.poll(() => metricsAt(address), poll).toContain('relevel_received_lines_total 4\n');
  await expect.poll(() => metricsAt(address), poll).toContain('relevel_checkpoint_age_seconds');
  const text = await metricsAt(address);
  readExposition(text);
  expect(promtool(text)).toBe('0');
});

test('tells what a rule does with the lines that come in for ten seconds', PATIENCE, async () => {
  const socket = join(scratch(), 'socket');
  const file = join(scratch(), 'rules.yaml');
  writeFileSync(file, rules('info'));
  const running = relevel('-r', file, '--listen', `unix:${socket}`);
  await expect.poll(() => existsSync(socket), poll).toBe(true);
  const writing = setInterval(
    () => running.child.stdin!.write(`${LINE}{"level":30,"msg":"failed"}\n{"level":50,"msg":"token=3fa9c1"}\n`),
    50,
  );
  onTestFinished(() => clearInterval(writing));
  const post = (rule: string) =>
    ask({ kind: 'unix', path: socket }, { method: 'POST', path: `/explain?rule=${rule}`, patience: 30_000 });
  expect(await post('onyl')).toMatchObject({ status: 404, body: expect.stringContaining('"only"') as string });
  const { status, body } = await post('only');
  expect(status).toBe(200);
  const told = JSON.parse(body) as { lines: number; matched: number; stopped: { condition: string; alone: number }[] };
  expect(told.lines).toBeGreaterThan(30);
  expect(told.matched / told.lines).toBeCloseTo(2 / 3, 1);
  expect(told.stopped.map(({ condition }) => condition)).toEqual(['msg "failed"']);
  expect(body).not.toContain('3fa9c1');
  expect(await post('only')).toMatchObject({
    status: 429,
    body: expect.stringMatching(/^explain: once a minute; again in \d+ s/u) as string,
  });
});
