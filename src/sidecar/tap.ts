import { around, type PumpEngine } from '../io/pump-engine.ts';

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
  const before = (_now: number, source: string, length: number): void => listener?.(source, room.subarray(0, length));
  return {
    engine: { ...around(engine, { before }), room: (size) => (room = engine.room(size)) },
    listen: (next) => {
      listener = next;
    },
  };
}
