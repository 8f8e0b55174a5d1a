import { run, type Job, type Run } from './process.ts';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Two jobs, run in turns: the n-th run of one and the n-th of the other saw the same machine. */
export interface Contest {
  readonly ours: readonly Run[];
  readonly against: readonly Run[];
}

/** A B A B …, `rounds` times, after one round that does not count. Throws `BrokenProgram`. */
export async function contest(ours: Job, against: Job, rounds: number): Promise<Contest> {
  const runs: { ours: Run[]; against: Run[] } = { ours: [], against: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const [a, b] = [await run(ours), await run(against)];
    if (round === 0) continue;
    runs.ours.push(a);
    runs.against.push(b);
  }
  return runs;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { min: sorted[0]!, median: quantile(sorted, 0.5), max: sorted.at(-1)! };
}

/** The value at or above the share `q` of `sorted`, which rises and is not empty. */
export const quantile = (sorted: readonly number[], q: number): number => sorted[Math.ceil(sorted.length * q) - 1]!;

export const peakOf = (runs: readonly Run[]): number => Math.max(...runs.map(({ peakBytes }) => peakBytes));
