import { SPOKEN } from '../record/level-names.ts';
import { Scout } from './scout.ts';

/** How far ahead names are looked for at once: most streams hold none of them. */
const AHEAD = 1 << 16;

let scout: Scout | undefined;

/** Whether a line may name its level beside a number, which is then not its level. For the lines of one chunk after the other. */
export class SpokenNames {
  /** No name stands in `[from, to)` of the chunk; if one begins at `to`, that is said in `isFound`. */
  #from = 0;
  #to = 0;
  #isFound = false;

  /** Another chunk comes. */
  begin(): void {
    this.#from = 0;
    this.#to = 0;
    this.#isFound = false;
  }

  /** Whether one may stand in the line `[start, end)`, in which no escape hides any. */
  mayStandIn(bytes: Buffer, start: number, end: number): boolean {
    if (start < this.#from || start > this.#to || (end > this.#to && !this.#isFound)) {
      scout ??= new Scout(SPOKEN.map((name) => ({ bytes: Buffer.from(name), ignoreCase: false, need: 0 })));
      const limit = Math.min(bytes.length, Math.max(end, start + AHEAD));
      this.#from = start;
      this.#to = scout.next(bytes, start, limit);
      this.#isFound = this.#to < limit;
    }
    return this.#to < end;
  }
}
