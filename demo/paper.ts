import picocolors from 'picocolors';
import { escapeControls } from '../src/rules/quote.ts';
import type { ShownLine } from './passages.ts';

/** What is drawn on: so many columns, with colours or without. */
export interface Paper {
  readonly columns: number;
  readonly colours: ReturnType<typeof picocolors.createColors>;
}

/** Lets a text that is too long end in `…`. */
export const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

/** Lines of at most `width`, broken between words; a word that is longer is clipped. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(clip(word, width));
  }
  return lines;
}

const NAMES: readonly (readonly [level: number, name: string])[] = [
  [50, 'ERROR'],
  [40, 'WARN'],
  [30, 'INFO'],
  [0, 'DEBUG'],
];

export const levelName = (level: number): string => NAMES.find(([least]) => level >= least)![1]; // 0 is at most any

export const isError = ({ level }: ShownLine): boolean => level >= 50;

/** `text` in the colour of a level. */
export function paintLevel({ colours }: Paper, level: number, text: string): string {
  const paints = { ERROR: colours.red, WARN: colours.yellow, INFO: colours.green, DEBUG: colours.dim };
  return paints[levelName(level) as keyof typeof paints](text);
}

/** What a line is about, its interface or its device; empty where it is about neither. */
export const nameOf = ({ interface: name, device }: ShownLine): string => escapeControls(name ?? device ?? '');

/** `eth0: ethtool statistics read` */
export const aboutIt = (name: string, text: string): string => (name === '' ? text : `${name}: ${text}`);

/** `12 lines`, `1 line`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
