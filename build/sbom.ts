import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

// `npm run sbom`: what ships, as CycloneDX. npm knows what is installed here; the bundles' list of licences, which of
// that went into them.

const HEAD = /^-+\n(\S+) (\S+) \(/gmu;

/** Names with versions of all that ships: what is bundled, and what a user may install beside it. */
function shipped(): Set<string> {
  const bundled = readFileSync('dist/THIRD-PARTY-LICENSES', 'utf8').matchAll(HEAD);
  const { devDependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'devDependencies' | 'peerDependencies',
    Readonly<Record<string, string>>
  >;
  return new Set([
    ...Array.from(bundled, ([, name, version]) => `${name}@${version}`),
    // The version that the tests use.
    ...Object.keys(peerDependencies).map((name) => `${name}@${devDependencies[name]}`),
  ]);
}

interface Component {
  readonly 'bom-ref': string;
  readonly scope?: string;
  readonly properties?: readonly { readonly name: string }[];
}

interface CycloneDx {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
}

const DEVELOPMENT = 'cdx:npm:package:development';

const all = JSON.parse(
  execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  }),
) as CycloneDx;
const names = shipped();
const components = all.components
  .filter((component) => names.has(component['bom-ref']))
  // To npm what is bundled is development's, and optional; to whoever runs it, it is neither.
  .map(({ properties = [], scope: _scope, ...component }) => ({
    ...component,
    scope: component['bom-ref'].startsWith('koffi@') ? 'optional' : 'required',
    properties: properties.filter(({ name }) => name !== DEVELOPMENT),
  }));
const missing = [...names].filter((name) => !components.some((component) => component['bom-ref'] === name));
if (missing.length > 0) throw new Error(`npm sbom does not know ${missing.join(', ')}`);

const root = all.metadata.component['bom-ref'];
const kept = new Set([root, ...names]);
const dependencies = all.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
// npm names it after the folder that it stands in.
const metadata = { ...all.metadata, component: { ...all.metadata.component, name: root.slice(0, root.lastIndexOf('@')) } };
console.log(JSON.stringify({ ...all, metadata, components, dependencies }, null, 2));
