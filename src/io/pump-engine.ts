import type { Sink } from '../engine/settings.ts';

/** Where a stream goes into an engine. */
export interface EngineInput {
  /** Takes so many bytes at the beginning of the engine's room. */
  pushFilled(length: number, now: number): void;
  end(now: number): void;
}

/** What of an `Engine` is needed here. */
export interface PumpEngine {
  source(name: string): {
    input(sink: Sink): EngineInput;
    end(now: number): void;
  };
  /** Where it would have a chunk of so many bytes, or of fewer; good until something else is pushed to it. */
  room(size: number): Uint8Array;
  advance(now: number): void;
  nextDue(): number;
  standDown(): void;
}

/** Has an engine take bytes that lie elsewhere than in its room. */
export function pushBytes(engine: PumpEngine, into: EngineInput, bytes: Uint8Array, now: number): void {
  for (let at = 0; at < bytes.length;) {
    const room = engine.room(bytes.length - at);
    room.set(bytes.subarray(at, at + room.length));
    at += room.length;
    into.pushFilled(room.length, now);
  }
}

/** What is done around what an engine is asked. */
export interface Around {
  /** Before a chunk of a source, which came at `now` and takes so many bytes of the room, is looked at. */
  readonly before?: (now: number, source: string, length: number) => void;
  /** After a chunk that came at `now` was looked at. */
  readonly after?: (now: number) => void;
  readonly advance?: (now: number) => void;
  readonly nextDue?: () => number;
}

/** An engine that does the same, and something around it. */
export function around(engine: PumpEngine, { before, after, advance, nextDue }: Around): PumpEngine {
  return {
    source: (name) => {
      const source = engine.source(name);
      return {
        input: (sink) => {
          const input = source.input(sink);
          return {
            pushFilled: (length, now) => {
              before?.(now, name, length);
              input.pushFilled(length, now);
              after?.(now);
            },
            end: (now) => input.end(now),
          };
        },
        end: (now) => source.end(now),
      };
    },
    room: (size) => engine.room(size),
    advance: advance ?? ((now) => engine.advance(now)),
    nextDue: nextDue ?? (() => engine.nextDue()),
    standDown: () => engine.standDown(),
  };
}
