import { openEngine, type Engine, type EngineInput } from '../../src/engine/engine.ts';
import type { Counts } from '../../src/engine/counts.ts';
import type { PlanDraft } from '../../src/engine/plan.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { ROOMY } from './run.ts';

export interface Fed {
  readonly output: Buffer;
  readonly counts: Counts;
}

/** Sends chunks of one stream through the engine, in replay unless told otherwise, and gives all that leaves. */
export function feed(rules: RuleSet, chunks: readonly Buffer[], settings: Partial<EngineSettings> = {}, draft?: PlanDraft): Fed {
  const engine = openEngine(rules, { ...ROOMY, ...settings }, { draft });
  const pieces: Buffer[] = [];
  const source = engine.source('stdin');
  const input = source.input({ write: (bytes, start, end) => pieces.push(Buffer.from(bytes.subarray(start, end))) });
  for (const [i, chunk] of chunks.entries()) {
    pushWith(engine, input, chunk, 0, (i + chunks.length) % 3 > 0);
  }
  input.end(0);
  source.end(0);
  return { output: Buffer.concat(pieces), counts: engine.counts };
}

/** Pushes a chunk from the engine's room, or from elsewhere. The bytes are only lent: whatever is kept of them must be a copy. */
export function pushWith(engine: Engine, input: EngineInput, chunk: Uint8Array, now: number, isInRoom: boolean): void {
  const room = engine.room(chunk.length);
  const lent = isInRoom && room.length === chunk.length ? room : Buffer.alloc(chunk.length);
  lent.set(chunk);
  if (lent === room) input.pushFilled(chunk.length, now);
  else input.push(lent, now);
  lent.fill(0x21);
}

/** Cuts bytes into the `sizes` given, over and over; a size is at least one. */
export function slices(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length]!;
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}
