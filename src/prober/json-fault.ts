/** A place in a text: line and column, from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** One token: a bracket, a comma or a colon; the quote that a string begins with; a number or a word. */
const TOKEN = /(?<mark>[{}[\],:])|(?<text>")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][-+]?\d+)?|true|false|null)(?![\w.+-])/uy;
/** A part of a string: of a limited length, as what a pattern repeats without one takes room on the stack. */
const PART = /[^"\\\u0000-\u001F]{1,4096}|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/uy;
const SPACE = /[ \t\r\n]{1,4096}/uy;

type Token = Partial<Record<'mark' | 'text', string>>;
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

/**
 * Where a text ceases to be JSON; its end, where it stops too early. To be asked of what `JSON.parse` refuses, which itself
 * says where on newer Nodes alone, and not always.
 */
export function jsonFault(text: string): Place {
  const open: string[] = [];
  let expected: Expected | undefined = 'value';
  for (let at = 0; ;) {
    const from = pass(SPACE, text, at);
    TOKEN.lastIndex = from;
    const found = TOKEN.exec(text);
    if (found === null) return placeOf(text, from);
    const token: Token = found.groups ?? {};
    expected = after(expected, token, open);
    at = from + found[0].length;
    if (token.text !== undefined) {
      at = pass(PART, text, at) + 1;
      if (text[at - 1] !== '"') return placeOf(text, from);
    }
    if (expected === undefined) return placeOf(text, from);
  }
}

/** Passes all that fits `part`, from `at` on. */
function pass(part: RegExp, text: string, at: number): number {
  for (let end = at; ; end = part.lastIndex) {
    part.lastIndex = end;
    if (!part.test(text)) return end;
  }
}

/** What may follow the token; `undefined` where the token is not what was expected. Keeps the list of open brackets. */
function after(expected: Expected, { mark, text }: Token, open: string[]): Expected | undefined {
  const ends = expected.endsWith('end') && mark === open.at(-1) && open.length > 0;
  if (ends) {
    open.pop();
    return 'comma or end';
  }
  switch (expected) {
    case 'comma or end':
      if (mark !== ',' || open.length === 0) return undefined;
      return open.at(-1) === '}' ? 'key' : 'value';
    case 'colon':
      return mark === ':' ? 'value' : undefined;
    case 'key':
    case 'key or end':
      return text === undefined ? undefined : 'colon';
    case 'value':
    case 'value or end':
      if (mark === undefined) return 'comma or end';
      if (mark !== '{' && mark !== '[') return undefined;
      open.push(mark === '{' ? '}' : ']');
      return mark === '{' ? 'key or end' : 'value or end';
  }
}

function placeOf(text: string, at: number): Place {
  const lines = text.slice(0, at).split('\n');
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
