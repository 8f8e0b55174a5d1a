import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { quote } from './quote.ts';
import type { TextFault } from './template.ts';

/** What other dialects have and RE2 leaves out, because it cannot run in linear time; by how it begins. */
const NOT_LINEAR: readonly (readonly [begin: RegExp, name: string])[] = [
  [/^\(\?<?[=!]/u, 'look-around'],
  [/^\\(?:[1-9]|k|g)/u, 'back-reference'],
  [/^\(\?P[=>]/u, 'back-reference'],
  [/^\(\?>/u, 'atomic group'],
  [/^\(\?\(/u, 'conditional'],
];

/** Longer ones are generated, and better written as a list. */
const MAX_PATTERN = 10_000;

/** The names of the named groups of a pattern that re2js takes. */
export const groupNames = (pattern: string): readonly string[] => Object.keys(RE2JS.compile(pattern).namedGroups());

/** Why re2js refuses a pattern, or `undefined` where it takes it. */
export function patternFault(pattern: string): TextFault | undefined {
  const whole = { start: 0, end: pattern.length };
  if (pattern.length > MAX_PATTERN) {
    return { ...whole, message: `pattern of ${pattern.length} characters; a pattern has at most ${MAX_PATTERN}` };
  }
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const syntax = error instanceof RE2JSSyntaxException;
    const fragment = (syntax ? error.input : null) ?? '';
    const start = pattern.indexOf(fragment);
    for (const [begin, name] of NOT_LINEAR) {
      const found = begin.exec(fragment === '(?P' ? pattern.slice(start, start + 4) : fragment)?.[0];
      if (found === undefined) continue;
      const message = `${name} ${quote(found)} cannot run in linear time, which "matches" promises; write it without, or add a second test under "all" or "not"`;
      return { message, start, end: start + found.length };
    }
    const why = syntax ? error.error : error.message;
    if (fragment === '' || start === -1) return { ...whole, message: `bad pattern: ${why}; patterns are RE2 syntax` };
    return { message: `bad pattern: ${why} in ${quote(fragment)}; patterns are RE2 syntax`, start, end: start + fragment.length };
  }
}
