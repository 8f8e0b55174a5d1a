/** A value of a pair. A map is written as a pair for each of its entries: `statistics.rx_drops=0`. */
export type Value = string | number | ReadonlyMap<string, number | bigint>;

/**
 * Who writes: go-logfmt or zap-logfmt. zap-logfmt escapes also where it does not quote (`C:\\dir`), does not quote DEL,
 * and knows no word for nothing that a text would have to be told from.
 */
export type Dialect = 'go' | 'zap';

/**
 * One line of logfmt, without a newline, of pairs that have a value.
 *
 * Sources: https://github.com/go-logfmt/logfmt/blob/main/encode.go and https://github.com/jsternberg/zap-logfmt/blob/master/encoder.go.
 */
export function writeLogfmt(pairs: readonly (readonly [key: string, value: Value | undefined])[], dialect: Dialect): string {
  const parts: string[] = [];
  for (const [key, value] of pairs) {
    if (value === undefined) continue;
    if (typeof value === 'object') {
      for (const [name, counter] of value) parts.push(`${keyOf(`${key}.${name}`)}=${counter}`);
    } else {
      parts.push(`${keyOf(key)}=${typeof value === 'number' ? value : valueOf(value, dialect)}`);
    }
  }
  return parts.join(' ');
}

// As what they are not, in Unicode's order: control characters and space, `"`, `=`, U+FFFD.
const SPECIAL = /[^!#-<>-\uFFFC\uFFFE-\u{10FFFF}]/gu;
const QUOTED: Readonly<Record<Dialect, RegExp>> = {
  go: /[^!#-<>-~\u0080-\uFFFC\uFFFE-\u{10FFFF}]/u, // DEL too
  zap: /[^!#-<>-\uFFFC\uFFFE-\u{10FFFF}]/u,
};
/** Control characters, `"` and `\`. */
const ESCAPED = /[^ !#-[\]-\u{10FFFF}]/gu;

/** go-logfmt drops what no key may hold. */
const keyOf = (key: string): string => key.replace(SPECIAL, '');

/** The text of a value as `dialect` spells it. */
function valueOf(text: string, dialect: Dialect): string {
  if (QUOTED[dialect].test(text) || (dialect === 'go' && text === 'null')) return `"${escape(text)}"`;
  return dialect === 'zap' ? escape(text) : text;
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

const escape = (text: string): string =>
  text.replace(ESCAPED, (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
