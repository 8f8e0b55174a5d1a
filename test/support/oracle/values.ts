/** A value in a line, before anyone asks what it means. `untyped`: from logfmt, where everything is text; `quoted`: there, in quotes; `bare`: there, a key alone. */
export type Value =
  | { readonly kind: 'text'; readonly text: string; readonly untyped: boolean; readonly quoted?: boolean; readonly bare?: true }
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'list' }
  | { readonly kind: 'object'; readonly members: readonly Member[] };

/** A name with its value, in the order of the line. `raw` is the value as the line spells it. */
export interface Member {
  readonly name: string;
  readonly value: Value;
  readonly raw: string;
}

/** A number as a rules file spells it: a double would lose the digits beyond 2^53. */
export class Numeral {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/u;

export const spellsNumber = (text: string): boolean => NUMBER.test(text);

/** Below zero, zero or above it as `a` is below, equal to or above `b`; exact whatever the number of digits. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [decimal(a), decimal(b)];
  const exponent = Math.min(left.exponent, right.exponent);
  const difference =
    left.mantissa * 10n ** BigInt(left.exponent - exponent) - right.mantissa * 10n ** BigInt(right.exponent - exponent);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function decimal(digits: string): { mantissa: bigint; exponent: number } {
  const [, sign, whole, fraction = '', exponent = '0'] = NUMBER.exec(digits)!;
  return { mantissa: BigInt(`${sign}${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

/** The value as a key or a template spells it; nothing for what counts as missing there: null, objects and lists. */
export function spelling(value: Value | undefined): string | undefined {
  switch (value?.kind) {
    case 'text':
      return value.text;
    case 'number':
      return value.digits;
    case 'boolean':
      return String(value.value);
    case 'null':
    case 'list':
    case 'object':
    case undefined:
      return undefined;
  }
}
