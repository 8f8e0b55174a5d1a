/** What may stand in the place of a part. */
export type PartKind =
  'any' | 'word' | 'path' | 'dotted' | 'digits' | 'time' | 'iso' | 's' | 'ms' | 'level' | 'msg' | 'pairs' | 'json';

/** A piece of a pattern. Atoms of a literal are bytes, or `BLANKS` or `TABS`. */
export type Piece =
  | { readonly kind: 'literal'; readonly atoms: readonly number[] }
  | { readonly kind: 'part'; readonly name: string; readonly part: PartKind };

/** Any run of blanks and tabs. */
export const BLANKS = -1;
/** The same, with a tab in it, or two blanks: tabs are lost where lines are pasted. */
export const TABS = -2;

/** What is wrong with a pattern, and where in it. */
export interface PatternFault {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

const SPECIAL: ReadonlySet<string> = new Set(['level', 'msg', 'pairs', 'json']);
const KINDS: ReadonlySet<string> = new Set(['word', 'path', 'dotted', 'digits']);
const TIMES: ReadonlySet<string> = new Set(['iso', 's', 'ms']);

const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[ \t]+|[^{} \t]+|[{}]/gu;
const NAME = /^[A-Za-z_$@][\w.$@-]*$/u;

/** Takes a pattern apart: literals and `{name}` or `{name:kind}` parts; `{{` and `}}` stand for braces. */
export function parsePattern(pattern: string): { readonly pieces: readonly Piece[]; readonly faults: readonly PatternFault[] } {
  const pieces: Piece[] = [];
  const faults: PatternFault[] = [];
  let atoms: number[] = [];
  const endLiteral = (): void => {
    if (atoms.length > 0) pieces.push({ kind: 'literal', atoms });
    atoms = [];
  };
  for (const found of pattern.matchAll(TOKEN)) {
    const [token, inside] = found;
    if (inside === undefined) {
      if (token === '{' || token === '}')
        faults.push({
          start: found.index,
          end: found.index + 1,
          message: `a brace alone; write ${token}${token} for the character`,
        });
      else if (/^[ \t]/u.test(token)) atoms.push(token.includes('\t') ? TABS : BLANKS);
      else atoms.push(...Buffer.from(token === '{{' || token === '}}' ? token[0]! : token));
      continue;
    }
    endLiteral();
    const part = partOf(inside);
    if (typeof part === 'string') faults.push({ start: found.index, end: found.index + token.length, message: part });
    else pieces.push(part);
  }
  endLiteral();
  const order = faults.length === 0 ? faultInOrder(pieces) : undefined;
  if (order !== undefined) faults.push({ start: 0, end: pattern.length, message: order });
  return { pieces, faults };
}

function partOf(inside: string): Piece | string {
  const [name = '', kind, ...more] = inside.split(':');
  const known = name === 'time' ? TIMES : SPECIAL.has(name) ? undefined : KINDS;
  if (more.length > 0 || (kind !== undefined && known?.has(kind) !== true)) {
    if (known === undefined) return `{${name}} has no kinds`;
    return `unknown kind; kinds of {${name}} are ${[...known].join(', ')}`;
  }
  if (name === 'time') return { kind: 'part', name, part: (kind ?? 'time') as PartKind };
  if (SPECIAL.has(name)) return { kind: 'part', name, part: name as PartKind };
  if (name !== '' && !NAME.test(name)) return 'a part is {}, or a name of letters, digits, "_", "." and "-" in braces';
  return { kind: 'part', name, part: (kind ?? 'any') as PartKind };
}

/** Parts of which a line shows where they end. */
const SELF_ENDING: ReadonlySet<PartKind> = new Set(['level', 'time', 'iso', 's', 'ms', 'digits']);

function faultInOrder(pieces: readonly Piece[]): string | undefined {
  const parts = pieces.flatMap((piece) => (piece.kind === 'part' ? [piece] : []));
  const count = (kind: PartKind): number => parts.filter(({ part }) => part === kind).length;
  const kinds = parts.map(({ part }) => part);
  for (const kind of ['msg', 'pairs', 'json'] as const) if (count(kind) > 1) return `{${kind}} stands here twice`;
  if (kinds.filter((kind) => SELF_TIMED.has(kind)).length > 1) return '{time} stands here twice';
  if (count('level') > 2) return '{level} stands here more than twice';
  if (count('pairs') + count('json') > 1) return 'only one of {pairs} and {json} can end a line';
  if (kinds.length === 0 || (count('level') === 0 && count('pairs') + count('json') === 0))
    return 'a pattern needs a {level}, or {pairs} or {json} that may hold one';
  const names = parts.map(({ name }) => name).filter((name) => name !== '' && name !== 'level');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return `{${twice}} stands here twice`;
  const tail = kinds.findIndex((kind) => kind === 'msg' || kind === 'pairs' || kind === 'json');
  const msg = kinds.indexOf('msg');
  if (msg > tail) return '{msg} stands before {pairs} and {json}';
  if (tail !== -1) {
    const behind = kinds.slice(tail + (msg !== -1 && (kinds[msg + 1] === 'pairs' || kinds[msg + 1] === 'json') ? 2 : 1));
    if (behind.some((kind) => kind === 'level' || SELF_TIMED.has(kind))) return '{level} and {time} stand before {msg}';
    if (behind.some((kind) => kind === 'pairs' || kind === 'json')) return '{pairs} and {json} stand right behind {msg}';
  }
  for (let i = 0; i + 1 < pieces.length; i += 1) {
    const [piece, next] = [pieces[i]!, pieces[i + 1]!];
    if (piece.kind === 'part' && next.kind === 'part' && !SELF_ENDING.has(piece.part))
      return `nothing stands between {${piece.name}} and {${next.name}}; only {level}, {time} and digits show where they end`;
  }
  return undefined;
}

const SELF_TIMED: ReadonlySet<PartKind> = new Set(['time', 'iso', 's', 'ms']);
