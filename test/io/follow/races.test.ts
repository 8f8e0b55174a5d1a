import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { openFollowed } from '../../../src/io/follow/file.ts';
import { FollowedPath, type PathPlaces } from '../../../src/io/follow/path.ts';
import { rotating, type Rotation, type Written } from '../../support/rotating.ts';
import { SharedDisk } from '../../support/shared-disk.ts';

const mounted = vi.hoisted(() => ({ disk: undefined as SharedDisk | undefined }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const calls = [
    'openSync',
    'closeSync',
    'readSync',
    'readvSync',
    'fstatSync',
    'statSync',
    'realpathSync',
    'readdirSync',
  ] as const;
  const shared = calls.map((name) => {
    const call = (...args: unknown[]): unknown => ((mounted.disk ?? real)[name] as (...args: unknown[]) => unknown)(...args);
    return [name, call] as const;
  });
  return { ...real, ...Object.fromEntries(shared) };
});

afterEach(() => {
  mounted.disk = undefined;
});

/** What ends a life between two calls into the system. */
class Killed extends Error {}

/** ms between two looks. Some of what was left is let go of meanwhile. */
const PASSED = 800;

/** What a life does between two looks: it reads, begins or ceases to hold lines, and perhaps writes a checkpoint. */
interface Round {
  readonly turns: number;
  readonly isHolding: boolean;
  readonly isKept: boolean;
}

const round = fc.record({ turns: fc.nat({ max: 6 }), isHolding: fc.constantFrom(true, true, true, false), isKept: fc.boolean() });
/** It is killed after so many calls into the system. */
const life = fc.record({ calls: fc.integer({ min: 5, max: 400 }), rounds: fc.array(round, { minLength: 1, maxLength: 20 }) });

const generation = fc.record({
  lines: fc.integer({ min: 1, max: 12 }),
  padding: fc.constantFrom(0, 60, 400, 1500),
  piece: fc.constantFrom(1, 50, 700, 1_000_000),
  late: fc.constantFrom(0, 0, 2, 20),
});

/** How many steps others take at each call into the system, over and over. */
const pace = fc.array(fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 5, 20), { minLength: 5, maxLength: 60 });

/** Follows a file that others write and rotate meanwhile, in one life after the other. */
class Lives {
  readonly lost: string[] = [];
  /** How often what was read of a file was said to be nowhere any more. */
  gone = 0;
  /** Of each life, the numbers of the lines that it wrote: up to its last checkpoint, or to its end. */
  readonly written: number[][] = [];
  /** Of each life, the numbers of all lines that it read. */
  readonly read: number[][] = [];
  readonly #others: Generator<void, void, void>;
  #isOver = false;
  #calls = 0;
  #killAt = Infinity;
  #kept: PathPlaces | undefined;
  readonly #disk: SharedDisk;

  constructor(disk: SharedDisk, others: Generator<void, void, void>, steps: readonly number[]) {
    this.#others = others;
    this.#disk = disk;
    disk.meanwhile = () => {
      this.#calls += 1;
      // Whatever their pace, they come to an end.
      for (let left = this.#calls % 50 === 0 ? 1 : steps[this.#calls % steps.length]!; left > 0; left -= 1) this.#letOthers();
      if (this.#calls >= this.#killAt) throw new Killed();
    };
    mounted.disk = disk;
    this.#letOthers();
  }

  liveUntilKilled(calls: number, rounds: readonly Round[]): void {
    this.#killAt = this.#calls + calls;
    this.#live(rounds);
    this.#killAt = Infinity;
  }

  /** Until others are done, and then for a while. */
  liveToTheEnd(): void {
    this.#live(this.#untilNothingComes());
  }

  *#untilNothingComes(): Generator<Round, void, void> {
    const all: Round = { turns: 100, isHolding: false, isKept: true };
    while (!this.#isOver) yield all;
    for (let left = 60; left > 0; left -= 1) yield all;
  }

  #letOthers(): void {
    this.#isOver ||= this.#others.next().done === true;
  }

  #live(rounds: Iterable<Round>): void {
    let text = '';
    let held: number | undefined;
    let written = 0;
    let kept = 0;
    const room = Buffer.alloc(2048);
    const followed = new FollowedPath({
      path: '/a.log',
      room: () => room,
      push: (length) => (text += room.toString('utf8', 0, length)),
      passOver: () => {},
      open: new Map(),
      openFile: openFollowed,
      rotateWait: 5_000,
      isFollowed: () => false,
      onLost: (message) => this.lost.push(message),
      onHole: (path) => expect.fail(path),
      onGone: () => (this.gone += 1),
    });
    try {
      if (this.#kept === undefined) followed.begin('start', 0);
      else followed.resume(this.#kept);
      for (const { turns, isHolding, isKept } of rounds) {
        followed.look(this.#disk.pass(PASSED));
        for (let left = turns; left > 0 && followed.turn() !== 'none'; left -= 1);
        // The last line that was read, as long as it is held; what has been written is not.
        held = isHolding ? (held ?? Math.max(written, text.lastIndexOf('\n', text.length - 2) + 1)) : undefined;
        written = held ?? text.length;
        const places = followed.places(written);
        if (!isKept) continue;
        this.#kept = places;
        kept = written;
      }
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    this.read.push(linesOf(text));
    this.written.push(linesOf(text.slice(0, kept)));
  }
}

const linesOf = (text: string): number[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => (/^\d+ -*$/u.test(line) ? Number.parseInt(line, 10) : NaN));

const all: readonly Rotation[] = ['copytruncate', 'rename'];

test.each(all)(
  'whatever becomes of a file that is rotated by %s between two calls into the system, kills too, no line is lost, repeated, out of order, or said to be lost',
  (rotation) => {
    fc.assert(
      fc.property(
        fc.array(generation, { minLength: 1, maxLength: 15 }),
        pace,
        fc.array(life, { maxLength: 3 }),
        (generations, steps, shortLives) => {
          const disk = new SharedDisk();
          const others: Written = { lines: 0, unsafe: new Set() };
          const lives = new Lives(disk, rotating(disk, rotation, generations, others), steps);
          for (const { calls, rounds } of shortLives) lives.liveUntilKilled(calls, rounds);
          lives.liveToTheEnd();

          for (const lines of lives.read) expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
          const written = new Set([...lives.written.flat(), ...others.unsafe]);
          expect([...written].sort((a, b) => a - b)).toEqual(Array.from({ length: others.lines }, (_, seq) => seq));
          if (others.unsafe.size === 0) expect([lives.lost, lives.gone]).toEqual([[], 0]);
        },
      ),
      { numRuns: 200 },
    );
  },
);
