import type { EnvelopeKind } from './envelope-kinds.ts';
import { criFrame, dockerFrame, type Frame } from './envelope-frame.ts';

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');

/** Most pieces of one line that are joined: an annotation names each. */
export const MOST_PIECES = 256;

/** Whether a piece with this around it can be gone on from by one with that: of an unfinished one tags are none. */
export const canFollow = (before: Frame, frame: Frame): boolean =>
  before.kind === frame.kind && (frame.kind === 'cri' ? frame.isLast || frame.more === '' : frame.more === before.more);

/** What stands around a line or a piece of one, given without its newline. */
export function frameOf(bytes: Buffer, start: number, end: number, kind: EnvelopeKind): Frame | undefined {
  if (bytes[start] === 0x7b) return kind === 'cri' ? undefined : dockerFrame(bytes, start, end);
  return kind === 'docker' ? undefined : criFrame(bytes, start, end);
}

/** Pieces as one line, as their runtime would have written it in the time of the last one. */
export interface Joined {
  /** With the newline, if the last piece has one. */
  readonly bytes: Buffer;
  /** Of each piece but the last: how many bytes of the text it has, and its time. `cutAgain` reads it. */
  readonly pieces: string;
}

/** Joins the pieces of a line, which are lines `[start, end)`; `undefined` where they are none of one line. */
export function joinPieces(bytes: Buffer, start: number, end: number): Joined | undefined {
  const kind = bytes[start] === 0x7b ? 'docker' : 'cri';
  const texts: Buffer[] = [];
  const pieces: string[] = [];
  for (let at = start; ;) {
    const newline = bytes.subarray(0, end).indexOf(LF, at);
    const lineEnd = newline === -1 ? end : newline;
    const frame = frameOf(bytes, at, lineEnd, kind);
    const isEnd = lineEnd >= end - 1;
    if (frame === undefined || frame.isLast !== isEnd) return undefined;
    texts.push(bytes.subarray(frame.textStart, frame.textEnd));
    if (isEnd) {
      const line = [bytes.subarray(at, frame.textStart), ...texts, bytes.subarray(frame.textEnd, end)];
      return { bytes: Buffer.concat(line), pieces: pieces.join(',') };
    }
    pieces.push(`${frame.textEnd - frame.textStart}@${frame.time}`);
    at = lineEnd + 1;
  }
}

/** `pieces` of a joined line, with how many lines stood between each and the next, if any did: `22@<time>/1`. */
export const withGaps = (pieces: string, gaps: readonly number[]): string =>
  pieces
    .split(',')
    .map((piece, i) => ((gaps[i] ?? 0) > 0 ? `${piece}/${gaps[i]}` : piece))
    .join(',');

/** The opposite of `withGaps`. */
export function takeGaps(text: string): { readonly pieces: string; readonly gaps: readonly number[] } {
  const each = text.split(',').map((piece) => piece.split('/'));
  return { pieces: each.map(([piece]) => piece).join(','), gaps: each.map(([, gap]) => Number(gap ?? 0)) };
}

const PIECES = /^(?:\d{1,9}@[\dT:.Z+-]+(?:,(?=\d)|$))+$/u;

/** The opposite of `joinPieces`; `undefined` where it cannot have given this. */
export function cutAgain(line: Buffer, pieces: string): Buffer | undefined {
  if (!PIECES.test(pieces)) return undefined;
  const end = line.at(-1) === LF ? line.length - 1 : line.length;
  const frame = frameOf(line, 0, end, 'auto');
  if (frame === undefined) return undefined;
  const out: Buffer[] = [];
  let at = frame.textStart;
  for (const piece of pieces.split(',')) {
    const [length, time] = piece.split('@') as [string, string];
    const to = at + Number(length);
    if (to > frame.textEnd) return undefined;
    out.push(...pieceOf(frame, time, line.subarray(at, to)));
    at = to;
  }
  const cut = Buffer.concat([...out, line.subarray(0, frame.textStart), line.subarray(at)]);
  const joined = joinPieces(cut, 0, cut.length);
  return joined?.pieces === pieces && joined.bytes.equals(line) ? cut : undefined;
}

function pieceOf({ kind, stream, more }: Frame, time: string, text: Buffer): Buffer[] {
  if (kind === 'cri') return [Buffer.from(`${time} ${stream} P `), text, NEWLINE];
  return [Buffer.from('{"log":"'), text, Buffer.from(`","stream":"${stream}"${more},"time":"${time}"}\n`, 'latin1')];
}

/** The streams whose last line, of these whole lines, is a piece with more to come. */
export function streamsCutIn(bytes: Buffer, kind: EnvelopeKind): Frame['stream'][] {
  const cut = new Set<Frame['stream']>();
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(LF, at);
    const end = newline === -1 ? bytes.length : newline;
    const frame = frameOf(bytes, at, end, kind);
    if (frame?.isLast === true) cut.delete(frame.stream);
    else if (frame !== undefined) cut.add(frame.stream);
    at = end + 1;
  }
  return [...cut];
}
