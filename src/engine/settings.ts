import type { EnvelopeKind } from '../formats/envelope-kinds.ts';
import type { Zone } from './zone.ts';

/**
 * Where time comes from: the wall clock; the lines alone; the lines, or if their times cannot be compared their order; or the `at` of
 * an example's lines.
 */
export type Clock = 'live' | 'replay' | 'order' | 'example';

/** Whether time passes without a line. */
export const hasTimers = (clock: Clock): boolean => clock === 'live' || clock === 'example';

export type Order = 'strict' | 'relaxed';

/** Where folded lines are kept. */
export interface Archive {
  /** Takes the bytes of one line, newline included, before it returns. False where it could not: the line must not be folded. */
  keep(bytes: Uint8Array, start: number, end: number): boolean;
}

/** Every bound and choice of the engine. */
export interface EngineSettings {
  readonly clock: Clock;
  /** Of times that name none, unless the rules name one. */
  readonly zone: Zone;
  /** What rules call `local`; absent: `zone`. */
  readonly local?: Zone;
  readonly order: Order;
  readonly format: 'auto' | 'json' | 'logfmt' | 'text';
  /** What may stand around each line; absent: nothing. */
  readonly envelope?: EnvelopeKind;
  /** Under `auto`, lines may come in pieces even if the first line of a stream has no envelope that lines come in pieces in. */
  readonly mayBeCutAnywhere?: boolean;
  /** Most lines in the hold queue: those that wait, and in strict order those behind them. */
  readonly holdLines: number;
  /** Most bytes in the hold queue. */
  readonly holdBytes: number;
  /** Most open groups, and most remembered events for lookbacks. */
  readonly groups: number;
  /** Most bytes kept for open groups: keys and last folded lines. */
  readonly groupBytes: number;
  /** A longer line, in bytes without its newline, passes in pieces, unjudged. */
  readonly maxLine: number;
  /** Most bytes of a record of several lines, from its first byte on, with other lines among its own. 0: each line is one of its own. */
  readonly maxRecord: number;
  /** How long a line waits for those that may go on with it, ms; in replay as long as it takes. */
  readonly recordWait: number;
  /** False: changed lines bear no annotation; summaries keep theirs. */
  readonly annotate: boolean;
  readonly archive: Archive | undefined;
  /** Each line leaves behind the priority of its level, such as `<3>`. */
  readonly priorityPrefix?: boolean;
}

/** Most lines of a record, with other lines among its own. */
export const RECORD_LINES = 500;

/** Longer lines are never folded: a group keeps its last one. Bytes. */
export const MAX_FOLDED = 8192;

const MIB = 1024 * 1024;

/** What holds if nothing was said. Clock, zone and archive are whoever opens an engine's to say. */
export const ENGINE_DEFAULTS = {
  format: 'auto',
  envelope: 'auto',
  order: 'strict',
  holdLines: 65_536,
  holdBytes: 16 * MIB,
  groups: 10_000,
  groupBytes: 16 * MIB,
  maxLine: 64 * 1024,
  maxRecord: 64 * 1024,
  recordWait: 50,
  annotate: true,
  priorityPrefix: false,
} as const satisfies Partial<EngineSettings>;

/** Takes what leaves. The bytes are only lent: a sink writes or copies them before it returns. */
export interface Sink {
  write(bytes: Uint8Array, start: number, end: number): void;
}
