/** How far the rules of a pack are trusted. */
export const MATURITIES = ['stable', 'incubating', 'sandbox'] as const;

export type Maturity = (typeof MATURITIES)[number];

/** Of packs that ship, `builtin` stands for these. */
export const isStable = ({ maturity }: { readonly maturity: Maturity }): boolean => maturity === 'stable';

/** What a rules file says, without a reader of YAML. Whoever says nothing claims nothing. */
export function maturityIn(text: string): Maturity {
  const [, said] = /^maturity: (\w+)$/mu.exec(text) ?? [];
  return MATURITIES.find((maturity) => maturity === said) ?? 'sandbox';
}
