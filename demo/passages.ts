import { restoreLine } from '../src/engine/edit/restore.ts';

/** A line of the prober's in pino's JSON: what the demo shows of it. */
export interface ShownLine {
  /** pino's number. */
  readonly level: number;
  readonly msg: string;
  readonly device?: string;
  readonly interface?: string;
  readonly outcome?: string;
  readonly code?: string;
  readonly advice?: string;
  readonly relevel?: Annotation;
}

interface Annotation {
  readonly rule: string;
  readonly why?: string;
  readonly note?: string;
  readonly repeats?: number;
}

/** A line that went in, and what came out for it: the same bytes, a changed line, or, `undefined`, nothing but a count. */
export interface Passage {
  readonly tick: number;
  readonly before: ShownLine;
  readonly after: ShownLine | undefined;
}

export interface Passages {
  readonly passages: readonly Passage[];
  readonly summaries: readonly ShownLine[];
  /** A changed line as it left, where there is one. */
  readonly sample: string | undefined;
}

/** Finds for each line that went in the one that came out: what leaves, leaves in order, and `restore` undoes a change. */
export function matchLines(before: string, after: string): Passages {
  const passages: Passage[] = [];
  const summaries: ShownLine[] = [];
  let sample: string | undefined;
  const out = linesOf(after);
  let next = 0;
  const takeSummaries = (): void => {
    for (; next < out.length; next += 1) {
      const line = shown(out[next]!);
      if (line.relevel?.repeats === undefined) return;
      summaries.push(line);
    }
  };

  let tick = 0;
  for (const line of linesOf(before)) {
    const told = shown(line);
    if (told.device === FIRST_ASKED) tick += 1;
    takeSummaries();
    const left = out[next];
    const changed = left !== undefined && restoreLine(Buffer.from(left))?.toString() === line;
    if (left !== line && !changed) {
      passages.push({ tick, before: told, after: undefined });
      continue;
    }
    if (changed) sample ??= left;
    passages.push({ tick, before: told, after: shown(left) });
    next += 1;
  }
  takeSummaries();
  return { passages, summaries, sample };
}

/** The prober begins each tick with it. */
const FIRST_ASKED = '/dev/mshv';

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const shown = (line: string): ShownLine => JSON.parse(line) as ShownLine;
