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

test('follow waits while the disk is full, is not ready, and loses nothing', PATIENCE, ({ skip }) => {
  const { out, unable, folder } = onSmallDisk(`
seq -f 'line %.0f' 0 19999 > "$FOLDER/app.log"
relevel follow --checkpoint "$FOLDER/checkpoint" --output "$DISK/out.log" --listen unix:"$FOLDER/socket" "$FOLDER/app.log" 2>"$FOLDER/said" &
pid=$!
until grep -q 'cannot write' "$FOLDER/said"; do sleep 0.05; done
relevel status unix:"$FOLDER/socket" | grep 'takes nothing'
sleep 1.5; mount -o remount,size=8m "$DISK"
until tail -1 "$DISK/out.log" | grep -q 'line 19999$'; do sleep 0.05; done
until relevel status unix:"$FOLDER/socket" | grep -w ready | grep -qv not; do sleep 0.05; done
kill -TERM $pid; wait $pid; echo "code $?"
cat "$FOLDER/said"; cp "$DISK/out.log" "$FOLDER/out.log"`);
  skip(unable?.includes('unshare') === true || unable?.includes('mount') === true, unable);
  expect(out).toContain('the output takes nothing: no space left on device; the inputs wait');
  const said = out.slice(out.indexOf('code 0\n'));
  expect(said).toMatch(
    /^code 0\nrelevel: error: .*out\.log: cannot write: no space left on device; the input waits, and it is tried again each second\nrelevel: info: .*out\.log: there is room again; nothing was lost\n$/u,
  );
  expect(readFileSync(join(folder, 'out.log'), 'utf8')).toBe(LINES);
});

test('follow that is stopped while the disk is full leaves the rest to the next start', PATIENCE, ({ skip }) => {
  const { out, unable, folder } = onSmallDisk(`
seq -f 'line %.0f' 0 19999 > "$FOLDER/app.log"
args=(--checkpoint "$FOLDER/checkpoint" --grace 300ms --output "$DISK/out.log" "$FOLDER/app.log")
for life in 1 2; do
  relevel follow "\${args[@]}" 2>"$FOLDER/said" &
  pid=$!
  until grep -q 'cannot' "$FOLDER/said"; do sleep 0.05; done
  kill -TERM $pid; wait $pid; echo "code $?"
done
mount -o remount,size=8m "$DISK"
relevel follow "\${args[@]}" 2>"$FOLDER/said" &
pid=$!
until tail -1 "$DISK/out.log" | grep -q 'line 19999$'; do sleep 0.05; done
kill -TERM $pid; wait $pid; echo "code $?"
cp "$DISK/out.log" "$FOLDER/out.log"`);
  skip(unable?.includes('unshare') === true || unable?.includes('mount') === true, unable);
  expect(out).toBe('code 143\ncode 143\ncode 0\n');
  const lines = readFileSync(join(folder, 'out.log'), 'utf8').split('\n');
  expect(LINES.split('\n').filter((line) => !lines.includes(line))).toEqual([]);
  // Where there was no more room, one line is torn; what is behind it begins on a line of its own.
  expect(lines.filter((line) => !/^line \d+$|^$/u.test(line)).length).toBeLessThanOrEqual(1);
});

