import { expect, test } from 'vitest';
import { Home, Memories, type Memory } from '../../src/engine/memories.ts';

const event = (kind: Memory['kind'], time: number): Pick<Memory, 'kind' | 'name' | 'time'> => ({ kind, name: kind, time });

/** A home that had room for one event, and forgot all others in the order of these times. */
function forgetful(kind: Memory['kind'], ...times: readonly number[]): Home {
  const home = new Home();
  const memories = new Memories(1, 0);
  for (const [i, time] of times.entries()) memories.remember(home, `key ${i}`, event(kind, time));
  memories.remember(home, 'kept', event(kind, 0));
  return home;
}

const cases: readonly (readonly [claim: string, forgotten: readonly number[], time: number, isLost: boolean])[] = [
  ['an event just so long before the line may be missing', [1000], 1500, true],
  ['one a little longer before it is none that it looks back at', [1000], 1500.5, false],
  ['one after the line may be missing', [1000], 900, true],
  ['the latest counts, though an earlier one was forgotten after it', [1000, 200], 1500, true],
  ['and though a later one is forgotten after it', [200, 1000], 1500, true],
];

test.each(cases)('%s', (_claim, forgotten, time, isLost) => {
  expect(forgetful('failure', ...forgotten).hasLost('failure', time, 500)).toBe(isLost);
  expect(forgetful('success', ...forgotten).hasLost('failure', time, 500)).toBe(false);
});
