import { spellsNumber, type Value } from './values.ts';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

/** Other names, in small letters; klog's letters are among them for its header alone. */
const SYNONYMS: Readonly<Record<string, Level>> = {
  notice: 'info',
  warning: 'warn',
  err: 'error',
  crit: 'fatal',
  critical: 'fatal',
  panic: 'fatal',
};
const LETTERS: Readonly<Record<string, Level>> = { T: 'trace', D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'fatal' };

export const rank = (level: Level): number => LEVELS.indexOf(level);

/** Where to lower `level` to: `to`, unless that is a rise. */
export const lowered = (level: Level, to: Level | undefined): Level => (to !== undefined && rank(to) < rank(level) ? to : level);

export function levelNamed(name: string): Level | undefined {
  const small = name.toLowerCase();
  return LEVELS.find((level) => level === small) ?? (Object.hasOwn(SYNONYMS, small) ? SYNONYMS[small] : undefined);
}

export const levelOfLetter = (letter: string): Level => LETTERS[letter]!;

export function levelOfValue(value: Value | undefined): Level | undefined {
  if (value?.kind === 'number') return levelOfNumber(Number(value.digits));
  if (value?.kind !== 'text') return undefined;
  return value.untyped && spellsNumber(value.text) ? levelOfNumber(Number(value.text)) : levelNamed(value.text);
}

/** pino's scale: 10 trace, 20 debug, up to 60 fatal; between two the lower one. */
const levelOfNumber = (number: number): Level => LEVELS[Math.min(Math.max(Math.floor(number / 10), 1), 6) - 1]!;
