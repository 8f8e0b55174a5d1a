import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A systemd that is process 1 of a machine like this one, with what was put there. */
export interface Manager {
  /** What a command says there, on stdout; it may fail. */
  readonly say: (command: string, ...args: string[]) => string;
}

/** Why systemd cannot be process 1 here; `undefined` where it can. */
export function noManagerBecause(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('/lib/systemd/systemd', ['--version']).status !== 0) return 'systemd is not installed';
  const kernel = readFileSync('/proc/filesystems', 'utf8');
  if (!kernel.includes('overlay') || !kernel.includes('cgroup2')) return 'the kernel has no overlayfs, or no cgroups';
  const trial = 'mount -t cgroup2 none /mnt && test -w /mnt/cgroup.procs';
  return spawnSync('unshare', ['--mount', '--cgroup', 'sh', '-c', trial]).status === 0
    ? undefined
    : 'no namespaces, or no cgroup to write to';
}

/**
 * Boots systemd over this machine's own file system, in namespaces of its own: what it writes is gone with it. `prepare` is
 * run by a shell before, with `$M` for the root. It is killed after the test.
 */
export function bootManager(target: string, prepare: readonly string[]): Manager {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-systemd-'));
  const group = `relevel-test-${process.pid}`;
  const boot = [
    `R=${folder} M=${folder}/root`,
    // A group of its own: systemd takes the processes of the root of what it sees into its hands.
    'mount -t tmpfs none $R && mkdir $R/upper $R/work $R/cgroup $M',
    `mount -t cgroup2 none $R/cgroup && mkdir $R/cgroup/${group} && echo $$ > $R/cgroup/${group}/cgroup.procs`,
    'mount -t overlay none -o lowerdir=/,upperdir=$R/upper,workdir=$R/work $M',
    'export M',
    ...prepare,
    `exec unshare --cgroup --pid --fork --uts --ipc --net --mount sh -euc '
      mount -t proc proc $M/proc; mount --rbind /dev $M/dev; mount -t sysfs sysfs $M/sys; mount -t cgroup2 none $M/sys/fs/cgroup
      mount -t tmpfs none $M/run; mount -t tmpfs none $M/tmp
      exec chroot $M /usr/bin/env -i container=other PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \\
        /lib/systemd/systemd --system --unit=${target} --log-target=journal'`,
  ].join('\n');
  const child = spawn('unshare', ['--mount', 'sh', '-euc', boot], { stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const ended = once(child, 'close');
  const first = (): string => {
    if (child.exitCode !== null) throw new Error(`systemd does not start: ${err}`);
    const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean);
    if (pid === undefined) throw new Error('systemd has not begun');
    return pid;
  };
  onTestFinished(async () => {
    if (child.exitCode === null) process.kill(Number(first()), 'SIGKILL');
    await ended;
    const clean = `mount -t cgroup2 none ${folder} && find ${folder}/${group} -depth -type d -exec rmdir {} +`;
    execFileSync('unshare', ['--mount', 'sh', '-c', clean], { stdio: 'pipe' });
    rmSync(folder, { recursive: true });
  });
  return {
    say: (command, ...args) => {
      const spaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
      return spawnSync('nsenter', ['--target', first(), ...spaces, command, ...args], { encoding: 'utf8' }).stdout;
    },
  };
}
