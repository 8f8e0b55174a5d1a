/**
 * Compares two JSON numbers by value: below 0 where `a` is less, 0 where they are the same (`1`
 * and `1.0` are), above 0 where it is greater. Where doubles run together, beyond 2^53, digits decide.
 */
export function compareNumbers(a: string, b: string): number {
  const left = Number(a);
  const right = Number(b);
  if (left !== right) return left < right ? -1 : 1;
  if (a === b || Math.abs(left) <= Number.MAX_SAFE_INTEGER) return 0;
  const [leftDigits, leftScale] = decimalOf(a);
  const [rightDigits, rightScale] = decimalOf(b);
  // Equal doubles are of a size; a wider gap is an exponent written to be expensive.
  const gap = leftScale - rightScale;
  if (Math.abs(gap) > 1000) return 0;
  const scaledLeft = gap > 0 ? leftDigits * 10n ** BigInt(gap) : leftDigits;
  const scaledRight = gap < 0 ? rightDigits * 10n ** BigInt(-gap) : rightDigits;
  if (scaledLeft === scaledRight) return 0;
  return scaledLeft < scaledRight ? -1 : 1;
}

/** A number as an integer and the power of ten that it counts. */
function decimalOf(number: string): readonly [bigint, number] {
  const [mantissa, exponent] = number.toLowerCase().split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  return [BigInt(whole + fraction), Number(exponent ?? 0) - fraction.length];
}
