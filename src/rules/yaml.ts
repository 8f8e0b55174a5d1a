import { Composer, isScalar, Lexer, Parser, type CST, type ParsedNode } from 'yaml';
import { MAX_DEPTH, readNodes, spanOf, type Node, type Report } from './node.ts';
import type { Fault, Span } from './problem.ts';
import { escapeControls } from './quote.ts';

/** Where a text is not YAML there is no `root`, but at least one fault. A root may have faults, too. */
export interface Yaml {
  readonly root: Node | undefined;
  readonly faults: readonly Fault[];
}

/** Reads the one YAML document of a rules file. Never throws. */
export function readYaml(text: string): Yaml {
  const faults: Fault[] = [];
  const report: Report = (span, message, code = 'bad-yaml') => {
    faults.push({ code, message, span });
  };

  const tokens = tokensOf(text);
  if (!Array.isArray(tokens)) {
    report(tokens, `nested more than ${MAX_DEPTH} deep; a rule needs no more than a dozen`);
    return { root: undefined, faults };
  }
  const options = { version: '1.2', schema: 'core', resolveKnownTags: false, merge: false } as const;
  const composer = new Composer({ ...options, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const [document, second] = composer.compose(tokens, true, text.length);
  for (const { code, message, pos } of [...document!.errors, ...document!.warnings]) {
    report({ start: Math.min(pos[0], text.length), end: Math.min(pos[1], text.length) }, sentenceOf(code, message));
  }
  const explicit = document!.directives?.yaml.explicit === true && document!.directives.yaml.version !== '1.2';
  if (explicit) report({ start: 0, end: 0 }, 'rules are YAML 1.2; leave the %YAML directive out');
  if (second !== undefined) {
    const { start } = spanOf(second.range, text);
    report({ start, end: Math.min(start + 3, text.length) }, 'a second YAML document begins; put it into a file of its own');
  }
  if (faults.length > 0) return { root: undefined, faults };
  if (document!.contents === null || isEmpty(document!.contents)) {
    report({ start: 0, end: 0 }, 'the file is empty; a rules file begins with "version: 1"');
    return { root: undefined, faults };
  }
  const root = readNodes(document!, text, report);
  // A file with aliases left out says little that is true.
  return { root: faults.some(({ code }) => code === 'too-large') ? undefined : root, faults };
}

/** The tokens of a text, or the place where it nests too deep for those who read it by recursion. */
function tokensOf(text: string): CST.Token[] | Span {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH) return { start: parser.offset - 1, end: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

const isEmpty = (node: ParsedNode): boolean => isScalar(node) && node.value === null && (node.source ?? '') === '';

const RIGHT: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'quote a text that begins with "*" or "&"',
  BAD_DQ_ESCAPE: 'in single quotes a backslash stands for itself',
  BAD_INDENT: 'indent what belongs together alike, and close every [ and {',
  BAD_SCALAR_START: 'quote the text',
  BLOCK_AS_IMPLICIT_KEY: 'quote the text if ": " is a part of it',
  MISSING_CHAR: 'see also the lines before',
  MULTILINE_IMPLICIT_KEY: 'put the key on one line, with a colon after it',
  TAB_AS_INDENT: 'indent with spaces',
  TAG_RESOLVE_FAILED: 'leave the tag out, or quote the text',
};

/** yaml's message in our manner, with what would be right where there is one thing to say. */
function sentenceOf(code: string, message: string): string {
  const small = escapeControls(message.charAt(0).toLowerCase() + message.slice(1, 200)).replace(/(['"])quote/u, '$1 quote');
  return RIGHT[code] === undefined ? small : `${small}; ${RIGHT[code]}`;
}
