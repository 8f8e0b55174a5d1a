import type { LogRecord } from '../record/record.ts';

/** What is to be known of a head, to tell which lines go on with it. */
export interface Head {
  /** Container and stream that it comes from; `undefined` if nothing names them: then no line of its input can be another's. */
  readonly stream: string | undefined;
  /** Something stands around it. */
  readonly isWrapped: boolean;
  /** It is a line of text: not only indented lines go on with it. */
  readonly isHeaded: boolean;
}

/** Of a line of JSON or logfmt around which nothing stands. */
export const PLAIN_HEAD: Head = { stream: undefined, isWrapped: false, isHeaded: false };

export const headOf = (record: LogRecord): Head => ({
  stream: streamOf(record),
  isWrapped: record.envelope !== undefined,
  isHeaded: record.headed,
});

/** Container and stream that a line comes from; `undefined` if nothing names them. */
export const streamOf = ({ envelope }: LogRecord): string | undefined =>
  envelope === undefined || (envelope.origin.key === '' && envelope.origin.stream === undefined)
    ? undefined
    : `${envelope.origin.key}\0${envelope.origin.stream ?? ''}`;
