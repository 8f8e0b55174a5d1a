import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  appendFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { IContainer } from 'kubernetes-models/v1/Container';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { VERSION } from '../../src/packs/shipped.ts';
import { startContainer, type Container, type ContainerOptions, type Mount } from './container.ts';
import { buildImage, noImageBecause, type Image } from './image.ts';
import { readPattern, type Pattern } from './manifests.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');
const CASE = join(ROOT, 'fixtures/cases/a-prober-finds-kvm');

const obstacle = noImageBecause();

describe.skipIf(obstacle !== undefined)(`the image (skipped: ${obstacle ?? 'never here'})`, () => {
  let image: Image;
  beforeAll(() => {
    image = buildImage();
  }, PATIENCE.timeout);
  afterAll(() => image?.remove());

  const start = (options: ContainerOptions): Container => startContainer(image, options);

  test('holds Node, an init, the program, and nothing that is not needed', () => {
    const files = readdirSync(image.root, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
    const names = files.map(({ parentPath, name }) => join(parentPath, name).slice(image.root.length));
    expect(names.filter((name) => name.startsWith('/bin/'))).toEqual(['/bin/node', '/bin/tini']);
    expect(names.filter((name) => !/^\/(?:bin|lib|lib64|opt\/relevel)\//u.test(name))).toEqual([]);
    // By the linker's word, not a list: no more than a dozen libraries, and none of them a program.
    expect(names.filter((name) => name.startsWith('/lib') && !/\.so(?:\.\d+)*$/u.test(name))).toEqual([]);
    expect(names.filter((name) => name.includes('node_modules') || name.endsWith('.ts'))).toEqual([]);
    for (const name of names) {
      const { mode, uid, gid } = statSync(join(image.root, name));
      expect([name, (mode & 0o7022).toString(8), uid, gid]).toEqual([name, '0', 0, 0]);
    }
  });

  test('says its version, as a user who is nobody', async () => {
    const { ended, stdout, stderr } = start({ args: ['--version'] });
    expect([await ended, stdout(), stderr()]).toEqual([0, `${VERSION}\n`, '']);
  });

  test('does the main job', async () => {
    const { ended, stdout } = start({ args: ['--clock=replay'], stdin: readFileSync(join(CASE, 'input.log'), 'latin1') });
    expect(await ended).toBe(0);
    expect(stdout()).toBe(readFileSync(join(CASE, 'expected.log'), 'latin1'));
  });

  test('has nowhere to write to, and says so', async () => {
    const { ended, stderr } = start({ args: ['run', '--output=/all.log', '--', '/bin/node', '--version'] });
    expect([await ended, stderr()]).toEqual([1, 'relevel: error: /all.log: cannot open: read-only file system\n']);
  });

  test('knows that it cannot ask the kernel', async () => {
    const { ended, stderr } = start({ args: ['probe'] });
    expect(await ended).toBe(1);
    expect(stderr()).toMatch(/^relevel: error: .*koffi/u);
  });

  test(
    'wraps a daemon as process 1: reaps what the daemon leaves behind, hands signals on, and ends as it does',
    PATIENCE,
    async () => {
      const daemon = `
      const { spawn } = require('node:child_process');
      const orphan = 'setTimeout(() => {}, 100)';
      const parent = \`require('node:child_process').spawn('/bin/node', ['-e', \${JSON.stringify(orphan)}], { detached: true, stdio: 'ignore' }).unref()\`;
      spawn('/bin/node', ['-e', parent], { stdio: 'ignore' }).on('exit', () => console.log('left'));
      process.on('SIGTERM', () => { console.error('asked to end'); process.exit(7); });
      setInterval(() => {}, 1000);`;
      const { kill, ended, stdout, stderr, processes } = start({ args: ['run', '--', '/bin/node', '-e', daemon] });
      await expect.poll(stdout, poll).toBe('left\n');
      // Only relevel is left beside the init, whose child the orphan was.
      await expect.poll(() => processes().length, poll).toBe(1);
      expect(processes()[0]!.command).toContain('/opt/relevel/relevel.js run');
      kill('SIGTERM');
      expect([await ended, stderr()]).toEqual([7, 'asked to end\n']);
    },
  );

  /** What the kubelet makes of a pod of ours: volumes as folders here, containers as theirs say. */
  function kubelet(pattern: Pattern) {
    const host = mkdtempSync(join(tmpdir(), 'relevel-pod-'));
    onTestFinished(() => rmSync(host, { recursive: true }));
    const folderOf = (name: string): string => join(host, name);
    const { fsGroup } = pattern.pod.securityContext ?? {};
    for (const { name, emptyDir, configMap } of pattern.pod.volumes!) {
      mkdirSync(folderOf(name));
      if (emptyDir !== undefined) {
        chownSync(folderOf(name), 0, fsGroup ?? 0);
        chmodSync(folderOf(name), 0o2777);
      } else if (configMap === undefined) {
        chmodSync(folderOf(name), 0o755); // as it makes folders of the host
      } else {
        const { data } = pattern.configMaps.find(({ metadata }) => metadata?.name === configMap.name)!;
        mkdirSync(join(folderOf(name), '..1'));
        symlinkSync('..1', join(folderOf(name), '..data'));
        for (const [file, text] of Object.entries(data!)) {
          writeFileSync(join(folderOf(name), '..1', file), text);
          symlinkSync(join('..data', file), join(folderOf(name), file));
        }
      }
    }
    const run = (container: IContainer, more: Partial<ContainerOptions> = {}): Container => {
      const ours = { ...pattern.pod.securityContext, ...container.securityContext };
      return start({
        command: container.command,
        args: container.args ?? [],
        user: ours.runAsUser,
        group: ours.runAsGroup,
        groups: fsGroup === undefined ? [] : [fsGroup],
        capabilities: container.securityContext?.capabilities?.add ?? [],
        mounts: container.volumeMounts!.map(({ name, mountPath, readOnly }): Mount => ({
          folder: folderOf(name),
          path: mountPath,
          access: readOnly === true ? 'read' : 'write',
        })),
        ...more,
      });
    };
    return { folderOf, run };
  }

  /** Asks what a probe asks; whether it is content. */
  function probe({ ask }: Container, { livenessProbe, readinessProbe, ports }: IContainer): boolean {
    try {
      for (const each of [livenessProbe, readinessProbe])
        if (each !== undefined) ask(ports![0]!.containerPort, each.httpGet!.path!);
      return true;
    } catch {
      return false;
    }
  }

  /** What it serves of these; nothing where it does not answer yet. */
  function metrics({ ask }: Container): string {
    try {
      return ask(9464, '/metrics');
    } catch {
      return '';
    }
  }

  const FAILS = '{"level":50,"job":7,"msg":"cannot reach db-1"}';
  const WORKS = '{"level":30,"job":7,"msg":"connected to db-2"}';
  const LOWERED = /^\{"level":20,"job":7,"msg":"cannot reach db-1","relevel":\{"rule":"another-database","was":"50",.*\}\}\n$/u;

  test('runs the wrapped entry point of the manifest', PATIENCE, async () => {
    const pattern = await readPattern('wrapped.yaml');
    const { run } = kubelet(pattern);
    const daemon = `
      console.error('${FAILS}');
      process.on('SIGHUP', () => console.log('${WORKS}'));
      process.on('SIGTERM', () => process.exit(0));
      setInterval(() => {}, 1000);`;
    const own = pattern.relevel.args!.slice(0, -pattern.told.daemon.length);
    const container = run(pattern.relevel, { args: [...own, '/bin/node', '-e', daemon] });
    await expect.poll(() => metrics(container), poll).toContain('relevel_open_waits 1\n');
    container.kill('SIGHUP');
    await expect.poll(container.stderr, poll).toMatch(LOWERED);
    expect(container.stdout()).toBe(`${WORKS}\n`);
    expect(probe(container, pattern.relevel)).toBe(true);
    container.kill('SIGTERM');
    expect(await container.ended).toBe(0);
  });

  test(
    'runs the sidecar of the manifest, which reads what its group may read, and goes on where it was killed',
    PATIENCE,
    async () => {
      const pattern = await readPattern('sidecar.yaml');
      const { folderOf, run } = kubelet(pattern);
      const log = join(folderOf('logs'), 'daemon.log');
      // As the daemon would: its own user, the group of the folder.
      writeFileSync(log, '');
      const { fsGroup } = pattern.pod.securityContext!;
      chownSync(log, pattern.pod.containers[0]!.securityContext!.runAsUser!, fsGroup!);
      chmodSync(log, 0o640);
      const first = run(pattern.relevel);
      appendFileSync(log, `${FAILS}\n${WORKS}\n`);
      await expect.poll(first.stdout, poll).toContain(WORKS);
      expect(first.stdout()).toMatch(new RegExp(LOWERED.source.slice(0, -1), 'u'));
      expect(probe(first, pattern.relevel)).toBe(true);
      await expect.poll(() => readFileSync(join(folderOf('state'), 'checkpoint'), 'utf8'), poll).toContain('daemon.log');
      await expect.poll(() => metrics(first), poll).toMatch(/^relevel_input_lag_bytes 0$/mu);
      first.kill('SIGKILL');
      await first.ended;
      appendFileSync(log, 'the next line\n');
      const second = run(pattern.relevel);
      await expect.poll(second.stdout, poll).toContain('the next line\n');
      second.kill('SIGTERM');
      expect([await second.ended, second.stderr()]).toEqual([0, '']);
    },
  );

  test('runs the node agent of the manifest, which reads what is readable by the group root', PATIENCE, async () => {
    const pattern = await readPattern('node-agent.yaml');
    const { folderOf, run } = kubelet(pattern);
    const pod = join(folderOf('pods'), 'kube-system_retina-agent-x2x4z_0b7c2f6e/retina');
    mkdirSync(pod, { recursive: true });
    const log = join(pod, '0.log');
    const error = readFileSync(join(ROOT, 'fixtures/cases/retina-1280-is-said-once/input.log'), 'utf8').split('\n')[0]!;
    const cri = (line: string): string => `2025-02-12T09:00:00.000000000Z stderr F ${line}\n`;
    writeFileSync(log, cri(error).repeat(3));
    chmodSync(log, 0o640);
    const refused = join(dirname(pod), 'other');
    mkdirSync(refused);
    writeFileSync(join(refused, '0.log'), cri('for root alone'));
    chmodSync(join(refused, '0.log'), 0o600);

    const prepare = run(pattern.pod.initContainers![0]!);
    expect([await prepare.ended, prepare.stderr()]).toEqual([0, '']);
    expect(statSync(folderOf('state')).uid).toBe(pattern.pod.securityContext!.runAsUser);

    const agent = run(pattern.relevel);
    await expect
      .poll(agent.stdout, poll)
      .toBe(cri(`${error.replace('level=error', 'level=warn')} relevel.rule=retina-virtual-interface relevel.was=error`));
    // A file that it may not read is said, and makes it not ready.
    await expect.poll(agent.stderr, poll).toContain('/other/0.log: cannot follow: permission denied');
    await expect.poll(() => metrics(agent), poll).toMatch(/^relevel_failing_inputs 1$/mu);
    expect(probe(agent, pattern.relevel)).toBe(false);
    expect(agent.stderr().match(/permission denied/gu)).toHaveLength(1);
    rmSync(refused, { recursive: true });
    await expect.poll(() => probe(agent, pattern.relevel), poll).toBe(true);
    agent.kill('SIGTERM');
    expect(await agent.ended).toBe(0);

    // As the manifest says for such files: root, but without any capability.
    mkdirSync(refused);
    writeFileSync(join(refused, '0.log'), cri('for root alone'));
    chmodSync(join(refused, '0.log'), 0o600);
    rmSync(join(folderOf('state'), 'checkpoint'));
    chownSync(folderOf('state'), 0, 0);
    const root = run(pattern.relevel, { user: 0 });
    await expect.poll(root.stdout, poll).toContain('for root alone');
    root.kill('SIGTERM');
    expect([await root.ended, root.stderr()]).toEqual([0, '']);
  });
});
