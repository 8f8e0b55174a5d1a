import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { PATIENCE } from '../support/patience.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** Runs a script where $DISK has room for 64 KiB. Its output, or why it could not be run. */
function onSmallDisk(script: string): { readonly out: string; readonly unable: string | undefined; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'disk'));
  const whole = `mount -t tmpfs -o size=64k none "$DISK" || exit 99\n${script.replaceAll('relevel', `'${process.execPath}' '${PROGRAM}'`)}`;
  const { stdout, stderr, status } = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'bash', '-c', whole], {
    env: { PATH: process.env['PATH'], FOLDER: folder, DISK: join(folder, 'disk') },
    encoding: 'utf8',
  });
  const unable = status === 0 ? undefined : `no disk of our own: ${stderr}`;
  return { out: stdout, unable, folder };
}

const LINES = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');

test('says that the disk is full, and how much was not written', PATIENCE, ({ skip }) => {
  const { out, unable } = onSmallDisk(`
seq -f 'line %.0f' 0 19999 > "$FOLDER/in.log"
relevel --output "$DISK/out.log" "$FOLDER/in.log" 2>&1; echo "code $?"
stat -c %s "$DISK/out.log"`);
  skip(unable?.includes('unshare') === true || unable?.includes('mount') === true, unable);
  const [said, code, size] = out.trimEnd().split('\n');
  const [, lost] = /^relevel: error: .*out\.log: cannot write: no space left on device; (\d+) bytes were not written$/u.exec(
    said!,
  )!;
  expect(code).toBe('code 1');
  expect(Number(size)).toBe(65_536);
  expect(Number(size) + Number(lost)).toBeLessThanOrEqual(LINES.length);
});

test('a checkpoint does not pass what a full disk has not taken', PATIENCE, ({ skip }) => {
  const { out, unable, folder } = onSmallDisk(`
seq -f 'line %.0f' 0 19999 > "$FOLDER/app.log"
follow() { relevel follow --checkpoint "$FOLDER/checkpoint" --output "$DISK/out.log" "$FOLDER/app.log" 2>&1; }
follow; echo "code $?"
mount -o remount,size=8m "$DISK"
exec 3< <(relevel follow --checkpoint "$FOLDER/checkpoint" --output "$DISK/out.log" "$FOLDER/app.log" 2>&1 & echo $!; wait $!; echo "code $?")
read -u 3 pid
until tail -1 "$DISK/out.log" | grep -q 'line 19999$'; do sleep 0.05; done
kill -TERM $pid; cat <&3
cp "$DISK/out.log" "$FOLDER/out.log"`);
  skip(unable?.includes('unshare') === true || unable?.includes('mount') === true, unable);
  expect(out).toMatch(/^relevel: error: .*no space left on device; \d+ bytes were not written\ncode 1\ncode 0\n$/u);
  const lines = readFileSync(join(folder, 'out.log'), 'utf8').split('\n');
  expect(LINES.split('\n').filter((line) => !lines.includes(line))).toEqual([]);
  // Where there was no more room, one line is torn; what is behind it begins on a line of its own.
  expect(lines.filter((line) => !/^line \d+$|^$/u.test(line)).length).toBeLessThanOrEqual(1);
});

test('run goes on at a line where there is room again', PATIENCE, ({ skip }) => {
  const { out, unable, folder } = onSmallDisk(`
head -c 61440 /dev/zero > "$DISK/ballast"
relevel run -- bash -c '
  seq -f "line %.0f" 0 1999; sleep 0.3; echo "not tried so soon"
  rm "$DISK/ballast"; sleep 1.2; echo "line 2000"; sleep 0.1; echo "line 2001"; exit 3' 2>&1 > "$DISK/out.log"; echo "code $?"
cp "$DISK/out.log" "$FOLDER/out.log"`);
  skip(unable?.includes('unshare') === true || unable?.includes('mount') === true, unable);
  const [first, then, code] = out.trimEnd().split('\n');
  expect(first).toMatch(/^relevel: error: stdout: cannot write: no space left on device; \d+ bytes were not written$/u);
  const [, lost] = /^relevel: warn: stdout: there is room again; (\d+) bytes were not written$/u.exec(then!)!;
  expect(code).toBe('code 3');

  const text = readFileSync(join(folder, 'out.log'), 'utf8');
  const lines = text.split('\n');
  expect(lines.slice(-3)).toEqual(['line 2000', 'line 2001', '']);
  const torn = lines.findIndex((line, i) => line !== `line ${i}`);
  expect(lines).toHaveLength(torn + 4);
  expect(`line ${torn}`.startsWith(lines[torn]!)).toBe(true);
  const sent = Array.from({ length: 2002 }, (_, i) => `line ${i}\n`).join('').length + 'not tried so soon\n'.length;
  const isEnded = lines[torn] === '' ? 0 : 1; // by a newline of ours
  expect(text.length - isEnded + Number(lost)).toBe(sent);
});
