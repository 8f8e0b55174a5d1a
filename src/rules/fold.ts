/** Folds as itself under simple case folding, though its capital is `I`; Unicode's CaseFolding.txt. */
const DOTLESS_I = 'ı';

/**
 * `text` with the differences of case taken away: two texts that are the same but for case, as
 * `(?i)` in RE2 takes it (Unicode's simple case folding), fold to the same text.
 */
export function foldCase(text: string): string {
  // The common case, and much the fastest: every ASCII letter folds to its lower case.
  if (isAscii(text)) return text.toLowerCase();
  let folded = '';
  for (const char of text) folded += foldChar(char);
  return folded;
}

function foldChar(char: string): string {
  if (char === DOTLESS_I) return char;
  const upper = single(char.toUpperCase(), char);
  return single(upper.toLowerCase(), upper);
}

/** Simple folding never makes two characters of one: `ß` stays, though its capital is `SS`. */
function single(changed: string, char: string): string {
  return changed.length === (changed.codePointAt(0)! > 0xffff ? 2 : 1) ? changed : char;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
