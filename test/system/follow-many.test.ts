import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PATIENCE, poll } from '../support/patience.ts';
import { ask } from './asking.ts';
import { followAs, PROGRAM, scratch } from './following.ts';

const namesOf = (text: string): string[] => text.split('\n').slice(0, -1).sort();

test(
  'of more files than there are descriptors, each comes to its turn; what cannot be opened is said and not ready',
  PATIENCE,
  async () => {
    const folder = scratch();
    const at = (name: string): string => join(folder, name);
    const names = Array.from({ length: 40 }, (_, i) => `file-${i}`).sort();
    for (const name of names) writeFileSync(at(`${name}.log`), `${name}\n`);
    const files = ['--listen', `unix:${at('socket')}`, '--checkpoint', at('state'), '--output', at('out')];
    const limited = ['bash', '-c', 'ulimit -n 64; exec "$@"', 'bash'];
    const { stderr, child, ended } = followAs(limited, '--from', 'start', ...files, at('*.log'));
    const out = (): string => (existsSync(at('out')) ? readFileSync(at('out'), 'utf8') : '');
    await expect.poll(stderr, poll).toContain('.log: cannot follow: too many open files\n');
    expect((await ask(at('socket'), '/readyz')).body).toContain('not ready: input fails: ');
    // Those that were read and do not change make room for others.
    await expect.poll(() => namesOf(out()), poll).toEqual(names);
    await expect.poll(stderr, poll).toContain('.log: can be followed again\n');
    // Whether they are open or not: nothing that comes is lost, nor is anything read twice, and no line comes that nobody wrote.
    for (const name of names) appendFileSync(at(`${name}.log`), `${name} again\n`);
    const again = [...names, ...names.map((name) => `${name} again`)].sort();
    await expect.poll(() => namesOf(out()), poll).toEqual(again);
    for (const name of names.slice(0, 3)) {
      appendFileSync(at(`${name}.log`), `${name} last\n`);
      renameSync(at(`${name}.log`), at(`${name}.log.1`));
      writeFileSync(at(`${name}.log`), `${name} new\n`);
    }
    const rotated = names.slice(0, 3).flatMap((name) => [`${name} last`, `${name} new`]);
    await expect.poll(() => namesOf(out()), poll).toEqual([...again, ...rotated].sort());
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  },
);

test('it starts with hardly any descriptors, and says what it cannot open', PATIENCE, async () => {
  const folder = scratch();
  for (let i = 0; i < 30; i += 1) writeFileSync(join(folder, `${i}.log`), 'line\n');
  const { stderr, stdout, child, ended } = followAs(
    ['bash', '-c', 'ulimit -n 32; exec "$@"', 'bash'],
    ...['--from', 'start', '--checkpoint', join(folder, 'state'), join(folder, '*.log')],
  );
  await expect.poll(stderr, poll).toContain('.log: cannot follow: too many open files\n');
  await expect.poll(stdout, poll).toContain('line\n');
  await expect.poll(() => existsSync(join(folder, 'state')), poll).toBe(true);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(stdout()).toMatch(/^(?:line\n)+$/u);
});

test('it answers while it begins with many files', PATIENCE, async () => {
  const folder = scratch();
  const socket = join(folder, 'socket');
  for (let i = 0; i < 1_000; i += 1) writeFileSync(join(folder, `${i}.log`), `${i}\n`);
  const child = spawn(process.execPath, [
    PROGRAM,
    'follow',
    '--from',
    'start',
    '--listen',
    `unix:${socket}`,
    join(folder, '*.log'),
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let lines = 0;
  child.stdout.on('data', (chunk: Buffer) => (lines += chunk.toString().split('\n').length - 1));
  let answers = 0;
  await expect
    .poll(async () => {
      if (existsSync(socket) && (await ask(socket, '/healthz')).status === 200 && lines > 0 && lines < 1_000) answers += 1;
      return lines;
    }, poll)
    .toBe(1_000);
  // It answered at least once between the first lines and the last.
  expect(answers).toBeGreaterThan(0);
});
