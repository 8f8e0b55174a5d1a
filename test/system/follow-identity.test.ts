import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { scratch } from '../io/scratch.ts';
import { PATIENCE, poll } from '../support/patience.ts';
import { PROGRAM, runningOf, type Running } from './running.ts';

/** Follows `a.log` of a new folder, in one life after the other. */
class Lives {
  readonly folder = scratch();
  readonly log = join(this.folder, 'a.log');
  readonly checkpoint = join(this.folder, 'checkpoint');
  /** What all lives have written. */
  text = '';
  #life: Running | undefined;

  path(name: string): string {
    return join(this.folder, name);
  }

  start(...args: readonly string[]): Running {
    const all = ['follow', '--interval', '20ms', ...args, this.log];
    this.#life = runningOf(spawn(process.execPath, [PROGRAM, ...all], { detached: true }));
    return this.#life;
  }

  /** With a checkpoint. */
  keep(...args: readonly string[]): Running {
    return this.start('--checkpoint', this.checkpoint, ...args);
  }

  async stop(): Promise<void> {
    const { child, ended, stdout } = this.#life!;
    child.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`it ended with ${code}`);
    this.text += stdout();
  }

  async reads(text: string): Promise<void> {
    const { stdout } = this.#life!;
    const look = (): void => {
      if (stdout() !== text) throw new Error(`${JSON.stringify(stdout())} is not ${JSON.stringify(text)}`);
    };
    await vi.waitFor(look, poll);
  }

  append(...lines: readonly string[]): void {
    appendFileSync(this.log, lines.join(''));
  }

  /** A whole life. */
  async live(text: string, ...args: readonly string[]): Promise<void> {
    this.keep(...args);
    await this.reads(text);
    await this.stop();
  }
}

test.each(['start', 'end', 'checkpoint'])(
  'a restart with --from %s goes on where the checkpoint says',
  PATIENCE,
  async (from) => {
    const l = new Lives();
    l.append('1\n');
    l.keep('--from', from);
    await expect.poll(() => existsSync(l.checkpoint), poll).toBe(true);
    l.append('2\n');
    await expect.poll(() => readFileSync(l.checkpoint, 'utf8'), poll).toContain('"offset":4,');
    await l.stop();
    l.append('3\n');
    renameSync(l.log, l.path('a.log.1'));
    writeFileSync(l.log, '4\n');
    await l.live('3\n4\n', '--from', from);
    expect(l.text).toBe(from === 'end' ? '2\n3\n4\n' : '1\n2\n3\n4\n');
  },
);

test('--ignore-checkpoint begins anew, by --from', PATIENCE, async () => {
  const l = new Lives();
  l.append('1\n');
  await l.live('1\n');
  await l.live('1\n', '--ignore-checkpoint');
  const writtenAt = (): number => Number(/"writtenAt":(\d+)/u.exec(readFileSync(l.checkpoint, 'utf8'))?.[1]);
  const before = writtenAt();
  l.keep('--ignore-checkpoint', '--from', 'end', '--checkpoint-interval', '20ms');
  await expect.poll(writtenAt, poll).toBeGreaterThan(before);
  l.append('2\n');
  await l.reads('2\n');
  await l.stop();
});

test(
  'from the end, a file that becomes readable later is read from where it ended at the beginning',
  PATIENCE,
  async ({ skip }) => {
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, PROGRAM];
    skip(spawnSync('setpriv', [...nobody, '--version']).status !== 0, 'needs root, and setpriv of util-linux');
    const folder = scratch();
    chmodSync(folder, 0o755);
    const [old, fresh] = [join(folder, 'old.log'), join(folder, 'new.log')];
    writeFileSync(old, 'old\n', { mode: 0o600 });
    const args = ['follow', '--interval', '20ms', old, fresh];
    const { stdout, stderr } = runningOf(spawn('setpriv', [...nobody, ...args], { detached: true }));
    await expect.poll(stderr, poll).toContain('permission denied');
    appendFileSync(old, 'new\n');
    writeFileSync(fresh, 'fresh\n', { mode: 0o600 });
    await expect.poll(stderr, poll).toMatch(/new\.log: cannot follow: permission denied/u);
    for (const path of [old, fresh]) chmodSync(path, 0o644);
    await expect.poll(() => stdout().split('\n').sort(), poll).toEqual(['', 'fresh', 'new']);
  },
);