test.each([
  ['rotated', 'mv "$DISK/out.log" "$FOLDER/out.log.1"'],
  ['rotated once it was tried again', 'sleep 2.5; mv "$DISK/out.log" "$FOLDER/out.log.1"'],
  ['emptied', 'cp "$DISK/out.log" "$FOLDER/out.log.1"; : > "$DISK/out.log"'],
])(
  'an output that is %s while the disk is full is gone on with at the start of the line that was torn',
  PATIENCE,
  (_how, act) => {
    const { unable, folder } = onSmallDisk(`
seq -f 'line %.0f' 0 8999 > "$FOLDER/app.log"
relevel follow --from start --output "$DISK/out.log" "$FOLDER/app.log" 2>"$FOLDER/said" &
pid=$!
until grep -q 'cannot write' "$FOLDER/said"; do sleep 0.05; done
${act}
until tail -1 "$DISK/out.log" | grep -q 'line 8999$'; do sleep 0.05; done
kill -TERM $pid; wait $pid
cp "$DISK/out.log" "$FOLDER/out.log"`);
    if (unable !== undefined) return expect(unable).toMatch(/unshare|mount/u);
    const before = readFileSync(join(folder, 'out.log.1'), 'utf8');
    const torn = before.slice(before.lastIndexOf('\n') + 1);
    expect(before.slice(0, before.length - torn.length) + readFileSync(join(folder, 'out.log'), 'utf8')).toBe(
      Array.from({ length: 9_000 }, (_, i) => `line ${i}\n`).join(''),
    );
  },
);

test('run goes on at a line where there is room again', PATIENCE, ({ skip }) => {
  const { out, unable, folder } = onSmallDisk(`
head -c 61440 /dev/zero > "$DISK/ballast"
relevel run -- bash -c '
  seq -f "line %.0f" 0 1999; until grep -q "no space" "$FOLDER/err"; do sleep 0.05; done; echo "not tried so soon"
  rm "$DISK/ballast"; sleep 1.2; echo "line 2000"; sleep 0.1; echo "line 2001"; exit 3' 2> "$FOLDER/err" > "$DISK/out.log"; code=$?
cat "$FOLDER/err"; echo "code $code"
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

test('so does the filter: whoever writes to it is not harmed, and what is lost is counted', PATIENCE, ({ skip }) => {
  const { out, unable, folder } = onSmallDisk(`
head -c 61440 /dev/zero > "$DISK/ballast"
{ seq -f "line %.0f" 0 1999; until grep -q "no space" "$FOLDER/err"; do sleep 0.05; done; echo "not tried so soon"
  rm "$DISK/ballast"; sleep 1.2; echo "line 2000"; sleep 0.1; echo "line 2001"; } | { relevel 2> "$FOLDER/err" > "$DISK/out.log"; echo "code $?"; }
cat "$FOLDER/err"
cp "$DISK/out.log" "$FOLDER/out.log"`);
  skip(unable?.includes('unshare') === true || unable?.includes('mount') === true, unable);
  const lines = readFileSync(join(folder, 'out.log'), 'utf8').split('\n');
  expect(lines.slice(-3)).toEqual(['line 2000', 'line 2001', '']);
  expect(lines.filter((line) => !/^line \d+$|^$/u.test(line)).length).toBeLessThanOrEqual(1);
  expect(out).toMatch(/^relevel: error: stdout: cannot write: no space left on device; \d+ bytes were not written$/mu);
  expect(out).toMatch(/^relevel: warn: stdout: there is room again; \d+ bytes were not written$/mu);
  expect(out).toContain('code 1\n');
});

const doors: readonly [door: string, command: string][] = [
  [
    'the filter',
    '{ seq -f "line %.0f" 0 9999; until grep -q "no space" "$FOLDER/err"; do sleep 0.05; done; rm "$DISK/out.log"; sleep 1.2; echo after; } | relevel --output "$DISK/out.log"',
  ],
  [
    'run',
    `relevel run --output "$DISK/out.log" -- sh -c 'seq -f "line %.0f" 0 9999; until grep -q "no space" "$FOLDER/err"; do sleep 0.05; done; rm "$DISK/out.log"; sleep 1.2; echo after'`,
  ],
];

test.each(doors)('%s goes on in a new file where somebody deletes the one that filled the disk', PATIENCE, (_door, command) => {
  const { unable, folder } = onSmallDisk(`${command} 2> "$FOLDER/err"; cp "$DISK/out.log" "$FOLDER/out.log"`);
  if (unable?.includes('unshare') === true || unable?.includes('mount') === true) return; // as the tests above say
  expect(readFileSync(join(folder, 'out.log'), 'utf8')).toBe('after\n');
});
