import { annotationOf, textOf } from '../../engine/edit/annotation-read.ts';
import { quote } from '../../rules/quote.ts';
import type { Understood } from '../read-line.ts';
import type { RuleReader } from '../rule-reader.ts';

/** What an annotation of ours says of its line. */
export function annotationWords({ record }: RuleReader): string {
  const entries = annotationOf(record)?.entries;
  const of = (name: string): string | undefined => {
    const entry = entries?.get(name);
    return entry === undefined ? undefined : textOf(record, entry);
  };
  const rule = of('rule');
  if (rule === undefined) return 'it has an annotation of relevel already; such a line is never changed again';
  const why = of('why');
  const repeats = of('repeats');
  return [
    `relevel has changed this line before: rule ${quote(rule)}, which found the level ${quote(of('was') ?? '')}`,
    ...(why === undefined ? [] : [`because of ${quote(why)}`]),
    ...(repeats === undefined ? [] : [`it stands for ${repeats} lines that were collapsed`]),
    'an annotated line is never changed again',
  ].join('; ');
}

/** Why no format recognizes a line, and what may be in the way. */
export function opaqueWords({ why }: Understood, bytes: Buffer): string {
  const text = bytes.toString();
  const at = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (at > 0 && end > at) {
    try {
      JSON.parse(text.slice(at, end + 1));
      const prefix = text.slice(0, at).trim();
      return `no format recognizes it (${why}): there is JSON behind ${quote(prefix)}; name the envelope with --envelope, describe the header under read.formats, or match $line`;
    } catch {
      // No JSON either.
    }
  }
  return `no format recognizes it (${why}), so no rule applies; see relevel read --only opaque`;
}
