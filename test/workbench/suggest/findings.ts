import { Suggestions } from '../../../src/workbench/suggest/suggest.ts';
import type { Finding } from '../../../src/workbench/suggest/propose.ts';

/** What there is to say of a log. */
export function findingsIn(lines: readonly string[]): readonly Finding[] {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const suggestions = new Suggestions({ format: 'auto', envelope: 'auto', read: undefined });
  suggestions.begin('app.log');
  for (let at = 0, newline = bytes.indexOf(10); newline !== -1; at = newline + 1, newline = bytes.indexOf(10, at))
    suggestions.take(bytes, at, newline, at);
  suggestions.end();
  const findings = suggestions.findings({ protect: [], rules: [] }, ({ offset, length }) =>
    bytes.subarray(offset, offset + length),
  );
  suggestions.close();
  return findings;
}
