import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

// Bundles the declarations of what a door gives: one file that names nothing of ours beside it, so that it serves ES modules
// and CommonJS alike.

/** The declarations of what the module at `entry` gives, and of all of ours that they need. Throws where they cannot be told. */
export const declarationsOf = (entry: string): string => new Bundle().of(resolve(entry));

/** From the file alone, which takes no time: what it gives says its types, or the compiler complains here. */
function declare(path: string): ts.SourceFile {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, isolatedDeclarations: true };
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(path, 'utf8'), {
    fileName: path,
    compilerOptions: options,
    reportDiagnostics: true,
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options)));
  return ts.createSourceFile(path, outputText, ts.ScriptTarget.Latest, true);
}

/** Where a name of a file comes from: another file of ours, under which name. */
interface Origin {
  readonly path: string;
  readonly name: string;
}

class Bundle {
  readonly #declared = new Map<string, ts.SourceFile>();
  /** By name: who declares it. Two of one name cannot stand in one file. */
  readonly #taken = new Map<string, string>();
  readonly #texts: string[] = [];
  readonly #outside = new Map<string, Set<string>>();

  #file(path: string): ts.SourceFile {
    const file = this.#declared.get(path) ?? declare(path);
    this.#declared.set(path, file);
    return file;
  }

  of(entry: string): string {
    const file = this.#file(entry);
    const given: string[] = [];
    for (const [name, origin] of this.#exportsOf(file)) {
      this.#take(origin);
      given.push(origin.name === name ? name : `${origin.name} as ${name}`);
    }
    const imports = [...this.#outside].map(
      ([from, names]) => `import type { ${[...names].toSorted().join(', ')} } from '${from}';`,
    );
    return `/// <reference types="node" />\n${imports.toSorted().join('\n')}\n\n${this.#texts.join('\n')}\nexport { ${given.join(', ')} };\n`;
  }

  /** What a file gives by itself or on from others; that its own statements say, or a list. */
  #exportsOf(file: ts.SourceFile): Map<string, Origin> {
    const path = resolve(file.fileName);
    const given = new Map<string, Origin>();
    for (const statement of file.statements) {
      if (
        ts.isExportDeclaration(statement) &&
        statement.exportClause !== undefined &&
        ts.isNamedExports(statement.exportClause)
      ) {
        const from = statement.moduleSpecifier === undefined ? path : pathOf(file, statement.moduleSpecifier);
        for (const { name, propertyName } of statement.exportClause.elements)
          given.set(name.text, { path: from, name: (propertyName ?? name).text });
      } else if (nameOf(statement) !== undefined && isExported(statement)) {
        const name = nameOf(statement)!;
        given.set(hasDefault(statement) ? 'default' : name, { path, name });
      }
    }
    return given;
  }

  /** Takes a declaration in, and before it all of ours that it names. */
  #take({ path, name }: Origin): void {
    const known = this.#taken.get(name);
    if (known === path) return;
    if (known !== undefined) throw new Error(`${name} is declared in ${known} and in ${path}`);
    const file = this.#file(path);
    const statements = file.statements.filter((one) => nameOf(one) === name);
    if (statements.length === 0) {
      const from = this.#exportsOf(file).get(name);
      if (from === undefined || from.path === path) throw new Error(`${path} does not declare ${name}`);
      return this.#take(from);
    }
    this.#taken.set(name, path);
    for (const statement of statements) {
      for (const used of namesIn(statement)) this.#follow(file, used);
      this.#texts.push(bare(file, statement));
    }
  }

  /** Takes in what a name within a file stands for, where that is not the language's own. */
  #follow(file: ts.SourceFile, name: string): void {
    if (file.statements.some((statement) => nameOf(statement) === name))
      return this.#take({ path: resolve(file.fileName), name });
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement)) continue;
      const bindings = statement.importClause?.namedBindings;
      if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
      const element = bindings.elements.find((one) => one.name.text === name);
      if (element === undefined) continue;
      if (element.propertyName !== undefined) throw new Error(`${file.fileName}: ${name} is another name of an import`);
      const from = (statement.moduleSpecifier as ts.StringLiteral).text;
      if (from.startsWith('.')) return this.#take({ path: pathOf(file, statement.moduleSpecifier), name });
      const names = this.#outside.get(from) ?? new Set();
      this.#outside.set(from, names.add(name));
    }
  }
}

const pathOf = (file: ts.SourceFile, specifier: ts.Expression): string =>
  join(resolve(file.fileName), '..', (specifier as ts.StringLiteral).text);

function nameOf(statement: ts.Statement): string | undefined {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0]!.name.getText();
  const { name } = statement as ts.Statement & { readonly name?: ts.Node };
  return name?.getText();
}

const modifiersOf = (statement: ts.Statement): readonly ts.ModifierLike[] =>
  ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
const isExported = (statement: ts.Statement): boolean =>
  modifiersOf(statement).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
const hasDefault = (statement: ts.Statement): boolean =>
  modifiersOf(statement).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);

/** The statement as it is written, with its comment, and not exported where it stands. */
function bare(file: ts.SourceFile, statement: ts.Statement): string {
  const dropped = modifiersOf(statement).filter(
    ({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword,
  );
  const declares = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ? '' : 'declare ';
  const start = statement.getStart();
  const from = dropped.length === 0 ? start : dropped.at(-1)!.end;
  const comment = file.text.slice(statement.getFullStart(), start).trim();
  const text = file.text
    .slice(from, statement.end)
    .trim()
    .replace(/^declare /u, '');
  return `${comment === '' ? '' : `${comment}\n`}${declares}${text}\n`;
}

/** Every name that a declaration uses. */
function namesIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const look = (one: ts.Node): void => {
    if (ts.isIdentifier(one)) names.add(one.text);
    ts.forEachChild(one, look);
  };
  look(node);
  return names;
}
