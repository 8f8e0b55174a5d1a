import type { Parsed } from './parse.ts';
import type { Asked } from './settings.ts';

/** What is asked of `relevel run`. */
export interface RunAsked extends Asked {
  /** What rules that do not load mean for the command. */
  onError?: 'pass' | 'fail';
  /** What the command starts with; left out: what our parent has, and our NODE_OPTIONS. */
  childIgnore?: number[];
  childNofile?: number;
  childNodeOptions?: string;
}

/** What was typed, with the command that stands behind the first `--`. */
export interface RunParsed extends Parsed<RunAsked> {
  readonly command: readonly string[];
}
