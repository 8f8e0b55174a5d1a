import { compileMasks } from '../../engine/memory/mask.ts';
import type { Mask } from '../../rules/rule.ts';
import type { LineFact } from './facts.ts';

/** How repeats are put into groups. */
export interface Grouping {
  readonly by: readonly string[];
  /** The message, if parts of it do not count, and causes that vary. */
  readonly masked: readonly { readonly field: string; readonly mask: readonly Mask[] | 'all' }[];
}

/** What lines of one group have in common. */
export function groupKeyOf({ message, fields }: LineFact, { by, masked }: Grouping): string {
  const valueOf = (name: string): string => (name === 'msg' ? message : fields.get(name)?.text) ?? '';
  const parts = masked.map(({ field, mask }) => {
    if (mask === 'all') return '';
    return compileMasks(mask)?.(valueOf(field)) ?? valueOf(field);
  });
  const hasMessage = masked.some(({ field }) => field === 'msg');
  return JSON.stringify([...by.map(valueOf), ...parts, hasMessage ? '' : message]);
}
