import type { Seen } from './conditions.ts';
import type { LogRecord } from './record.ts';
import type { Moment } from './times.ts';

/** A line that has arrived. */
export interface Line extends Seen {
  /** What it came by. */
  readonly stream: string;
  /** The index of its arrival. */
  readonly input: number;
  /** In ms, by the clock. */
  readonly arrived: number;
  /** Its own time, if that counts. */
  readonly own: Moment | undefined;
  /** Whether that names its year. */
  readonly dated: boolean;
  /** `t` of the design. */
  readonly time: Moment | undefined;
  /** Container and stream, if what stands around it names one. */
  readonly place: string | undefined;
  /** Something stands around it. */
  readonly isWrapped: boolean;
  /** Of its bytes, with its newline. */
  readonly size: number;
  /** Lines that go on with it. Its text is that of all. */
  readonly tail: readonly Line[];
  /** More went on with it than a record may have. */
  readonly isCut: boolean;
  /** Read, and neither ambiguous nor annotated: it may be judged and be a success. */
  readonly trusted: boolean;
}

/** A line that a rule may change. */
export interface Judged extends Line {
  readonly content: LogRecord;
}

export const isJudgeable = (line: Line): line is Judged => line.trusted;

/** The item that is due first; of several, the one that has been there longest. */
export const earliest = <T>(items: readonly T[], due: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>((best, item) => (best === undefined || due(item) < due(best) ? item : best), undefined);
