import type { LevelName } from './level.ts';

/** A line, and what is to be read of it: `level`, `msg`, `time` (RFC 3339) and fields, all as texts. */
export interface TextSample {
  readonly line: string;
  readonly is: Readonly<Record<string, string>>;
}

/** A header that programs write before their messages. `docs/formats.md` describes patterns. */
export interface TextFormat {
  readonly name: string;
  /** Asked in this order: the first that fits a line reads it. */
  readonly patterns: readonly string[];
  /** Words of its own for levels, exactly as they are written; of several for one level, the first is written. */
  readonly levels?: Readonly<Record<string, LevelName>> | undefined;
  /** Levels in capitals only: in other words they may be the beginning of a message. */
  readonly capitals?: true | undefined;
  /** Levels by names that are hardly ever the beginning of a message: no `http`, `log` or `note`. */
  readonly plain?: true | undefined;
  /** A line without the tail is of another format. */
  readonly needsTail?: true | undefined;
  readonly samples: readonly TextSample[];
}
