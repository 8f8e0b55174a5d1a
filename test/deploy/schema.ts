import { createRequire } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import type { Manifest } from './manifests.ts';

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '../..');

/** `kubernetes-models/apps/v1/DaemonSet`: that package is made from the OpenAPI document of Kubernetes itself. */
const moduleOf = ({ apiVersion, kind }: Manifest): string => `kubernetes-models/${apiVersion}/${kind}`;

/** What the schema of Kubernetes has against each of these objects, by their place; nothing of keys that it does not know. */
export function schemaFaults(manifest: Manifest): string[] {
  const made = require(moduleOf(manifest)) as Readonly<Record<string, new (data: Manifest) => { validate(): void }>>;
  try {
    new made[manifest.kind]!(manifest).validate();
    return [];
  } catch (error) {
    const { errors } = error as { readonly errors?: readonly { readonly instancePath: string; readonly message: string }[] };
    if (errors === undefined) throw error;
    return errors.map(({ instancePath, message }) => `${instancePath}: ${message}`);
  }
}

/**
 * What is wrong with the keys of each of these objects. The schemas allow keys that they do not name, as an API server does not
 * that validates strictly; so the compiler looks at each object as at one written in TypeScript.
 */
export function keyFaults(manifests: readonly Manifest[]): string[][] {
  const path = join(ROOT, 'test/deploy/manifests-as-code.ts');
  const lines = manifests.map(
    (manifest, index) =>
      `export const m${index}: import('${moduleOf(manifest)}').I${manifest.kind} = ${JSON.stringify(manifest).replaceAll('\u2028', '')};`,
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const code = ts.createSourceFile(path, lines.join('\n'), ts.ScriptTarget.ES2022);
  const onDisk = { ...host };
  host.fileExists = (name) => name === path || onDisk.fileExists(name);
  host.getSourceFile = (name, ...rest) => (name === path ? code : onDisk.getSourceFile(name, ...rest));
  const program = ts.createProgram([path], options, host);
  const faults = manifests.map((): string[] => []);
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (file === undefined || start === undefined) throw new Error(text);
    faults[file.getLineAndCharacterOfPosition(start).line]!.push(text);
  }
  return faults;
}
