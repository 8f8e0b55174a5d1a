import { fstatSync } from 'node:fs';
import { appendLines } from '../output/append.ts';
import { ChildOutput } from './output.ts';
import type { Now } from '../clock.ts';
import { FileOutput } from '../output/file-output.ts';
import { Output, OutputError, type Outgoing } from '../output/output.ts';
import { ResumingOutput } from '../output/resuming-output.ts';

/** Where lines go, and our own words. */
export interface Places {
  readonly out: ChildOutput;
  readonly err: ChildOutput;
  readonly stderr: { readonly write: (text: string) => void; readonly end: () => Promise<void> };
  /** Waits until all is written; tells what could not be. */
  readonly end: (onFailure: (error: OutputError) => void) => Promise<void>;
  readonly waiting: () => number;
  /** Whether lines wait for somebody to read a FIFO. */
  readonly lacksReader: () => boolean;
  /** Where the command's lines go. */
  readonly outputs: readonly Outgoing[];
}

export interface PlacesOptions {
  /** Descriptors. */
  readonly stdout: number;
  readonly stderr: number;
  /** What takes all lines instead: a file, open unless it is a FIFO without a reader, or a collector. */
  readonly output: { readonly path: string; readonly fd: number | undefined } | Outgoing | undefined;
  /** Bytes that may wait for a reader before what feeds it is paused. */
  readonly highWater: number;
  readonly now: Now;
  /** A place that had no room for so many bytes takes lines again. */
  readonly onResumed: (name: string, lost: number) => void;
  /** The file cannot be written yet, or be opened anew. */
  readonly onTrouble: (message: string) => void;
}

/** Throws where a descriptor is not open. */
export function openPlaces({ stdout, stderr, output, highWater, now, onResumed, onTrouble }: PlacesOptions): Places {
  const resuming = (name: string, first: Outgoing, again: () => Outgoing): ChildOutput =>
    new ChildOutput(new ResumingOutput({ name, first, again, now, onResumed: (lost) => onResumed(name, lost) }));
  const open = (fd: number, name: string): ChildOutput => {
    const options = { fd, name, highWater, watchesReader: true };
    return resuming(name, new Output(options), () => appendLines(options));
  };
  const openOutput = (to: NonNullable<typeof output>): ChildOutput => {
    if (!('path' in to)) return new ChildOutput(to);
    const { path, fd } = to;
    const openFile = (opened?: number): FileOutput => (file = new FileOutput({ path, fd: opened, highWater, onTrouble }));
    return resuming(path, openFile(fd), openFile);
  };
  let file: FileOutput | undefined;
  // One and the same file has one output: two would cut into each other's lines.
  const out = output === undefined ? open(stdout, 'stdout') : openOutput(output);
  const own = output === undefined && isSameFile(stdout, stderr) ? out : open(stderr, 'stderr');
  const err = output === undefined ? own : out;
  const outputs = [...new Set([out, err, own])]; // our own words last: they may be of the others
  const last = outputs.at(-1)!;
  return {
    out,
    err,
    stderr: { write: (text) => own.say(text), end: async () => {} },
    end: async (onFailure) => {
      for (const each of outputs) {
        if (each === last) own.finish();
        try {
          await each.output.end();
        } catch (error) {
          if (!(error instanceof OutputError)) throw error;
          if (!error.readerLeft && each !== last) onFailure(error);
        }
      }
    },
    lacksReader: () => file?.lacksReader === true && file.waiting > 0,
    outputs: [...new Set([out.output, err.output])],
    waiting: () => outputs.reduce((sum, each) => sum + each.output.waiting, 0),
  };
}

function isSameFile(a: number, b: number): boolean {
  const [one, other] = [fstatSync(a), fstatSync(b)];
  return one.dev === other.dev && one.ino === other.ino;
}
