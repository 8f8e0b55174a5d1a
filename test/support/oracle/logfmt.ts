import type { Member } from './values.ts';

export interface Pairs {
  readonly members: readonly Member[];
  /** The quoting is broken, and what was read was read by guess. */
  readonly guessed: boolean;
}

const SPACES = /(?:\x1b\[[\d:;]*m|[\0- ])*/uy;
const KEY = /[^\0- ="]+/uy;
/** Colours are part of a value, though they begin with a control character. */
const PLAIN = /(?:\x1b\[[\d:;]*m|[^\0- ])*/uy;
/** What stands before the first `=`: neither code nor an address. */
const FIRST_PAIR = /^(?:\x1b\[[\d:;]*m)*[^\0- "'`()[\]{}<>,;&?|\\#=]+=/u;
/** A quoted value, closed where a pair may end. */
const QUOTED = /"((?:[^"\\]|\\.)*)"(?![^\0- ])/suy;
/** What mercy makes of a broken one: up to the first quote where a pair may end, else all that is left. */
const BROKEN = /"(.*?)"(?![^\0- ])|"(.*)/suy;

/** Reads pairs by go-logfmt's grammar; nothing if the line does not begin with one, or there is a value without a key. */
export function readLogfmt(text: string): Pairs | undefined {
  if (!FIRST_PAIR.test(text)) return undefined;
  const members: Member[] = [];
  let guessed = false;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found ?? undefined;
  };
  const put = (name: string, value: string, raw: string): void => {
    members.push({ name, value: { kind: 'text', text: value, untyped: true, quoted: raw.startsWith('"') }, raw });
  };

  for (;;) {
    take(SPACES);
    if (at === text.length) return { members, guessed };
    const key = take(KEY)?.[0];
    if (text[at] === '"') {
      guessed = true;
      take(PLAIN);
    } else if (key === undefined) {
      return undefined;
    } else if (text[at] !== '=') {
      members.push({ name: key, value: { kind: 'text', text: 'true', untyped: true, bare: true }, raw: 'true' });
    } else {
      at += 1;
      const quoted = take(QUOTED);
      if (quoted !== undefined) {
        put(key, unescape(quoted[1]!), quoted[0]);
        continue;
      }
      const broken = take(BROKEN);
      if (broken !== undefined) {
        guessed = true;
        put(key, unescape(broken[1] ?? broken[2]!), broken[0]);
        continue;
      }
      const plain = take(PLAIN)![0];
      put(key, plain, plain);
    }
  }
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function unescape(text: string): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|([nrt"\\]))/gu, (_, hex?: string, letter?: string) =>
    hex === undefined ? ESCAPED[letter!]! : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
