import { appendFileSync, copyFileSync, readdirSync, readlinkSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openFollowed } from '../../../src/io/follow/file.ts';
import { FollowedPath, type PathPlaces } from '../../../src/io/follow/path.ts';
import { scratch } from '../scratch.ts';

/** A folder in which `a.log` is followed, and what was read of it. */
export class Scene {
  readonly folder = scratch();
  readonly lost: string[] = [];
  /** Bytes of each hole that was passed over. */
  readonly holes: number[] = [];
  /** Names that are followed by themselves. */
  followed: readonly string[] = [];
  /** How often what was read of a file was said to be nowhere any more. */
  gone = 0;
  text = '';
  /** The name that is followed. */
  readonly #name: string;
  #now = Date.now();
  #followed: FollowedPath | undefined;
  readonly #open = new Map<string, FollowedPath | 'own'>();

  /** Bytes that are read at once. */
  readonly #room: number;

  constructor(name: string, room: number) {
    this.#name = name;
    this.#room = room;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes as a logger does; a number stands for a line. */
  write(name: string, ...lines: readonly (number | string)[]): this {
    appendFileSync(this.path(name), lines.map((line) => (typeof line === 'number' ? `line ${line}\n` : line)).join(''));
    return this;
  }

  move(from: string, to: string): this {
    renameSync(this.path(from), this.path(to));
    return this;
  }

  copyAndTruncate(to: string): this {
    copyFileSync(this.path('a.log'), this.path(to));
    truncateSync(this.path('a.log'), 0);
    return this;
  }

  follow(from: 'start' | 'end' | PathPlaces = 'start', since = Infinity): this {
    const room = Buffer.alloc(this.#room);
    this.#followed = new FollowedPath({
      path: this.path(this.#name),
      room: () => room,
      push: (length) => (this.text += room.toString('utf8', 0, length)),
      passOver: () => {},
      open: this.#open,
      openFile: openFollowed,
      rotateWait: 5_000,
      isFollowed: (path) => this.followed.includes(path.replace(`${this.folder}/`, '')),
      onLost: (message) => this.lost.push(message.replace(this.folder, '')),
      onHole: (_path, bytes) => this.holes.push(bytes),
      onGone: () => (this.gone += 1),
    });
    if (typeof from === 'string') this.#followed.begin(from, since);
    else this.#followed.resume(from);
    return this;
  }

  /** Lets `passed` ms pass, then looks and reads until there is nothing. */
  read(passed = 200): this {
    this.#now += passed;
    const followed = this.#followed!;
    for (let rounds = 0; rounds < 4; rounds += 1) {
      followed.look(this.#now);
      while (followed.turn() !== 'none');
    }
    return this;
  }

  /** Looks, and reads nothing. */
  look(): this {
    this.#followed!.look(this.#now);
    return this;
  }

  /** Looks, and reads until there is more than `text`. */
  readBeyond(text: string): this {
    this.#followed!.look(this.#now);
    while (this.text.length <= text.length && this.#followed!.turn() !== 'none');
    return this;
  }

  /** As after `kill -9`: what is not in the places is forgotten. Of all that was read, so much has been written. */
  restart(written = this.#followed!.trail.pushed): this {
    const places = JSON.parse(JSON.stringify(this.#followed!.places(written))) as PathPlaces;
    this.stop();
    return this.follow(places);
  }

  /** A restart, and what happens before it begins. */
  whileDown(act: () => unknown): this {
    const places = this.places();
    this.stop();
    act();
    return this.follow(places);
  }

  places(): PathPlaces {
    const followed = this.#followed!;
    return JSON.parse(JSON.stringify(followed.places(followed.trail.pushed))) as PathPlaces;
  }

  /** All that was read has been written. */
  forget(): this {
    this.#followed!.forget(this.#followed!.trail.pushed);
    return this;
  }

  /** As at a signal. */
  finish(which: 'all' | 'deleted'): this {
    this.#followed!.finish(which);
    while (this.#followed!.turn() !== 'none');
    return this;
  }

  /** How many files are kept open. */
  openFiles(): number {
    return readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(this.folder);
      } catch {
        return false; // the listing's own
      }
    }).length;
  }

  stop(): this {
    this.#followed?.close();
    this.#followed = undefined;
    this.#open.clear();
    return this;
  }
}

export function scene(name = 'a.log', room = 4096): Scene {
  const made = new Scene(name, room);
  onTestFinished(() => {
    made.stop();
  });
  return made;
}

export const upTo = (last: number): string => Array.from({ length: last }, (_, i) => `line ${i + 1}\n`).join('');