test('generations that are rotated away while nobody reads the output are read in the end', PATIENCE, async () => {
  const l = new Lives();
  const filler = `${'x'.repeat(1000)}\n`.repeat(4000);
  l.append(filler);
  const { child, stdout } = l.start('--from', 'start');
  child.stdout!.pause();
  await stalled(child.pid!, l.log);
  for (const generation of ['1\n', '2\n', '3\n', '4\n']) {
    // As logrotate with `rotate 1`: what was rotated before is deleted.
    renameSync(l.log, l.path('a.log.1'));
    writeFileSync(l.log, generation);
    await expect.poll(() => openFiles(child.pid!), poll).toContain(l.log);
  }
  child.stdout!.resume();
  await expect.poll(stdout, poll).toBe(`${filler}1\n2\n3\n4\n`);
});

/** Waits until a process that nobody reads reads no more of a file. */
async function stalled(pid: number, path: string): Promise<void> {
  await expect.poll(() => openFiles(pid), poll).toContain(path);
  let before = -1;
  const read = (): number => Number(/^rchar: (\d+)/mu.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))![1]);
  await expect
    .poll(
      () => {
        const more = read() - before;
        before += more;
        return more;
      },
      { ...poll, interval: 200 },
    )
    .toBeLessThan(100_000);
}

function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
}

test.each(['a.1.log', 'old', '@400000006740a1b2c3d4e5f6.s'])(
  'what was rotated to %s while relevel was down is read',
  PATIENCE,
  async (name) => {
    const l = new Lives();
    l.append('1\n');
    await l.live('1\n');
    l.append('2\n');
    renameSync(l.log, l.path(name));
    writeFileSync(l.log, '3\n');
    await l.live('2\n3\n');
  },
);

test('of what was rotated out of reach while relevel was down, it says so', PATIENCE, async () => {
  const l = new Lives();
  l.append('1\n');
  await l.live('1\n');
  mkdirSync(l.path('away'));
  l.append('2\n');
  renameSync(l.log, l.path('away/a.log'));
  writeFileSync(l.log, '3\n');
  const { stderr } = l.keep();
  await l.reads('3\n');
  expect(stderr()).toContain(`${l.log}: a former file is gone, of which 2 bytes were read; any that followed are lost\n`);
});

test('what is written late to a renamed file is read, however late', PATIENCE, async () => {
  const l = new Lives();
  l.append('1\n');
  l.start('--from', 'start', '--rotate-wait', '50ms');
  await l.reads('1\n');
  renameSync(l.log, l.path('a.log.1'));
  writeFileSync(l.log, '2\n');
  await l.reads('1\n2\n');
  await new Promise((resolve) => setTimeout(resolve, 500));
  appendFileSync(l.path('a.log.1'), '3\n');
  await l.reads('1\n2\n3\n');
});

test('files that were rotated twice, or deleted, do not stay open', PATIENCE, async () => {
  const l = new Lives();
  l.append('0\n');
  const { child } = l.start('--from', 'start', '--rotate-wait', '50ms');
  let text = '0\n';
  await l.reads(text);
  for (let line = 1; line < 7; line += 1) {
    if (line % 2 === 0) unlinkSync(l.log);
    else renameSync(l.log, l.path(`a.log.${line}`));
    writeFileSync(l.log, `${line}\n`);
    await l.reads((text += `${line}\n`));
  }
  await expect.poll(() => openFiles(child.pid!).filter((path) => path.startsWith(l.folder)), poll).toEqual([l.log]);
});

test('at a signal, a slow reader makes it read no more than there is room for', PATIENCE, async () => {
  const l = new Lives();
  const block = `${'x'.repeat(999)}\n`.repeat(1000);
  for (let written = 0; written < 200; written += 1) l.append(block);
  const { child, stderr, ended } = l.start('--from', 'start', '--grace', '3s');
  // Read by hand alone: with a listener for data, the stream would flow again by itself.
  child.stdout!.removeAllListeners('data').on('readable', () => {});
  await stalled(child.pid!, l.log);
  child.kill('SIGTERM');
  let most = 0;
  const watch = setInterval(() => {
    const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
    most = Math.max(most, Number(/^VmHWM:\s+(\d+)/mu.exec(status)?.[1] ?? 0));
    child.stdout!.read(64 * 1024);
  }, 50);
  await expect.poll(stderr, poll).toMatch(/ended by SIGTERM before all was written;.* \d+ bytes of the files were not read\n/u);
  clearInterval(watch);
  child.stdout!.removeAllListeners('readable').resume();
  // If a write was under way, the end is the signal's own: to a shell 143 too.
  expect([143, 'SIGTERM']).toContain(await ended);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(160 * 1024);
});

