import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSent, readCopy, readDockerfile, type Instruction, type Stage } from './dockerfile.ts';

const ROOT = join(import.meta.dirname, '../..');

/** An image, as a container engine would know it. */
export interface Image {
  /** The folder that holds its file system. */
  readonly root: string;
  readonly entrypoint: readonly string[];
  readonly user: number;
  readonly group: number;
  readonly env: Readonly<Record<string, string>>;
  readonly remove: () => void;
}

/** Why no image can be built here; `undefined` where one can. */
export function noImageBecause(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync('/etc/debian_version')) return 'not on Debian, which the image is built on';
  if (!existsSync('/usr/bin/tini-static')) return "Debian's tini is not installed";
  try {
    execFileSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'pipe' });
    return readFileSync('/proc/filesystems', 'utf8').includes('overlay') ? undefined : 'the kernel has no overlayfs';
  } catch {
    return 'no mount namespaces';
  }
}

/**
 * Builds our Dockerfile without an engine. Its first stage runs as it is written, in a layer over this machine's own file
 * system, which is Debian with Node and npm as the base image's is; the node is the one that runs the test. What is copied
 * into the last stage, which begins empty, is the image.
 */
export function buildImage(): Image {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-image-'));
  try {
    return buildIn(folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

function buildIn(folder: string): Image {
  const [build, last, ...more] = readDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
  if (build === undefined || last === undefined || more.length > 0) throw new Error('Dockerfile: not two stages');
  if (!/^node:\d+-bookworm-slim$/u.test(build.base) || last.base !== 'scratch') throw new Error('Dockerfile: other bases');
  const root = join(folder, 'root');
  mkdirSync(root);
  writeFileSync(join(folder, 'build.sh'), scriptOf(build, last, { folder, root }));
  // A test runner's own variables are not those of a build.
  const env = {
    ...process.env,
    NODE_ENV: '',
    NODE_OPTIONS: '',
    VITEST: '',
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  };
  try {
    execFileSync('unshare', ['--mount', 'bash', '-euo', 'pipefail', join(folder, 'build.sh')], { env, stdio: 'pipe' });
  } catch (error) {
    throw new Error(`the image cannot be built:\n${String((error as { stderr?: Buffer }).stderr)}`, { cause: error });
  }
  const sent = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
  for (const { word, text } of last.instructions) {
    const { from, sources, to } = word === 'COPY' ? readCopy(text) : { from: '', sources: [], to: '' };
    if (from !== undefined) continue;
    for (const source of sources) cpSync(contextFile(sent, source), join(root, to, source));
  }
  const [user, group] = said(last, 'USER').split(':').map(Number);
  if (!Number.isInteger(user) || !Number.isInteger(group)) throw new Error('Dockerfile: USER is no number');
  return {
    root,
    entrypoint: JSON.parse(said(last, 'ENTRYPOINT')) as string[],
    user: user!,
    group: group!,
    env: Object.fromEntries(
      last.instructions.filter(({ word }) => word === 'ENV').map(({ text }) => text.split('=') as [string, string]),
    ),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

const said = (stage: Stage, word: string): string => {
  const found = stage.instructions.filter((instruction) => instruction.word === word);
  if (found.length !== 1) throw new Error(`Dockerfile: ${found.length} times ${word}`);
  return found[0]!.text;
};

function contextFile(sent: string, path: string): string {
  if (!isSent(sent, path)) throw new Error(`.dockerignore: ${path} is not sent`);
  return join(ROOT, path);
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function scriptOf(build: Stage, last: Stage, { folder, root }: { readonly folder: string; readonly root: string }): string {
  const sent = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
  const layer = join(folder, 'layer');
  const stage = `${layer}/stage`;
  let cwd = '/';
  const stepOf = ({ word, text }: Instruction): string => {
    switch (word) {
      case 'WORKDIR':
        cwd = text;
        return `mkdir -p ${quoted(stage + text)}`;
      case 'RUN':
        return `chroot ${quoted(stage)} /bin/sh -c ${quoted(`cd ${cwd} && exec /bin/sh -c ${quoted(text)}`)}`;
      case 'COPY': {
        const { from, sources, to } = readCopy(text);
        if (from !== undefined) throw new Error('Dockerfile: the first stage copies from another');
        const target = `${stage}${to.startsWith('/') ? to : join(cwd, to)}`;
        // A folder's contents are copied, not the folder.
        return sources
          .map(
            (source) => `cp -rT ${quoted(contextFile(sent, source))} ${quoted(to.endsWith('/') ? join(target, source) : target)}`,
          )
          .join('\n');
      }
      default:
        throw new Error(`Dockerfile: ${word} in the first stage`);
    }
  };
  const copies = last.instructions
    .filter(({ word }) => word === 'COPY')
    .map(({ text }) => readCopy(text))
    .filter(({ from }) => from !== undefined)
    .flatMap(({ from, sources, to }) => {
      if (from !== build.name) throw new Error(`Dockerfile: COPY --from=${from}`);
      return sources.map((source) => `cp -aT ${quoted(stage + source)} ${quoted(join(root, to))}`);
    });
  return [
    `mkdir ${layer} && mount -t tmpfs none ${layer} && mkdir ${layer}/upper ${layer}/work ${stage}`,
    `mount -t overlay none -o lowerdir=/,upperdir=${layer}/upper,workdir=${layer}/work ${stage}`,
    ...['/proc', '/dev', '/sys'].map((path) => `mount --rbind ${path} ${stage}${path}`),
    `mkdir -p ${stage}/usr/local/bin && cp ${quoted(process.execPath)} ${stage}/usr/local/bin/node`,
    ...build.instructions.map(stepOf),
    ...copies,
    '',
  ].join('\n');
}
