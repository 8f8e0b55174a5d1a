import { JsonRecords } from '../formats/json-records.ts';
import { JsonStream } from '../formats/json-stream.ts';
import { pushBytes, type PumpEngine } from '../io/pump-engine.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Settings } from './settings.ts';

/** Places that are told of; after these only how many there were. */
const TOLD = 10;

/** White space between tokens takes room that a line does not have to have. */
const ROOM = 16;

export interface JsonValues {
  /** The engine, which gets a line for each value. */
  readonly engine: PumpEngine;
  /** Says what was not said yet. Whether all of it was JSON. */
  readonly end: () => boolean;
}

/** Has inputs read as JSON values, however they are laid out, rather than as lines. */
export function jsonValues(engine: PumpEngine, { maxLine, records: path }: Settings, diagnostics: Diagnostics): JsonValues {
  let broken = 0;
  const open = new Set<Pick<JsonStream, 'copyFromNow'>>();
  // Not the engine's own, where each value is put.
  let room = new Uint8Array(0);
  return {
    engine: {
      source: (name) => {
        const source = engine.source(name);
        return {
          input: (sink) => {
            const input = source.input(sink);
            let now = 0;
            const onBroken = (at: number, why: string): void => {
              broken += 1;
              if (broken <= TOLD) diagnostics.say('error', `${name}: byte ${at}: no JSON: ${why}; it passes as it came`);
            };
            const values = new JsonStream({
              maxValue: maxLine * ROOM,
              write: (bytes) => pushBytes(engine, input, bytes, now),
              onBroken,
            });
            const records = path === undefined ? undefined : new JsonRecords(path, maxLine * ROOM, (bytes) => values.feed(bytes));
            const whole = {
              copyFromNow: () => {
                records?.copyFromNow();
                values.copyFromNow();
              },
            };
            open.add(whole);
            return {
              pushFilled: (length, at) => {
                now = at;
                (records ?? values).feed(room.subarray(0, length));
              },
              end: (at) => {
                now = at;
                records?.end();
                values.end();
                open.delete(whole);
                input.end(at);
              },
            };
          },
          end: (at) => source.end(at),
        };
      },
      room: (size) => (room = room.length < size ? new Uint8Array(size) : room),
      advance: (at) => engine.advance(at),
      nextDue: () => engine.nextDue(),
      standDown: () => {
        for (const values of open) values.copyFromNow();
        engine.standDown();
      },
    },
    end: () => {
      if (broken > TOLD) diagnostics.say('error', `${broken - TOLD} more places were no JSON`);
      return broken === 0;
    },
  };
}
