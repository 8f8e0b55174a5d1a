import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FileArchive } from '../io/output/archive.ts';
import { liveClock } from '../io/clock.ts';
import { fault } from '../io/fault.ts';
import { FileOutput } from '../io/output/file-output.ts';
import { HIGH_WATER, Output, type Outgoing, type OutputError } from '../io/output/output.ts';
import { isSameFile, statOf } from '../io/same-file.ts';

/** Where lines go that nobody reads from the transport itself. */
export interface TargetOptions {
  /** A file, which is appended to, or a descriptor: 1, stdout. */
  readonly destination?: string | number | undefined;
  /** Whether the folders of the file are made where they are not there: `false`. */
  readonly mkdir?: boolean | undefined;
  /** A file that folded lines are appended to. */
  readonly archive?: string | undefined;
}

export interface Target {
  /** Whether it was asked for by name. */
  readonly isNamed: boolean;
  /** False where it is full; `onRoom` says when it is not any more. Throws `OutputError`. */
  readonly write: (chunk: Uint8Array) => boolean;
  readonly onRoom: (listener: () => void) => void;
  /** Waits until all is written. Throws `OutputError`. */
  readonly end: () => Promise<void>;
  readonly archive: ((line: Uint8Array) => void) | undefined;
}

/** Throws `TypeError`, and where a file that is named cannot be opened. Stdout is not touched before it is written to. */
export function openTarget({ destination, mkdir = false, archive }: TargetOptions): Target {
  const named = destination ?? 1;
  if (typeof named !== 'string' && !(Number.isInteger(named) && named >= 0))
    throw new TypeError('relevel: destination: neither a path nor a descriptor');
  const isFile = typeof named === 'string';
  const file = isFile ? openFile(named, mkdir) : undefined;
  if (isFile && archive !== undefined && (resolve(named) === resolve(archive) || isSameFile(statOf(named), statOf(archive)))) {
    void file!.end();
    throw new TypeError('relevel: archive: is the destination too; folded lines belong into a file of their own');
  }
  let output: Outgoing | undefined;
  let onRoom = (): void => {};

  const open = (): Outgoing => {
    output = file ?? new Output({ fd: Number(named), name: `descriptor ${named}`, highWater: HIGH_WATER });
    output.listen({ onRoom: () => onRoom(), onFailure: () => onRoom() });
    return output;
  };
  const throwFailure = ({ failure }: { readonly failure: OutputError | undefined }): void => {
    // A reader that went away has seen what it wanted.
    if (failure !== undefined && !failure.readerLeft) throw failure;
  };
  return {
    isNamed: destination !== undefined,
    write: (chunk) => {
      const to = output ?? open();
      to.write(chunk, 0, chunk.length);
      to.flush();
      throwFailure(to);
      return !to.full;
    },
    onRoom: (listener) => {
      onRoom = listener;
    },
    end: async () => {
      await (output ?? file)?.end().catch(() => {});
      if (output !== undefined) throwFailure(output);
    },
    archive: archive === undefined ? undefined : archiveTo(archive),
  };
}

/** A file that is rotated is opened anew. */
function openFile(path: string, mkdir: boolean): FileOutput {
  try {
    if (mkdir) mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw fault(path, 'open', error);
  }
  return new FileOutput({ path, mode: 0o666, highWater: HIGH_WATER, onTrouble: (message) => process.emitWarning(message) });
}

/** Throws where a line could not be kept, which then is not folded. */
function archiveTo(path: string): (line: Uint8Array) => void {
  const file = new FileArchive({ path, now: liveClock(), onFailure: (error) => process.emitWarning(error.message) });
  return (line) => {
    if (!file.keep(line, 0, line.length)) throw new Error('the archive failed');
  };
}
