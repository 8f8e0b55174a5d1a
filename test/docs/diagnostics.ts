import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './pages.ts';

/** A message that the program can print, as the texts that stand between what it puts in. */
export interface Message {
  readonly place: string;
  readonly parts: readonly string[];
}

/** What of a call is printed: a message, or, of `fault`, what could not be done. */
const PRINTED: Readonly<Record<string, { readonly argument: number; readonly before: string }>> = {
  'diagnostics.say': { argument: 1, before: '' },
  onLost: { argument: 0, before: '' },
  onRecovery: { argument: 0, before: '' },
  onNote: { argument: 0, before: '' },
  fault: { argument: 1, before: 'cannot ' },
};

/** Every message that is written out in the program's own code, outside of what says that something was asked wrongly. */
export function messages(): readonly Message[] {
  const found: Message[] = [];
  for (const room of ['io', 'sidecar', 'cli']) {
    const folder = join(ROOT, 'src', room);
    for (const name of readdirSync(folder)) {
      if (!name.endsWith('.ts')) continue;
      const path = join(folder, name);
      visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true), `src/${room}/${name}`, found);
    }
  }
  return found;
}

function visit(node: ts.Node, file: string, found: Message[]): void {
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText().replace(/^.*#options\./u, '');
    const printed = Object.hasOwn(PRINTED, callee) ? PRINTED[callee] : undefined;
    const argument = printed === undefined ? undefined : node.arguments[printed.argument];
    if (argument !== undefined)
      for (const parts of textsOf(argument))
        found.push({ place: `${file}: ${callee}`, parts: [printed!.before + parts[0]!, ...parts.slice(1)] });
  }
  // Errors of the rooms that meet no file: their messages are printed as they are.
  if (ts.isNewExpression(node) && node.expression.getText() === 'Error' && !file.startsWith('src/io/'))
    for (const parts of textsOf(node.arguments![0]!)) found.push({ place: `${file}: Error`, parts });
  // What is said of a concern is made elsewhere than it is said.
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'sayingOf' && ts.isArrowFunction(node.initializer))
    for (const parts of textsOf(node.initializer.body)) found.push({ place: `${file}: sayingOf`, parts });
  ts.forEachChild(node, (child) => visit(child, file, found));
}

/** The texts of an expression that is one, of a template, or of both sides of a choice; of others none. */
function textsOf(node: ts.Node): string[][] {
  if (ts.isStringLiteralLike(node)) return [[node.text]];
  if (ts.isTemplateExpression(node)) return [[node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  return [];
}

/** Whether a page has this message: all its texts in order, with a few words between them at most. */
export function isNamed({ parts }: Message, page: string): boolean {
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(escaped.join('[^\\n|]{0,60}?'), 'u').test(page);
}
