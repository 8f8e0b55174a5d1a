import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Image } from './image.ts';

/** A folder of ours that a container sees at `path`. */
export interface Mount {
  readonly folder: string;
  readonly path: string;
  readonly access: 'read' | 'write';
}

export interface ContainerOptions {
  /** In place of the image's entry point. */
  readonly command?: readonly string[] | undefined;
  readonly args: readonly string[];
  readonly mounts?: readonly Mount[];
  readonly user?: number | undefined;
  readonly group?: number | undefined;
  /** Of the mounted volumes too; `fsGroup`. */
  readonly groups?: readonly number[];
  /** All other capabilities are dropped. */
  readonly capabilities?: readonly string[];
  readonly stdin?: string;
}

export interface Container {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Exit code, or the name of the signal that ended its first process. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** To its first process. */
  readonly kill: (signal: NodeJS.Signals) => void;
  /** The body of a page that it serves, asked from inside its network; throws where the answer is no 2xx. */
  readonly ask: (port: number, path: string) => string;
  /** States of its processes, such as `S` or `Z`, by their command lines. */
  readonly processes: () => readonly { readonly state: string; readonly command: string }[];
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * Runs an image as a container runtime would: namespaces of its own for mounts, processes and the network, the root read-only,
 * no new privileges, the user without capabilities, its first process number 1. It is killed after the test.
 */
export function startContainer(image: Image, options: ContainerOptions): Container {
  const { command = image.entrypoint, args, mounts = [], user = image.user, group = image.group, groups = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'relevel-container-'));
  const root = join(folder, 'root');
  // The first three, to become the user; who is not root has none then.
  const capabilities = ['sys_chroot', 'setuid', 'setgid', ...(options.capabilities ?? [])].map(
    (name) => `+${name.toLowerCase()}`,
  );
  const script = [
    // What a runtime puts into the file system must not stay in the image, which other containers have too.
    `mount -t tmpfs none ${folder} && mkdir ${folder}/upper ${folder}/work ${root}`,
    `mount -t overlay none -o lowerdir=${image.root},upperdir=${folder}/upper,workdir=${folder}/work ${root}`,
    `mkdir ${root}/proc ${root}/dev && mount -t proc proc ${root}/proc`,
    `for device in null zero urandom; do touch ${root}/dev/$device && mount --bind /dev/$device ${root}/dev/$device; done`,
    `ln -s /proc/self/fd ${root}/dev/fd && ln -s fd/1 ${root}/dev/stdout && ln -s fd/2 ${root}/dev/stderr`,
    ...mounts.flatMap(({ folder: from, path, access }) => [
      `mkdir -p ${quoted(root + path)} && mount --bind ${quoted(from)} ${quoted(root + path)}`,
      ...(access === 'read' ? [`mount -o remount,bind,ro ${quoted(root + path)}`] : []),
    ]),
    `mount -o remount,ro ${root}`,
    'ip link set lo up',
    [
      'exec /usr/bin/env -i',
      ...Object.entries(image.env).map(([name, value]) => quoted(`${name}=${value}`)),
      `/usr/bin/setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,${capabilities.join(',')}`,
      `/usr/sbin/chroot --userspec=${user}:${group} --groups=${groups.join(',')}`,
      root,
      ...[...command, ...args].map(quoted),
    ].join(' '),
  ].join('\n');
  const child: ChildProcess = spawn('unshare', ['--mount', '--net', '--pid', '--fork', 'sh', '-euc', script]);
  onTestFinished(async () => {
    // Its end is not that of its first process, which has changed its user since.
    for (const pid of child.exitCode === null && child.signalCode === null ? childrenOf(child.pid!) : [])
      process.kill(pid, 'SIGKILL');
    await ended;
    rmdirSync(folder);
  });
  const text = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('latin1').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr!.setEncoding('latin1').on('data', (chunk: string) => (text.stderr += chunk));
  child.stdin!.on('error', () => {});
  if (options.stdin !== undefined) child.stdin!.end(options.stdin);
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);

  const childrenOf = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const first = (): number => {
    const [pid] = childrenOf(child.pid!);
    if (pid === undefined) throw new Error('the container has no process');
    return pid;
  };
  return {
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended,
    kill: (signal) => process.kill(first(), signal),
    ask: (port, path) => {
      const asking = `const answer = await fetch('http://127.0.0.1:${port}${path}'); process.stdout.write(await answer.text()); process.exitCode = answer.ok ? 0 : 1;`;
      const nsenter = ['--net', `--target=${first()}`, process.execPath, '--input-type=module', '-e', asking];
      return execFileSync('nsenter', nsenter, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    },
    processes: () =>
      childrenOf(first()).map((pid) => ({
        state: readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /su, '')[0]!,
        command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
      })),
  };
}