test('a hole that a truncation left under a writer that does not append is skipped, and said', PATIENCE, async () => {
  const l = new Lives();
  l.append('1\n'.repeat(5_000));
  const { stderr } = l.start('--from', 'start');
  await l.reads('1\n'.repeat(5_000));
  copyFileSync(l.log, l.path('a.log.1'));
  truncateSync(l.log, 0);
  truncateSync(l.log, 50_000_000);
  l.append('2\n');
  await l.reads(`${'1\n'.repeat(5_000)}2\n`);
  await expect
    .poll(stderr, poll)
    .toContain(`${l.log}: skipped 50000000 NUL bytes: a hole that its writer left after a truncation\n`);
});

test('a neighbour’s file with the name of a rotated one is not read', PATIENCE, async () => {
  const l = new Lives();
  l.append('1\n');
  l.start('--from', 'start');
  await l.reads('1\n');
  writeFileSync(l.path('a.log.2'), 'a neighbour’s\n');
  l.append('2\n');
  await l.reads('1\n2\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  renameSync(l.log, l.path('a.log.1'));
  writeFileSync(l.log, '3\n');
  await l.reads('1\n2\n3\n');
});

test('the unfinished line of a deleted file is written at a signal, for no later start will find it', PATIENCE, async () => {
  const l = new Lives();
  l.append('1\n', 'unfinished');
  l.keep();
  await l.reads('1\n');
  unlinkSync(l.log);
  await l.stop();
  expect(l.text).toBe('1\nunfinished\n');
});

test('a file that is replaced as rsync does is gone on with', PATIENCE, async () => {
  const l = new Lives();
  l.append('1\n');
  l.start('--from', 'start');
  let text = '1\n';
  await l.reads(text);
  for (let line = 2; line < 5; line += 1) {
    copyFileSync(l.log, l.path('.a.log.Xy12'));
    appendFileSync(l.path('.a.log.Xy12'), `${line}\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    renameSync(l.path('.a.log.Xy12'), l.log);
    await l.reads((text += `${line}\n`));
  }
});

test('a link that is swapped twice between two looks leads to all its files', PATIENCE, async () => {
  const l = new Lives();
  const swap = (name: string): void => {
    symlinkSync(l.path(name), l.path('new'));
    renameSync(l.path('new'), l.log);
  };
  writeFileSync(l.path('app-1.log'), '1\n');
  swap('app-1.log');
  l.start('--from', 'start');
  await l.reads('1\n');
  appendFileSync(l.path('app-1.log'), '2\n');
  writeFileSync(l.path('app-2.log'), '3\n');
  swap('app-2.log');
  writeFileSync(l.path('app-3.log'), '4\n');
  swap('app-3.log');
  await l.reads('1\n2\n3\n4\n');
});

test('a file that overlayfs copies up is gone on with, live and after a restart', PATIENCE, async ({ skip }) => {
  const l = new Lives();
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(l.path(name));
  for (const name of ['a', 'b']) writeFileSync(l.path(`lower/${name}.log`), `${name} 1\n`);
  const script = `
mount -t overlay overlay -o "lowerdir=$D/lower,upperdir=$D/upper,workdir=$D/work" "$D/merged" || exit 99
cd "$D/merged"
follow() { "$NODE" "$PROGRAM" follow --interval 20ms --checkpoint "$D/checkpoint" --output "$D/out" a.log b.log & pid=$!; }
until_line() { until grep -q "$1" "$D/out" 2>/dev/null; do sleep 0.02; done; }
follow; until_line 'a 1'; until_line 'b 1'
echo 'a 2' >> a.log; until_line 'a 2'
kill -TERM $pid; wait $pid
echo 'b 2' >> b.log
follow; until_line 'b 2'
echo 'a 3' >> a.log; until_line 'a 3'
kill -TERM $pid; wait $pid; sort "$D/out"`;
  const { stdout, status, stderr } = spawnSync('unshare', ['--mount', 'bash', '-c', script], {
    env: { PATH: process.env['PATH'], D: l.folder, NODE: process.execPath, PROGRAM },
    encoding: 'utf8',
  });
  skip(status === 99 || stderr.includes('unshare'), `no overlay of our own: ${stderr}`);
  expect(stdout).toBe('a 1\na 2\na 3\nb 1\nb 2\n');
});
