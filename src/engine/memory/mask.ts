import { compilePattern } from '../../rules/pattern.ts';
import type { Mask, MaskName } from '../../rules/rule.ts';

/** Takes out of a text what does not count, and leaves the name of what it was. Linear in the text. */
export type Masking = (text: string) => string;

/** All are bounded or run over their own characters only. */
const PATTERNS: Readonly<Record<Exclude<MaskName, 'word' | 'quoted'>, RegExp>> = {
  uuid: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/giu,
  ip: /\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])/giu,
  hex: /\b0x[\da-f]+\b|\b[\da-f]{8,}\b/giu,
  number: /\d+(?:\.\d+)?/gu,
  // From `/`, `~/`, `./`, `../` or `C:\` at the beginning of a word, up to what ends a path in a sentence.
  path: /(?<![^\s"'`([{<=:,;|])(?:~?\/|\.{1,2}\/|[a-z]:[\\/])[^\s"'`()[\]{}<>|,;:]+/giu,
};

/** Of these, whatever their order, the most specific goes first: a UUID's digits are no numbers any more once it is masked. */
const BY_FORM: readonly Mask[] = ['uuid', 'ip', 'hex', 'number'];

/** Further matches of a pattern of the operator's stay, as does what lies behind: each may have to look through all of the text. */
const MOST_MATCHES = 32;
const MOST_CHARACTERS = 8192;

/** Applies the masks in their order; those of `BY_FORM` that stand together, the most specific first. `undefined` if there are none. */
export function compileMasks(masks: readonly Mask[]): Masking | undefined {
  if (masks.length === 0) return undefined;
  const steps = inOrder(masks).map(compileMask);
  return (text) => steps.reduce((rest, step) => step(rest), text);
}

function inOrder(masks: readonly Mask[]): readonly Mask[] {
  const ordered: Mask[] = [];
  let together: Mask[] = [];
  const flush = (): void => {
    ordered.push(...BY_FORM.filter((mask) => together.includes(mask)));
    together = [];
  };
  for (const mask of masks) {
    if (BY_FORM.includes(mask)) {
      together.push(mask);
    } else {
      flush();
      ordered.push(mask);
    }
  }
  flush();
  return ordered;
}

function compileMask(mask: Mask): Masking {
  if (typeof mask !== 'string') {
    const { replace } = compilePattern(mask.pattern, false);
    return (text) => replace(text.slice(0, MOST_CHARACTERS), '<pattern>', MOST_MATCHES) + text.slice(MOST_CHARACTERS);
  }
  if (mask === 'quoted') return maskQuoted;
  if (mask === 'word') return maskWords;
  return (text) => text.replace(PATTERNS[mask], `<${mask}>`);
}

/** Pods, hosts, units: what has a digit or a hyphen in it. */
const maskWords: Masking = (text) => text.replace(/[\p{L}\p{N}._-]+/gu, (word) => (/[\p{N}-]/u.test(word) ? '<word>' : word));

/** Quotes, and what closes them. */
const OPENING = '"\'`“';
const CLOSING = '"\'`”';

/** Quotes with what stands between them. A quote within a word is an apostrophe, and one behind a backslash is part of the text. */
const maskQuoted: Masking = (text) => {
  let masked = '';
  let from = 0;
  /** For each kind of quote, whether nothing closes it from here on. */
  const unclosed = [false, false, false, false];
  for (let at = 0; at < text.length; at += 1) {
    const quote = OPENING.indexOf(text[at]!);
    if (quote === -1 || unclosed[quote] === true || text[at - 1] === '\\' || IN_WORD.test(text[at - 1] ?? '')) continue;
    const end = closingQuote(text, CLOSING[quote]!, at + 1);
    unclosed[quote] = end === -1;
    if (end === -1) continue;
    masked += `${text.slice(from, at)}<quoted>`;
    from = end + 1;
    at = end;
  }
  return masked + text.slice(from);
};

const IN_WORD = /[\p{L}\p{N}]/u;

function closingQuote(text: string, quote: string, from: number): number {
  for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 1)) {
    if (text[at - 1] !== '\\' && !IN_WORD.test(text[at + 1] ?? '')) return at;
  }
  return -1;
}
