import { numberOfLevel, spellName, type Level } from './level.ts';

/** What a program writes for each level in one place: numbers on a scale, or the words of a format that has its own. */
export interface Scale {
  readonly name: string;
  /** What is written for a level; the nearest that there is, where the scale has no such level. */
  readonly written: (level: Level) => string;
}

/** pino's and bunyan's numbers. */
export const PINO: Scale = { name: 'pino', written: (level) => String(numberOfLevel(level)) };

/** `level` as the program that wrote `like` would write it: on its scale; without one, as a word of the same length and case. */
export const spellLevel = (level: Level, like: string, scale: Scale | undefined): string =>
  scale === undefined ? spellName(level, like) : scale.written(level);
