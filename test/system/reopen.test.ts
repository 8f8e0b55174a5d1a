import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { fileWith, scratch } from '../cli/host.ts';
import { bash } from './running.ts';

/** A process may take this long to start, where others keep the machine busy. */
const PATIENCE = { timeout: 60_000 };
const poll = { timeout: 30_000, interval: 20 };

const RULES = join(import.meta.dirname, '../cli/rules.yaml');
const PINO = join(import.meta.dirname, '../../dist/pino.mjs');

/** Numbered lines, until stdin ends. In pieces that end anywhere, so that a line is in the middle most of the time. */
const WRITER = `
let number = 0;
let pending = '';
const timer = setInterval(() => {
  for (let i = 0; i < 20; i += 1) pending += 'line ' + (number += 1) + '\\n';
  const cut = pending.length - 1 - (number % 7);
  process.stdout.write(pending.slice(0, cut));
  pending = pending.slice(cut);
}, 2);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  process.stdout.write(pending);
});`;

const TO_PINO = `
import relevelTransport from '${pathToFileURL(PINO).href}';
const transport = await relevelTransport({ rules: ['builtin'], destination: process.env.OUT });
process.stdin.pipe(transport);`;

const doors: readonly [door: string, command: string][] = [
  ['the filter', '"$NODE" -e "$WRITER" | relevel --output "$OUT"'],
  ['run', 'exec relevel run --output "$OUT" -- "$NODE" -e "$WRITER"'],
  [
    'follow',
    'exec 3<&0; "$NODE" -e "$WRITER" <&3 >> "$IN" & exec relevel follow --from start --interval 20ms --output "$OUT" "$IN" & wait %1; sleep 2; kill %2; wait %2',
  ],
  ['relevel/pino', '"$NODE" -e "$WRITER" | "$NODE" "$TO_PINO"'],
];

const rotations: readonly [how: string, rotate: (path: string, to: string) => void][] = [
  ['renamed', (path, to) => renameSync(path, to)],
  [
    'renamed and created anew',
    (path, to) => {
      renameSync(path, to);
      writeFileSync(path, '');
    },
  ],
];

const cases = doors.flatMap(([door, command]) => rotations.map(([how, rotate]) => [door, how, command, rotate] as const));

test.each(cases)('%s goes on in a new file where its file was %s, and loses and doubles no line', PATIENCE, async (...of) => {
  const [door, , command, rotate] = of;
  const folder = scratch();
  const OUT = join(folder, 'out.log');
  const IN = fileWith('');
  const env = { OUT, IN, NODE: process.execPath, WRITER, TO_PINO: fileWith(TO_PINO, 'to-pino.mjs') };
  const { child, ended, stderr } = bash(command, env);
  const rotated: string[] = [];
  const sizeOf = (path: string): number => (existsSync(path) ? readFileSync(path).length : 0);
  for (let i = 0; i < 2; i += 1) {
    await expect.poll(() => sizeOf(OUT), poll).toBeGreaterThan(100);
    const to = `${OUT}.${i}`;
    rotate(OUT, to);
    rotated.push(to);
  }
  await expect.poll(() => sizeOf(OUT), poll).toBeGreaterThan(100);
  child.stdin!.end('\n');
  if (door !== 'follow') expect([await ended, stderr()]).toEqual([0, '']);
  else await ended;
  const texts = [...rotated, OUT].map((path) => readFileSync(path, 'utf8'));
  for (const text of texts) expect(text.endsWith('\n')).toBe(true);
  const lines = texts.join('').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.filter((line, i) => line !== `line ${i + 1}`)).toEqual([]);
});

