/** Words that YAML takes for something else than a text. */
const PLAIN = /^[A-Za-z_/][\w./-]*$/u;
const OTHER = /^(?:true|false|yes|no|on|off|null|y|n)$/iu;

/** A text as a YAML scalar on one line. */
export function yamlText(text: string): string {
  if (PLAIN.test(text) && !OTHER.test(text)) return text;
  // JSON's escapes are YAML's; in single quotes nothing is an escape, which suits lines and patterns.
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{fffe}\u{ffff}]/u.test(text) ? jsonText(text) : `'${text.replaceAll("'", "''")}'`;
}

const jsonText = (text: string): string =>
  JSON.stringify(text).replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\u{fffe}\u{ffff}]/gu, (char) => {
    const code = char.codePointAt(0)!;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
