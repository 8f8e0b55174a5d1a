import type { Fault } from './problem.ts';
import { at, childrenOf, fieldsOf, partsOf, rootsIn, textsIn } from './walk.ts';
import type { Node } from './node.ts';

/**
 * Finds the texts that a comment may have cut short: `msg: { contains: issue #42 }` looks for `issue`.
 * Only where a text is compared or written: a name that is cut short is unknown, and so reported anyway.
 */
export function findComments(file: Node): Fault[] {
  const faults: Fault[] = [];
  for (const { commented, span } of textsToKeep(file)) {
    if (!commented) continue;
    const message = 'a comment right after an unquoted text; quote the text, or move the comment to a line of its own';
    faults.push({ code: 'comment-after-text', message, span });
  }
  return faults;
}

function* textsToKeep(file: Node): Generator<Node> {
  for (const [, { node }] of childrenOf(file, 'lists')) yield* textsIn(node);
  for (const root of rootsIn(file)) {
    for (const condition of partsOf(root.node)) {
      for (const { node: field } of fieldsOf(condition)) {
        if (typeof field.data === 'string') yield field;
        for (const [key, { node }] of field.children) {
          const mayName = key === 'in' || key === 'glob';
          for (const text of textsIn(node)) if (!mayName || !String(text.data).startsWith('$')) yield text;
        }
      }
    }
  }
  for (const [, { node: rule }] of childrenOf(file, 'rules')) {
    for (const change of ['then', 'else']) {
      for (const key of ['msg', 'note']) {
        const text = at(rule, change)?.children.get(key)?.node;
        if (text !== undefined) yield text;
      }
    }
  }
}