test('a file that was deleted is created anew, also where nothing is written', PATIENCE, async () => {
  const OUT = join(scratch(), 'out.log');
  const { child, ended } = bash('exec relevel --output "$OUT"', { OUT });
  child.stdin!.write('one\n');
  await expect.poll(() => existsSync(OUT) && readFileSync(OUT, 'utf8'), poll).toBe('one\n');
  rmSync(OUT);
  await expect.poll(() => existsSync(OUT) && readFileSync(OUT, 'utf8'), poll).toBe('');
  child.stdin!.end('two\n');
  expect(await ended).toBe(0);
  expect(readFileSync(OUT, 'utf8')).toBe('two\n');
});

test('goes on in the old file where the new one cannot be opened, and says so', PATIENCE, async () => {
  const folder = scratch();
  const OUT = join(folder, 'deep/out.log');
  const { child, ended, stderr } = bash('mkdir "$FOLDER/deep"; exec relevel --output "$OUT"', { OUT, FOLDER: folder });
  child.stdin!.write('one\n');
  await expect.poll(() => existsSync(OUT) && readFileSync(OUT, 'utf8'), poll).toBe('one\n');
  renameSync(join(folder, 'deep'), join(folder, 'moved'));
  await expect.poll(stderr, poll).toContain(`relevel: warn: ${OUT}: cannot open: no such file or directory; lines go on`);
  child.stdin!.end('two\n');
  expect(await ended).toBe(0);
  expect(readFileSync(join(folder, 'moved/out.log'), 'utf8')).toBe('one\ntwo\n');
});

test('follow, too, goes on in the old file as long as the path leads nowhere', PATIENCE, async () => {
  const folder = scratch();
  const OUT = join(folder, 'out.log');
  const IN = fileWith('one\n');
  const { child, ended, stderr } = bash('exec relevel follow --from start --interval 20ms --output "$OUT" "$IN"', { OUT, IN });
  const reads = async (path: string, text: string): Promise<void> => {
    await expect.poll(() => (existsSync(path) ? readFileSync(path, 'utf8') : ''), poll).toBe(text);
  };
  await reads(OUT, 'one\n');
  renameSync(OUT, `${OUT}.1`);
  symlinkSync(OUT, OUT);
  await expect.poll(stderr, poll).toBe(`relevel: error: ${OUT}: cannot open: too many symbolic links encountered\n`);
  appendFileSync(IN, 'two\n');
  await reads(`${OUT}.1`, 'one\ntwo\n');
  rmSync(OUT);
  await expect.poll(() => existsSync(OUT), poll).toBe(true);
  appendFileSync(IN, 'three\n');
  await reads(OUT, 'three\n');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('follow says why its output cannot be opened', PATIENCE, async () => {
  const OUT = join(scratch(), 'out.log');
  symlinkSync(OUT, OUT);
  const { ended, stderr } = bash('exec relevel follow --output "$OUT" "$IN"', { OUT, IN: fileWith('one\n') });
  expect(await ended).toBe(1);
  expect(stderr()).toBe(`relevel: error: ${OUT}: cannot open: too many symbolic links encountered\n`);
});

test('so does the archive', PATIENCE, async () => {
  const ARCHIVE = join(scratch(), 'archive.log');
  const repeat = '{"level":50,"msg":"ethtool failed"}\n';
  const { child, ended } = bash('exec relevel -r "$RULES" --archive "$ARCHIVE"', { ARCHIVE, RULES });
  child.stdin!.write(repeat.repeat(3));
  await expect.poll(() => existsSync(ARCHIVE) && readFileSync(ARCHIVE, 'utf8'), poll).toBe(repeat.repeat(2));
  renameSync(ARCHIVE, `${ARCHIVE}.1`);
  let sent = 2;
  await expect
    .poll(() => {
      child.stdin!.write(repeat);
      sent += 1;
      return existsSync(ARCHIVE);
    }, poll)
    .toBe(true);
  child.stdin!.end();
  expect(await ended).toBe(0);
  expect(readFileSync(`${ARCHIVE}.1`, 'utf8') + readFileSync(ARCHIVE, 'utf8')).toBe(repeat.repeat(sent));
});
