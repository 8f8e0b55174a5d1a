import { HIGH_WATER, Output, OutputError } from '../io/output/output.ts';
import { DONE, FAILED, type Exit, type Host } from './host.ts';

/** ms. A reader of stderr that stands still must not keep us from ending. */
const LAST_WORDS = 1_000;

/** Our own words on stderr: they never wait for their reader, and where it left or stands still they are dropped. */
export interface Stderr {
  /** Takes whole lines. Safe to print is for the caller to see to. */
  readonly write: (text: string) => void;
  /** Waits until all is written, but not for long. */
  readonly end: () => Promise<void>;
}

export function openStderr({ stderr }: Host): Stderr {
  // Opened by the first word: most runs have none.
  let output: Output | undefined;
  return {
    write: (text) => {
      output ??= new Output({ fd: stderr, name: 'stderr', highWater: HIGH_WATER });
      if (output.full) return;
      const bytes = Buffer.from(text);
      output.write(bytes, 0, bytes.length);
      output.flush();
    },
    end: async () => {
      if (output === undefined) return;
      // A failure to complain has nobody left to be told of.
      await Promise.race([output.end().catch(() => {}), new Promise((resolve) => setTimeout(resolve, LAST_WORDS).unref())]);
    },
  };
}

/** Writes a text on stdout. A reader that leaves has read enough. */
export async function print(text: string, host: Host): Promise<Exit> {
  const output = new Output({ fd: host.stdout, name: 'stdout', highWater: HIGH_WATER });
  const bytes = Buffer.from(text);
  output.write(bytes, 0, bytes.length);
  try {
    await output.end();
    return DONE;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    if (error.readerLeft) return { kind: 'reader-left' };
    await printLines([`relevel: error: ${error.message}`], host);
    return FAILED;
  }
}

/** Writes lines on stderr. */
export async function printLines(lines: readonly string[], host: Host): Promise<void> {
  const stderr = openStderr(host);
  stderr.write(lines.map((line) => `${line}\n`).join(''));
  await stderr.end();
}
