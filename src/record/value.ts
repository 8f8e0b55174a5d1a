/** What a slot of a record holds. A text's span lies inside its quotes, where it has any. */
export const MISSING = 0;
export const QUOTED = 1;
/** A JSON string with a backslash in it. */
export const JSON_ESCAPED = 2;
/** A quoted logfmt value with a backslash in it. */
export const LOGFMT_ESCAPED = 3;
/** Text without quotes: a logfmt value, the message of a text line. */
export const UNQUOTED = 4;
/** A logfmt key without a value; it counts as the text `true`. */
export const FLAG = 5;
export const NUMBER = 6;
export const TRUE = 7;
export const FALSE = 8;
export const NULL = 9;
/** An object or a list: it is there, and equals nothing. */
export const NESTED = 10;

/** Whether it stands in quotes, which its span leaves out. */
export const isQuoted = (kind: number): boolean => kind >= QUOTED && kind <= LOGFMT_ESCAPED;

/** Whether it is a text. */
export const isText = (kind: number): boolean => kind >= QUOTED && kind <= FLAG;

/** The text that a value of this kind spells, given its own bytes, decoded. */
export function decodeText(raw: string, kind: number): string {
  if (kind === FLAG) return 'true';
  if (kind === JSON_ESCAPED) return unescapeJson(raw);
  return kind === LOGFMT_ESCAPED ? unescapeLogfmt(raw) : raw;
}

/** The opposite of a JSON string's escapes. Throws on an invalid one, which no reader lets through. */
const unescapeJson = (text: string): string => JSON.parse(`"${text}"`) as string;

const LOGFMT_ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

/** Undoes the escapes that go-logfmt writes and reads, JSON's. Any other backslash stays as it is. */
function unescapeLogfmt(text: string): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|(["\\/bfnrt]))/gu, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? LOGFMT_ESCAPES[letter!]! : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** JSON's grammar of a number, for texts that are spelled as one. */
export const NUMBER_SPELLING = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/u;
