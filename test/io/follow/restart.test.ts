import { appendFileSync, copyFileSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import type { CheckpointPath } from '../../../src/io/follow/checkpoint.ts';
import type { FollowedPath } from '../../../src/io/follow/path.ts';
import { openFollowed } from '../../../src/io/follow/file.ts';
import { FollowedSource } from '../../../src/io/follow/source.ts';
import { ROOMY, rulesOf } from '../../support/run.ts';
import { scratch } from '../scratch.ts';

const RULES = rulesOf(`
version: 1
rules:
  - id: repeats
    when: { msg: { contains: again } }
    then: { level: warn }
    repeat: { by: [key], window: 3s, rest: fold }
  - id: probe
    when: { msg: failed }
    await: { success: [{ msg: ready }], within: 2s, by: [key] }
    then: { level: debug }
    repeat: { by: [key], window: 5s, rest: fold }
`);

const START = Date.UTC(2026, 10, 21);
/** The clock stands still: what closes, closes by the times in the lines, which are the same in every life. */
const NOW = START + 1_000_000;

/** One life of a process that follows `a.log`, and what it wrote. */
class Life {
  written = '';
  readonly #folder: string;
  readonly #source: FollowedSource;
  readonly #envelope: 'none' | 'cri';
  readonly #isHeld: () => boolean;
  /** What was written when each state was taken. */
  #marks = new Map<CheckpointPath, number>();
  /** What was written when its files were last opened again, if no state has been taken since. */
  #openedAt: number | undefined;

  constructor(folder: string, envelope: 'none' | 'cri', state: CheckpointPath | undefined) {
    this.#folder = folder;
    this.#envelope = envelope;
    const engine = openEngine(RULES, { ...ROOMY, clock: 'live', envelope: this.#envelope });
    this.#source = new FollowedSource({
      path: join(folder, 'a.log'),
      roomSize: 512,
      open: new Map<string, FollowedPath | 'own'>(),
      openFile: openFollowed,
      rotateWait: 5_000,
      isFollowed: () => false,
      onLost: (message) => expect.fail(message),
      onHole: (path) => expect.fail(path),
      engine,
      outer: engine,
      sink: { write: (bytes, start, end) => (this.written += Buffer.from(bytes.subarray(start, end)).toString()) },
      mode: 'filter',
      interval: 0,
      now: () => NOW,
      onRead: () => {},
    });
    this.#isHeld = () => engine.find(join(folder, 'a.log'))?.heldFrom !== undefined;
    if (state === undefined) this.#source.files.begin('start', Infinity);
    else this.#source.resume(state);
  }

  read(turns: number): void {
    const isClosed = this.#source.isClosed;
    this.#source.look(NOW);
    if (isClosed && !this.#source.isClosed) this.#openedAt = this.written.length;
    for (let left = turns; left > 0 && this.#source.turn() !== 'none'; left -= 1);
  }

  /** A state, and what had been written when it was taken. */
  take(): { readonly state: CheckpointPath; readonly written: string } {
    const state = this.#source.take(NOW, 1e9);
    // While a line is held, the state from before it is preferred.
    const written = this.#isHeld() ? (this.#openedAt ?? this.written.length) : this.written.length;
    if (!this.#marks.has(state)) this.#marks.set(state, written);
    this.#openedAt = undefined;
    return { state: JSON.parse(JSON.stringify(state)) as CheckpointPath, written: this.written.slice(0, this.#marks.get(state)) };
  }

  rotate(count: number): void {
    renameSync(join(this.#folder, 'a.log'), join(this.#folder, `a.log.${count}`));
  }

  /** Closes the files, if they can be. */
  rest(): boolean {
    return this.#source.rest();
  }

  kill(): void {
    this.#source.files.close();
  }

  /** All of it from a file that is never rotated, to its end. */
  feed(text: string): void {
    appendFileSync(join(this.#folder, 'a.log'), text);
    this.finish();
  }

  finish(): void {
    for (let rounds = 0; rounds < 4; rounds += 1) this.read(1_000);
    this.#source.end(NOW);
  }
}

const said = fc.record({
  msg: fc.constantFrom('again', 'again', 'again', 'failed', 'ready', 'other'),
  key: fc.constantFrom('a', 'b'),
  after: fc.constantFrom(0, 10, 500, 1_500),
  cut: fc.nat({ max: 3 }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), lines: fc.array(said, { maxLength: 8 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), turns: fc.nat({ max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rest' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate' as const) }) },
);

test.each(['none', 'cri'] as const)(
  'what was written up to each checkpoint, and by the next life after it, is what one life would have written (%s)',
  (envelope) => {
    let kills = 0;
    let rests = 0;
    let summaries = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const folder = scratch();
        const log = join(folder, 'a.log');
        let time = START;
        let text = '';
        let rotations = 0;
        let life = new Life(folder, envelope, undefined);
        // A state of the beginning, when nothing is held.
        let kept = life.take();
        let safe = '';
        const write = (lines: string): void => {
          appendFileSync(log, lines);
          text += lines;
        };
        write('begin\n');
        for (const done of steps) {
          if (done.kind === 'read') life.read(done.turns);
          else if (done.kind === 'rest') rests += life.rest() ? 1 : 0;
          else if (done.kind === 'checkpoint') kept = life.take();
          else if (done.kind === 'write') {
            for (const { msg, key, after, cut } of done.lines) {
              time += after;
              write(lineOf(`{"level":50,"time":${time},"key":"${key}","msg":"${msg}"}`, envelope, cut));
            }
          } else if (done.kind === 'kill') {
            life.kill();
            kills += 1;
            safe += kept.written;
            life = new Life(folder, envelope, kept.state);
            kept = { ...life.take(), written: '' };
          } else {
            // Else what was rotated before anybody saw it would not be asked for.
            life.read(1);
            life.rotate((rotations += 1));
            write(`rotated ${rotations}\n`);
            life.read(1);
          }
        }
        life.finish();
        const whole = new Life(scratch(), envelope, undefined);
        whole.feed(text);
        summaries += whole.written.split('"repeats"').length - 1;
        expect(safe + life.written).toBe(whole.written);
      }),
      { numRuns: 300 },
    );
    expect(kills).toBeGreaterThan(200);
    expect(rests).toBeGreaterThan(30);
    expect(summaries).toBeGreaterThan(200);
  },
);

test('a checkpoint behind a rest, taken while a line is held, counts no line of a group that is read again', () => {
  const folder = scratch();
  const log = join(folder, 'a.log');
  appendFileSync(log, 'begin\n');
  const before = new Life(folder, 'none', undefined);
  before.read(9);
  expect(before.rest()).toBe(true);
  const text = ['failed', 'again', 'again'].map((msg) => `{"level":50,"time":${START},"key":"a","msg":"${msg}"}\n`).join('');
  appendFileSync(log, text);
  before.read(9);
  const { state, written } = before.take();
  before.kill();
  const life = new Life(folder, 'none', state);
  life.finish();
  const whole = new Life(scratch(), 'none', undefined);
  whole.feed(`begin\n${text}`);
  expect(written + life.written).toBe(whole.written);
});

test('a group from before a restart closes by the time of a line, among repeats that are folded as they run', () => {
  const folder = scratch();
  const again = (after: number): string => lineOf(`{"level":50,"time":${START + after},"key":"a","msg":"again"}`, 'none', 0);
  appendFileSync(join(folder, 'a.log'), again(0) + again(10));
  const before = new Life(folder, 'none', undefined);
  before.read(10);
  const { state } = before.take();
  before.kill();
  appendFileSync(join(folder, 'a.log'), again(20) + again(30) + again(4_000).repeat(3));
  const life = new Life(folder, 'none', state);
  life.finish();
  expect(life.written.match(/"repeats":\d/gu)).toEqual(['"repeats":3', '"repeats":2']);
});

function lineOf(text: string, envelope: 'none' | 'cri', cut: number): string {
  if (envelope === 'none') return `${text}\n`;
  const frame = (tag: string, part: string): string => `2026-11-21T10:00:00Z stderr ${tag} ${part}\n`;
  return cut === 0 ? frame('F', text) : frame('P', text.slice(0, cut * 12)) + frame('F', text.slice(cut * 12));
}

test.each([
  ['nowhere else', false],
  ['in a copy', true],
])('of a file that is truncated, what is held and stands %s is let go of, or kept waiting', (_where, isCopied) => {
  const folder = scratch();
  const log = join(folder, 'a.log');
  const held = `{"level":50,"time":${START},"key":"a","msg":"failed"}\n`;
  const next = `{"level":30,"time":${START + 1},"key":"b","msg":"other"}\n`;
  appendFileSync(log, held);
  const life = new Life(folder, 'none', undefined);
  life.read(9);
  expect(life.written).toBe('');
  if (isCopied) copyFileSync(log, join(folder, 'a.log.1'));
  truncateSync(log, 0);
  appendFileSync(log, next);
  for (let looks = 0; looks < 3; looks += 1) life.read(9);
  expect(life.written).toBe(isCopied ? '' : held + next);

  // The next life finds all that was not written.
  const { state, written } = life.take();
  life.kill();
  const after = new Life(folder, 'none', state);
  after.finish();
  expect(written + after.written).toBe(held + next);
});

test('what is held when it is killed is read again, also of a file that was closed for a while', () => {
  const folder = scratch();
  const log = join(folder, 'a.log');
  appendFileSync(log, 'begin\n');
  const life = new Life(folder, 'none', undefined);
  life.read(9);
  expect(life.rest()).toBe(true);
  const held = `{"level":50,"time":${START},"key":"a","msg":"failed"}\n`;
  appendFileSync(log, held);
  life.read(9);
  expect(life.written).toBe('begin\n');
  const { state } = life.take();
  life.kill();
  const after = new Life(folder, 'none', state);
  after.finish();
  expect(after.written).toBe(held);
});
