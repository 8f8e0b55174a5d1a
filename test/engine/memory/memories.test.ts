import { expect, test } from 'vitest';
import { ARRIVAL, domainOf, WRITER, type ClockDomain } from '../../../src/record/clock-domain.ts';
import { Home, Memories, type Memory } from '../../../src/engine/memory/memories.ts';

const event = (kind: Memory['kind'], time: number, domain = ARRIVAL) => ({ kind, index: 0, time, domain, arrival: 0 });

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
  const at = { time, domain: ARRIVAL, arrival: 0 };
  expect(forgetful('failure', ...forgotten).hasLost('failure', at, 500)).toBe(isLost);
  expect(forgetful('success', ...forgotten).hasLost('failure', at, 500)).toBe(false);
});

test('of an event whose time cannot be compared, the clock tells how long ago it came', () => {
  const home = forgetful('failure', 1000);
  const other: ClockDomain = domainOf(WRITER.json, 0, 0);
  expect(home.hasLost('failure', { time: 1000, domain: other, arrival: 500 }, 500)).toBe(true);
  expect(home.hasLost('failure', { time: 1000, domain: other, arrival: 501 }, 500)).toBe(false);
});
