import type { Mask } from '../../rules/rule.ts';

/** What each mask takes for one. All are bounded or run over their own characters only: linear in the text. */
const PATTERNS: Readonly<Record<Mask, RegExp>> = {
  uuid: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/giu,
  ip: /\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])/giu,
  hex: /\b0x[\da-f]+\b|\b[\da-f]{8,}\b/giu,
  number: /\d+(?:\.\d+)?/gu,
};

/** The most specific first: a UUID's digits are no numbers any more once it is masked. */
const ORDER: readonly Mask[] = ['uuid', 'ip', 'hex', 'number'];

/** `text` with all that the masks name taken out, each leaving its name behind. */
export function maskText(text: string, masks: readonly Mask[]): string {
  let masked = text;
  for (const mask of ORDER) if (masks.includes(mask)) masked = masked.replace(PATTERNS[mask], `<${mask}>`);
  return masked;
}
