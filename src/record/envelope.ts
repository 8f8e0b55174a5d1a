import type { Level } from './level.ts';
import type { Scale } from './scale.ts';

/** What an envelope names beside its time. */
export interface Origin {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly unit: string | undefined;
  /** `stdout` or `stderr`. */
  readonly stream: string | undefined;
  /** Of container, pod, namespace and unit: lines with different ones never correlate. Empty if none is named. */
  readonly key: string;
}

/** The severity that an envelope gives its line, beside the line's own. */
export interface Severity {
  readonly level: Level;
  readonly scale: Scale;
  /** Its own bytes, without quotes: letters and digits. */
  readonly start: number;
  readonly end: number;
  /** Whether it stands at offsets of the record's bytes, as a prefix does, or at offsets of the line around the text. */
  readonly at: 'record' | 'line';
}

/** A text that was written as a JSON string. */
export interface Unescaped {
  readonly bytes: Buffer;
  /** Where the byte at `offset` of the text is written. */
  readonly offsetOf: (offset: number) => number;
  /** Bytes as the writer of the string would write them. */
  readonly escape: (text: Buffer) => Buffer;
}

/** The line that a record was read from: all of it, with what stands around what was read. */
export interface Envelope {
  /** The kinds of what stands around it, the outer one first. */
  readonly kinds: readonly string[];
  /** As it came: where a runtime has cut it up, its pieces. */
  readonly bytes: Buffer;
  readonly start: number;
  /** Without its newline. */
  readonly end: number;
  /** As it is read and changed: the same bytes, but where pieces were joined. */
  readonly line: Buffer;
  /** How it was cut up; empty where it was not. */
  readonly pieces: string;
  readonly origin: Origin;
  /** What names the origin may be prose, if the line is opaque. */
  readonly isUnsure: boolean;
  /** The text inside, where it stands in bytes of its own, and how it was written. */
  readonly inside: Unescaped | undefined;
  /** An edit moves it too; `undefined` if it has none, or if it is the line's own level. */
  readonly severity: Severity | undefined;
}

/** What an envelope was found to name, while it is being read. */
export interface Named {
  namespace?: string | undefined;
  pod?: string | undefined;
  container?: string | undefined;
  unit?: string | undefined;
  stream?: string | undefined;
}

/** The parts of an origin in the order in which they are shown, and by which key. */
export const ORIGIN_PARTS = ['namespace', 'pod', 'container', 'unit', 'stream'] as const;

export function originOf({ namespace, pod, container, unit, stream }: Named): Origin {
  const isNamed = (namespace ?? pod ?? container ?? unit) !== undefined;
  const key = isNamed ? [namespace, pod, container, unit].map((part) => part ?? '').join('\0') : '';
  return { namespace, pod, container, unit, stream, key };
}

/** `name` with what the envelope names, as rules see it in `$source`. */
export function sourceWith(name: string, origin: Origin): string {
  let source = name;
  for (const part of ORIGIN_PARTS) if (origin[part] !== undefined) source += ` ${part}=${origin[part]}`;
  return source;
}
