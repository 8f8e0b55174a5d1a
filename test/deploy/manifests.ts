import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { parseAllDocuments } from 'yaml';
import { COMMANDS } from '../../src/cli/commands.ts';
import { parse, type Parsed } from '../../src/cli/parse.ts';
import type { Option } from '../../src/cli/options.ts';

const FOLDER = join(import.meta.dirname, '../../deploy/kubernetes');

/** Any object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: IPodSpec };
  };
}

/** One of the files, with all that a pod of it is made of. */
export interface Pattern {
  readonly name: string;
  readonly manifests: readonly Manifest[];
  /** The object that makes the pods. */
  readonly maker: Manifest;
  readonly pod: IPodSpec;
  readonly configMaps: readonly IConfigMap[];
  readonly containers: readonly IContainer[];
  /** The container that relevel runs in, and what it is told. */
  readonly relevel: IContainer;
  readonly told: Told;
}

export interface Told {
  readonly command: string;
  readonly asked: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
  readonly problems: readonly string[];
  /** Behind the `--`. */
  readonly daemon: readonly string[];
}

export const NAMES: readonly string[] = readdirSync(FOLDER).toSorted();

/** Reads a file of manifests. */
export async function readPattern(name: string): Promise<Pattern> {
  const manifests = parseAllDocuments(readFileSync(join(FOLDER, name), 'utf8'), { strict: true, uniqueKeys: true }).map(
    (document) => {
      if (document.errors.length > 0) throw document.errors[0]!;
      return document.toJS() as Manifest;
    },
  );
  const makers = manifests.filter(({ spec }) => spec?.template !== undefined);
  if (makers.length !== 1) throw new Error(`${name}: ${makers.length} objects that make pods`);
  const pod = makers[0]!.spec!.template!.spec;
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const relevel = containers.filter(({ args }) => args?.[0] !== undefined && Object.hasOwn(COMMANDS, args[0]));
  if (relevel.length !== 1) throw new Error(`${name}: ${relevel.length} containers of relevel`);
  return {
    name,
    manifests,
    maker: makers[0]!,
    pod,
    configMaps: manifests.filter(({ kind }) => kind === 'ConfigMap') as unknown as IConfigMap[],
    containers,
    relevel: relevel[0]!,
    told: await tell(relevel[0]!.args!),
  };
}

/** Takes arguments apart as the program does. */
async function tell([command, ...args]: readonly string[]): Promise<Told> {
  const dashes = args.indexOf('--');
  const [own, daemon] = dashes === -1 ? [args, []] : [args.slice(0, dashes), args.slice(dashes + 1)];
  const { manual } = await COMMANDS[command!]!();
  // A command's manual has its options whole; that they can take a value is its own affair.
  const parsed: Parsed<Record<string, unknown>> = parse(
    own,
    {},
    manual.options as readonly Option<Record<string, unknown>>[],
    {},
  );
  return { command: command!, ...parsed, daemon };
}

/** A volume that a container has mounted above this path, and the mount. */
export function mountOf({ pod }: Pick<Pattern, 'pod'>, container: IContainer, path: string) {
  const mounts = (container.volumeMounts ?? []).filter(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
  const mount = mounts.toSorted((a, b) => b.mountPath.length - a.mountPath.length)[0];
  const volume = pod.volumes?.find(({ name }) => name === mount?.name);
  return mount === undefined || volume === undefined ? undefined : { mount, volume };
}
