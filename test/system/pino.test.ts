import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import { openProject, ROOT, type Project } from './project.ts';
import { PATIENCE } from '../support/patience.ts';

// The transport as pino runs it: in a worker, from the packed package, in a process of its own.

let project: Project;
beforeAll(() => {
  project = openProject(['pino', 'pino-pretty']);
  project.write('rules.yaml', readFileSync(join(ROOT, 'test/cli/rules.yaml'), 'utf8'));
  project.write('program.mjs', PROGRAM);
}, PATIENCE.timeout);

// An export keeps the logger: of one that is garbage collected, pino ends the worker, whatever that has in hand.

/** Logs `lines` lines, the last but one of which waits for an answer that never comes, and then ends in the way that it is told. */
const PROGRAM = `
import pino from 'pino';
const [how, lines, options, more] = process.argv.slice(2);
const target = { target: 'relevel/pino', options: { rules: 'rules.yaml', ...JSON.parse(options ?? '{}') } };
const ways = {
  pipeline: { pipeline: [target, { target: 'pino/file', options: { destination: 1 } }] },
  last: { pipeline: [target] },
  targets: { targets: [{ level: 'info', ...target }, { level: 'fatal', target: 'pino/file', options: { destination: 2 } }] },
};
const transport = pino.transport(ways[how] ?? target);
export const log = pino({ base: { pid: 7 }, timestamp: false, ...JSON.parse(more ?? '{}') }, transport);
if (how === 'ready, then exit') await new Promise((resolve) => transport.on('ready', resolve));
for (let i = 0; i < Number(lines); i += 1) log.info({ i }, 'a line like many others, of some length');
log.error('Error creating MSHV');
log.info('behind it');
if (how === 'exit' || how === 'ready, then exit') process.exit(7);
if (how === 'throw') throw new Error('uncaught');
if (how === 'reject') Promise.reject(new Error('unhandled'));
if (how === 'end') transport.end();
`;

const LINES = 50_000;
const HELD = '{"level":50,"pid":7,"msg":"Error creating MSHV"}\n{"level":30,"pid":7,"msg":"behind it"}\n';
const written = (lines: number): string =>
  Array.from({ length: lines }, (_, i) => `{"level":30,"pid":7,"i":${i},"msg":"a line like many others, of some length"}\n`).join(
    '',
  );

async function run(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const child = spawn(process.execPath, ['program.mjs', ...args], { cwd: project.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await closed) as [unknown];
  return { code, out, err };
}

const ends: readonly [how: string, code: number, err: string][] = [
  ['by itself', 0, ''],
  ['exit', 7, ''],
  ['ready, then exit', 7, ''],
  ['throw', 1, 'Error: uncaught'],
  ['reject', 1, 'Error: unhandled'],
  ['end', 0, ''],
  ['pipeline', 0, ''],
  ['last', 0, ''],
  ['targets', 0, ''],
];

// As many lines as fill all buffers on the way many times over, and so few that the worker is not up when all is over.
test.each(ends.flatMap((end) => [[...end, LINES] as const, [...end, 0] as const]))(
  'loses nothing, and lets go what is held: %s, exit code %i',
  PATIENCE,
  async (how, code, err, lines) => {
    const ran = await run(how, String(lines));
    expect(ran.err).toContain(err);
    expect(ran.code).toBe(code);
    expect(ran.out === `${written(lines)}${HELD}`, ran.out.slice(-300)).toBe(true);
  },
);

test('waits for a reader that is slow, also in process.exit', PATIENCE, async () => {
  const child = spawn(process.execPath, ['program.mjs', 'exit', String(LINES)], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    child.stdout.pause();
    setImmediate(() => child.stdout.resume());
  });
  expect(await once(child, 'close')).toEqual([7, null]);
  expect(size).toBe(written(LINES).length + HELD.length);
});

test('lowers what was answered', PATIENCE, async () => {
  project.write(
    'answered.mjs',
    `import pino from 'pino';
export const log = pino({ base: { pid: 7 }, timestamp: false }, pino.transport({ target: 'relevel/pino', options: { rules: 'rules.yaml' } }));
log.error('Error creating MSHV');
log.info({ device: '/dev/kvm', outcome: 'ready' });
for (let i = 0; i < 3; i += 1) log.error('ethtool failed');
`,
  );
  const lines = project.run(process.execPath, ['answered.mjs']).trim().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^\{"level":20,"pid":7,"msg":"no MSHV","relevel":\{"rule":"probe","was":"50",/u),
    '{"level":30,"pid":7,"device":"/dev/kvm","outcome":"ready"}',
    '{"level":40,"pid":7,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50"}}',
    expect.stringMatching(/"repeats":2/u),
  ]);
});

test('appends to a file, in a folder that it makes, and keeps carriage returns', PATIENCE, async () => {
  const options = JSON.stringify({ destination: 'logs/deep/app.log', mkdir: true, archive: 'folded.log' });
  for (let i = 0; i < 2; i += 1) expect(await run('exit', '2', options, '{"crlf":true}')).toEqual({ code: 7, out: '', err: '' });
  const expected = `${written(2)}${HELD}`.replaceAll('\n', '\r\n');
  expect(readFileSync(join(project.folder, 'logs/deep/app.log'), 'utf8')).toBe(expected.repeat(2));
});

test('is quiet where its reader goes away', PATIENCE, async () => {
  const ran = execFileSync(
    'bash',
    ['-c', `"$0" program.mjs 'by itself' ${LINES} | head -1; echo "code \${PIPESTATUS[0]}"`, process.execPath],
    {
      cwd: project.folder,
      encoding: 'utf8',
    },
  );
  expect(ran).toBe(`${written(1)}code 0\n`);
});

const wrong: readonly [claim: string, options: object, error: string][] = [
  [
    'rules with a problem',
    { rules: { text: 'version: 1\nrule: []', name: 'mine' } },
    'mine:2:1: unknown key "rule"; did you mean "rules"',
  ],
  ['no such file of rules', { rules: '/gone.yaml' }, 'rules: /gone.yaml: cannot read: no such file or directory'],
  ['no such option', { rule: 'builtin' }, 'relevel: unknown option "rule"; did you mean "rules"'],
  ['no folder for the file', { destination: '/gone/app.log' }, '/gone/app.log: cannot open: no such file or directory'],
];

test.each(wrong)("says what is wrong as the transport's error: %s", PATIENCE, async (_claim, options, error) => {
  const { code, err } = await run('by itself', '3', JSON.stringify(options));
  expect(err).toContain(error);
  expect(code).toBe(1);
});

test('says on stderr that a disk is full, when nobody hears of an error any more', PATIENCE, async () => {
  const { err } = await run('exit', '3', JSON.stringify({ destination: '/dev/full' }));
  expect(err).toMatch(/^relevel: error: \/dev\/full: cannot write: no space left on device; \d+ bytes were not written\n/u);
});

test('a folder is no file to write to', PATIENCE, async () => {
  mkdirSync(join(project.folder, 'folder'), { recursive: true });
  const { err } = await run('by itself', '3', JSON.stringify({ destination: 'folder' }));
  expect(err).toContain('folder: cannot open: is a directory');
});
