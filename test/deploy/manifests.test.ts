import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runExamples } from '../../src/engine/examples.ts';
import { globOf } from '../../src/io/follow/glob.ts';
import { VERSION } from '../../src/packs/shipped.ts';
import { DEFAULTS } from '../../src/cli/settings.ts';
import type { Address } from '../../src/sidecar/address.ts';
import { ROOMY, rulesOf } from '../support/run.ts';
import { readDockerfile } from './dockerfile.ts';
import { mountOf, NAMES, readPattern, type Manifest, type Pattern } from './manifests.ts';
import { keyFaults, schemaFaults } from './schema.ts';

const patterns = await Promise.all(NAMES.map(readPattern));
const DOCKERFILE = readDockerfile(readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8'));
const USER = Number(
  DOCKERFILE.at(-1)!
    .instructions.find(({ word }) => word === 'USER')!
    .text.split(':')[0],
);

test('there is a manifest for each pattern', () => {
  expect(NAMES).toEqual(['node-agent.yaml', 'sidecar.yaml', 'wrapped.yaml']);
  expect(patterns.map(({ told }) => told.command)).toEqual(['follow', 'follow', 'run']);
});

describe('by the schemas of Kubernetes', () => {
  const manifests = patterns.flatMap((pattern) => pattern.manifests);

  test('each object is right', () => {
    expect(manifests.length).toBeGreaterThan(5);
    for (const manifest of manifests) expect([manifest.kind, schemaFaults(manifest)]).toEqual([manifest.kind, []]);
  });

  test('no object has keys that are none', () => {
    expect(keyFaults(manifests).flat()).toEqual([]);
  });

  /** What an object is made into, and what is to be said of it. */
  const broken: readonly [claim: string, breakIt: (maker: Maker) => void, by: 'schema' | 'keys', fault: RegExp][] = [
    [
      'a port that is no number',
      ({ container }) => void (container['ports'] = [{ containerPort: 'http' }]),
      'schema',
      /containerPort: must be integer/u,
    ],
    ['no selector', ({ spec }) => void delete spec['selector'], 'schema', /spec: must have required property selector/u],
    [
      'a size that is none',
      ({ container }) => void (container['resources'] = { limits: { memory: 'lots' } }),
      'schema',
      /memory: must match format "quantity"/u,
    ],
    [
      'a word that is none',
      ({ pod }) => void (pod['restartPolicy'] = 'Alway'),
      'schema',
      /restartPolicy: must be equal to one of the allowed values/u,
    ],
    [
      'a key in the wrong place',
      ({ pod }) => void (pod['readOnlyRootFilesystem'] = true),
      'keys',
      /"readOnlyRootFilesystem"' does not exist/u,
    ],
    ['a slip of the pen', ({ container }) => void (container['volumeMount'] = []), 'keys', /"volumeMount"' does not exist/u],
  ];
  let keys: string[][];
  const madeBroken = broken.map(([, breakIt]) => {
    const manifest = structuredClone(patterns[0]!.maker);
    breakIt(makerOf(manifest));
    return manifest;
  });
  beforeAll(() => {
    keys = keyFaults(madeBroken);
  });

  test.each(broken.map(([claim, , by, fault], index) => [claim, index, by, fault] as const))(
    '%s would be seen',
    (_claim, index, by, fault) => {
      expect((by === 'keys' ? keys[index]! : schemaFaults(madeBroken[index]!)).join('\n')).toMatch(fault);
    },
  );
});

type Loose = Record<string, unknown>;
interface Maker {
  readonly spec: Loose;
  readonly pod: Loose;
  readonly container: Loose;
}

function makerOf(manifest: Manifest): Maker {
  const pod = manifest.spec!.template!.spec;
  return { spec: manifest.spec as Loose, pod: pod as unknown as Loose, container: pod.containers[0] as unknown as Loose };
}

const MIB = 1024 * 1024;

/** `256Mi` in bytes. */
function bytesOf(quantity: string | number | undefined): number {
  const [, number, unit] = /^(\d+)([MG]i)$/u.exec(String(quantity)) ?? [];
  return Number(number) * (unit === 'Gi' ? 1024 * MIB : MIB);
}

const optionOf = (pattern: Pattern, name: string): string => String(pattern.told.asked[name]);

describe.each(patterns.map((pattern) => [pattern.name, pattern] as const))('%s agrees with itself', (_name, pattern) => {
  const { manifests, maker, pod, configMaps, containers, relevel, told } = pattern;

  test('its options are those of the program', () => {
    expect(told.problems).toEqual([]);
    expect(told.words.length > 0).toBe(told.command === 'follow');
    expect(told.daemon.length > 0).toBe(told.command === 'run');
  });

  test('it finds its own pods, in one namespace', () => {
    expect(maker.spec!.template!.metadata.labels).toMatchObject(maker.spec!.selector!.matchLabels);
    const spaces = manifests.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata.namespace);
    const made = manifests.find(({ kind }) => kind === 'Namespace')?.metadata.name;
    expect(new Set(spaces)).toEqual(new Set([made]));
  });

  test('each volume is mounted, and each mount has its volume', () => {
    const volumes = (pod.volumes ?? []).map(({ name }) => name);
    const mounted = containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
    expect(new Set(mounted)).toEqual(new Set(volumes));
    for (const { configMap } of pod.volumes ?? [])
      if (configMap !== undefined) expect(configMaps.map(({ metadata }) => metadata?.name)).toContain(configMap.name);
  });

  test('its rules are in a ConfigMap that is mounted whole, and load', () => {
    const asked = told.asked['rules'] as readonly string[];
    const folders = asked.filter((name) => !name.startsWith('builtin'));
    expect([asked[0], folders.length]).toEqual(['builtin', 1]);
    const { mount, volume } = mountOf(pattern, relevel, folders[0]!)!;
    expect(mount).toMatchObject({ mountPath: folders[0], readOnly: true });
    expect(mount.subPath).toBeUndefined();
    const texts = configMaps.find(({ metadata }) => metadata?.name === volume.configMap!.name)!.data!;
    expect(Object.keys(texts)).toEqual(['rules.yaml']);
    expect(runExamples(rulesOf(texts['rules.yaml']!), ROOMY)).toEqual([]);
  });

  test('what is written lies in volumes that may be written to, and nothing else is', () => {
    const { checkpoint, archive, output } = told.asked as Partial<Record<string, string>>;
    for (const path of [checkpoint, archive, output].filter((each) => each !== undefined)) {
      const { mount, volume } = mountOf(pattern, relevel, path)!;
      expect(mount.readOnly).not.toBe(true);
      expect(volume.emptyDir ?? volume.hostPath).toBeDefined();
    }
    expect(checkpoint !== undefined).toBe(told.command === 'follow');
    const writable = (relevel.volumeMounts ?? []).filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath);
    expect(writable).toEqual(checkpoint === undefined ? [] : [checkpoint.replace(/\/[^/]*$/u, '')]);
  });

  test('what is followed is mounted, and only to be read', () => {
    for (const word of told.words) {
      const { mount } = mountOf(pattern, relevel, word)!;
      expect([word, mount.readOnly]).toEqual([word, true]);
    }
  });

  test('it never follows what it writes itself', () => {
    const namespace = maker.metadata.namespace ?? 'default';
    const own = `/var/log/pods/${namespace}_${maker.metadata.name}-x2x4z_0b7c2f6e-5a3d-4d0e-9a51-6c1d7c6b2a11/${relevel.name}/0.log`;
    expect(told.words.filter((word) => globOf(word).fits(own))).toEqual([]);
  });

  test('its probes ask where it listens, and wait long enough', () => {
    const listen = told.asked['listen'] as Extract<Address, { kind: 'tcp' }>;
    // By loopback, the kubelet would not reach it.
    expect(listen).toMatchObject({ kind: 'tcp', host: '0.0.0.0' });
    const port = relevel.ports!.find(({ containerPort }) => containerPort === listen.port)!;
    const { livenessProbe, readinessProbe, startupProbe } = relevel;
    const probes = [livenessProbe, readinessProbe, startupProbe].filter((probe) => probe !== undefined);
    for (const { httpGet } of probes) expect([port.name, port.containerPort]).toContain(httpGet!.port);
    expect(livenessProbe!.httpGet!.path).toBe('/healthz');
    expect(livenessProbe!.periodSeconds! * livenessProbe!.failureThreshold!).toBeGreaterThanOrEqual(60);
    // Where the pod serves somebody, relevel's own trouble must not take it out of service.
    expect(readinessProbe?.httpGet?.path).toBe(maker.kind === 'DaemonSet' ? '/readyz' : undefined);
  });

  test('it may take as long to end as it is told', () => {
    expect(pod.terminationGracePeriodSeconds! * 1000).toBeGreaterThan(Number(optionOf(pattern, 'grace')) * 2);
  });

  test('its memory has room for what the options allow', () => {
    const { limits, requests } = relevel.resources!;
    // Node and the program, 64 MiB, and all that may be held and kept for groups.
    const needs = 64 * MIB + DEFAULTS.holdBytes + DEFAULTS.groupBytes;
    expect(told.asked).not.toHaveProperty('holdBytes');
    expect(told.asked).not.toHaveProperty('groupBytes');
    expect(bytesOf(requests!['memory'])).toBeGreaterThanOrEqual(needs);
    expect(bytesOf(limits!['memory'])).toBeGreaterThanOrEqual(2 * needs);
    expect(limits).not.toHaveProperty('cpu');
    for (const { name, resources } of containers)
      expect([name, Object.keys(resources?.requests ?? {})]).toEqual([name, ['cpu', 'memory']]);
  });

  test('its image is the one that is built here, by its version', () => {
    const images = containers.map(({ image }) => image!).filter((image) => !image.startsWith('example/'));
    expect(new Set(images)).toEqual(new Set(told.command === 'run' ? [] : [`relevel:${VERSION}`]));
  });

  test('it keeps to the restricted standard for pods, but for what it must not', () => {
    const seen: string[] = [];
    expect(pod.securityContext?.seccompProfile).toEqual({ type: 'RuntimeDefault' });
    for (const { name, securityContext = {} } of containers) {
      const user = securityContext.runAsUser ?? pod.securityContext?.runAsUser ?? USER;
      const nonRoot = securityContext.runAsNonRoot ?? pod.securityContext?.runAsNonRoot ?? false;
      expect([name, nonRoot]).toEqual([name, user !== 0]);
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(securityContext.privileged).toBeUndefined();
      if (user === 0) seen.push(`${name} is root`);
      for (const added of securityContext.capabilities?.add ?? []) seen.push(`${name} has ${added}`);
    }
    for (const { name, hostPath } of pod.volumes ?? []) if (hostPath !== undefined) seen.push(`${name} is the host's`);
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC, pod.automountServiceAccountToken]).toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
    expect(seen).toEqual(
      maker.kind === 'DaemonSet' ? ['folder is root', 'folder has CHOWN', "pods is the host's", "state is the host's"] : [],
    );
  });

  test('who writes a file, and who reads it, share a group', () => {
    const shared = (pod.volumes ?? []).filter(({ emptyDir, name }) => emptyDir !== undefined && users(name).size > 1);
    for (const { name } of shared) expect([name, pod.securityContext?.fsGroup]).toEqual([name, USER]);
    expect(shared.length).toBe(told.command === 'follow' && maker.kind === 'Deployment' ? 1 : 0);

    function users(volume: string): ReadonlySet<number | undefined> {
      const mounting = containers.filter(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === volume));
      return new Set(mounting.map(({ securityContext }) => securityContext?.runAsUser));
    }
  });
});
