/** Where a line lies in the bytes that are being cut. */
export interface Lying {
  readonly start: number;
  readonly newline: number;
  /** Behind its newline, if that has come. */
  readonly end: number;
  /** Behind the last byte that has come. */
  readonly to: number;
  /** Its number in its source, from one. */
  readonly number: number;
}

/** A line that is looked at, by offsets. One object is filled again and again. */
export interface Candidate extends Lying {
  start: number;
  newline: number;
  end: number;
  to: number;
  number: number;
  /** Texts may be hidden in it, by an escape, or as it does not lie in the kernel's input. */
  hidden: boolean;
  /** On the tape; -1: it is not on it. */
  entry: number;
}
