import { runInNewContext } from 'node:vm';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import { withPlainPrivates } from '../../build/privates.ts';

const PROGRAM = `
  class Outer {
    #size = 1;
    static #made = 0;
    constructor() { Outer.#made += 1; }
    get size() { return this.#size; }
    get #double() { return 2 * this.#size; }
    set #double(value) { this.#size = value / 2; }
    async #wait() { return this.#size; }
    *#each() { yield this.#size; yield* [this.#double]; }
    inner(other) {
      const size = 'this.#size';
      class Inner {
        #size = 10;
        both(outer) { outer.#double += 4; return [this.#size, outer.#double, this?.#size]; }
      }
      return [size, /#size/.test('#size'), \`#size \${this.#size}\`, ...this.#each(), ...new Inner().both(other), Outer.#made];
    }
    async later() { return (await this.#wait()) + [...this.#each()].length; }
  }
  class Another { #size = 'x'; get size() { return this.#size; } }
  const outer = new Outer();
  const now = [outer.inner(new Outer()), outer.size, new Another().size];
  outer.later().then((later) => globalThis.tell([...now, later]));
`;

/** What the program tells, in the end. */
const run = (text: string): Promise<unknown> => new Promise((tell) => void runInNewContext(text, { tell }));

test.each([false, true])('a program does the same with plain members; minified before: %s', async (minify) => {
  const { code } = await transform(PROGRAM, { minifySyntax: minify, minifyWhitespace: minify });
  const plain = withPlainPrivates(code);
  // those in texts
  expect(plain.match(/#/gu)).toHaveLength(4);
  expect(await run(plain)).toEqual(await run(PROGRAM));
});

test('what cannot be made plain is refused', () => {
  expect(() => withPlainPrivates('class A { #a; has(b) { return #a in b; } }')).toThrow('#a cannot be made plain');
  expect(() => withPlainPrivates('a.#b')).toThrow('#b cannot be made plain');
});
