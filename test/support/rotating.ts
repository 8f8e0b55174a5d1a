import type { SharedDisk } from './shared-disk.ts';

export type Rotation = 'rename' | 'copytruncate';

/** What is written to one file before it is rotated. */
export interface Generation {
  readonly lines: number;
  /** Bytes that make each line longer. */
  readonly padding: number;
  /** Bytes that are copied at once. */
  readonly piece: number;
  /** Lines that are written while the file is rotated. */
  readonly late: number;
}

export interface Written {
  lines: number;
  /** Those written between a copy and its truncation: no reader can be sure to see them. */
  readonly unsafe: Set<number>;
}

/** What a logger does to `a.log` and who rotates it, a step at a time. Each line begins with its number; a last one is written at the end. */
export function* rotating(
  disk: SharedDisk,
  rotation: Rotation,
  generations: readonly Generation[],
  written: Written,
): Generator<void, void, void> {
  disk.create('a.log');
  let fd = disk.hold('a.log');
  const write = (padding: number): void => disk.append(fd, `${written.lines++} ${'-'.repeat(padding)}\n`);
  for (const [age, { lines, padding, piece, late }] of generations.entries()) {
    for (let left = lines; left > 0; left -= 1) yield write(padding);
    const aside = `a.log.${age + 1}`;
    if (rotation === 'rename') {
      yield disk.rename('a.log', aside);
      for (let left = late; left > 0; left -= 1) yield write(padding);
      yield disk.create('a.log');
      fd = disk.hold('a.log');
    } else {
      yield disk.create(aside);
      while (!disk.copyPiece('a.log', aside, piece)) yield;
      yield;
      for (let left = late; left > 0; left -= 1) {
        written.unsafe.add(written.lines);
        yield write(padding);
      }
      yield disk.truncate('a.log');
    }
  }
  write(0);
}
