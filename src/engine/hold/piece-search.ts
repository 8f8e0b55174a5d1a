import { newlineBefore } from '../../formats/envelope-frame.ts';
import type { EnvelopeKind } from '../../formats/envelope-kinds.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { Scout } from '../scout.ts';

const LF = 0x0a;

/** What stands in the CRI's header of a piece with more to come. */
const WORDS = [' stderr P', ' stdout P'];
/** What stands behind each text of docker's. */
const REST = Buffer.from('","stream":"std');

const scouts = new Map<EnvelopeKind, Scout>();

function scoutFor(kind: EnvelopeKind): Scout {
  let scout = scouts.get(kind);
  if (scout === undefined) {
    const texts = [...(kind === 'docker' ? [] : WORDS.map((text) => Buffer.from(text))), ...(kind === 'cri' ? [] : [REST])];
    scout = new Scout(texts.map((bytes, need) => ({ bytes, ignoreCase: false, need })));
    scouts.set(kind, scout);
  }
  return scout;
}

/**
 * Beginning of the first line in `[from, end)` of the kernel's input that may be a piece with more to come, or `end`; at `from` a line
 * begins. It may say yes wrongly, never no wrongly.
 */
export function nextPiece(kernel: Kernel, from: number, end: number, kind: EnvelopeKind): number {
  const scout = scoutFor(kind);
  const bytes = kernel.input;
  let at = scout.next(kernel, from, end);
  while (at < end) {
    const rest = restAround(bytes, at);
    // Of docker's lines each one has it; a whole one has a newline before it.
    if (rest === -1 || newlineBefore(bytes, from, rest) === 0) return Math.max(from, bytes.lastIndexOf(LF, at) + 1);
    at = scout.next(kernel, rest + REST.length, end);
  }
  return end;
}

/** Where `REST` begins that the byte at `at` is a part of, or -1. */
function restAround(bytes: Buffer, at: number): number {
  for (let start = at; start > at - REST.length && start >= 0; start -= 1)
    if (bytes[start] === 0x22 && bytes[start + 1] === 0x2c && stands(bytes, start)) return start;
  return -1;
}

function stands(bytes: Buffer, start: number): boolean {
  for (let i = 2; i < REST.length; i += 1) if (bytes[start + i] !== REST[i]) return false;
  return true;
}
