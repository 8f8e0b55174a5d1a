import type { PumpEngine } from '../io/pump-engine.ts';

/** Is lent what comes in, before the engine has it. */
export type Listener = (source: string, bytes: Uint8Array) => void;

export interface Tap {
  /** In place of the engine. */
  readonly engine: PumpEngine;
  /** Listens from now on, in place of whoever did before; `undefined`: nobody does. */
  readonly listen: (listener: Listener | undefined) => void;
}

/** Lets somebody see for a while what comes in. As long as nobody does, it costs a call for each chunk. */
export function tap(engine: PumpEngine): Tap {
  let room: Uint8Array = new Uint8Array();
  let listener: Listener | undefined;
  return {
    listen: (next) => {
      listener = next;
    },
    engine: {
      source: (name) => {
        const source = engine.source(name);
        return {
          input: (sink) => {
            const input = source.input(sink);
            return {
              pushFilled: (length, now) => {
                listener?.(name, room.subarray(0, length));
                input.pushFilled(length, now);
              },
              end: (now) => input.end(now),
            };
          },
          end: (now) => source.end(now),
        };
      },
      room: (size) => (room = engine.room(size)),
      advance: (now) => engine.advance(now),
      nextDue: () => engine.nextDue(),
      standDown: () => engine.standDown(),
    },
  };
}
