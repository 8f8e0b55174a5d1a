import { keyOf, type KeyPart } from '../../engine/memory/keys.ts';
import type { Judged } from '../../engine/judged.ts';
import type { CompiledRepeat } from '../../engine/plan.ts';
import { plainName } from '../../rules/condition-words.ts';
import { counted } from '../counted.ts';

/** More values of one part of a key are not told apart. */
const MOST_VALUES = 10_000;

/** The groups that one rule made of lines, and which part of their keys differs. */
export class Grouping {
  #groups = 0;
  #folded = 0;
  #rests = 0;
  readonly #values = new Map<string, Set<string>>();

  /** The first line of a group. */
  first({ record }: Judged, repeat: CompiledRepeat): void {
    this.#groups += 1;
    for (const part of partsOf(repeat)) {
      let values = this.#values.get(part.path);
      if (values === undefined) this.#values.set(part.path, (values = new Set()));
      if (values.size < MOST_VALUES) values.add(keyOf([part], undefined, record) ?? '');
    }
  }

  /** A line that belongs to a group that is there. */
  repeat(ending: 'rest' | 'folded'): void {
    if (ending === 'folded') this.#folded += 1;
    else this.#rests += 1;
  }

  /** `600 groups of one line: "replica" is different in each`; nothing, if no group was made. */
  words(): string | undefined {
    if (this.#groups === 0) return undefined;
    const repeats = this.#folded + this.#rests;
    if (repeats > 0) return `${counted(this.#groups, 'group')} of ${counted(this.#groups + repeats, 'line')}`;
    if (this.#groups === 1) return 'one group of one line: nothing repeats it within the window';
    const differing = [...this.#values].filter(([, values]) => values.size === this.#groups || values.size >= MOST_VALUES);
    const names = differing.map(([path]) => `"${plainName(path)}"`).join(' and ');
    const why =
      differing.length > 0
        ? `${names} ${differing.length === 1 ? 'is' : 'are'} different in each; leave it out of "by", or mask what differs`
        : `their keys differ in ${
            [...this.#values]
              .filter(([, values]) => values.size > 1)
              .map(([path]) => `"${plainName(path)}"`)
              .join(' and ') || 'nothing, but the window was over each time'
          }`;
    return `${this.#groups} groups of one line: ${why}`;
  }
}

/** All parts of a group's key, the message among them unless `by` says otherwise. */
export const partsOf = ({ parts, message }: CompiledRepeat): readonly KeyPart[] =>
  message === undefined ? parts : [...parts, message];
