import ts from 'typescript';

let classes = 0;

/**
 * Private members of the classes in a script or module as plain ones, of names that nothing else has. V8 looks private ones up by
 * another way, which is the slower one until it has compiled the code around them: of runs of half a second, that was 3 %.
 */
export function withPlainPrivates(text: string): string {
  const file = ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const names: { readonly start: number; readonly end: number; readonly plain: string }[] = [];
  const visit = (node: ts.Node, scopes: readonly ReadonlyMap<string, string>[]): void => {
    if (ts.isPrivateIdentifier(node)) {
      const plain = scopes.find((scope) => scope.has(node.text))?.get(node.text);
      // Of `#name in object` there is no plain kin.
      if (plain === undefined || ts.isBinaryExpression(node.parent)) throw new Error(`${node.text} cannot be made plain`);
      names.push({ start: node.getStart(file), end: node.end, plain });
      return;
    }
    const inner = ts.isClassLike(node) ? [privatesOf(node), ...scopes] : scopes;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(file, []);
  const taken = names.find(({ plain }) => text.includes(plain));
  if (taken !== undefined) throw new Error(`${taken.plain} is a name already`);

  let from = 0;
  const parts: string[] = [];
  for (const { start, end, plain } of names) {
    // `async#close`, as a minifier writes it
    const space = /\w/u.test(text.charAt(start - 1)) ? ' ' : '';
    parts.push(text.slice(from, start), space, plain);
    from = end;
  }
  return parts.join('') + text.slice(from);
}

function privatesOf(node: ts.ClassLikeDeclaration): ReadonlyMap<string, string> {
  classes += 1;
  const privates = new Map<string, string>();
  for (const { name } of node.members)
    if (name !== undefined && ts.isPrivateIdentifier(name)) privates.set(name.text, `_${classes}${name.text.slice(1)}`);
  return privates;
}
