import { jsonParser } from 'stream-json/core/parser.js';

/**
 * Follows one JSON value, RFC 8259, piece by piece, by the reader of stream-json: what that does not take is none. Between quotes any
 * bytes may stand.
 */
export class JsonValue {
  readonly #parse = jsonParser({ packValues: false });
  #depth = 0;
  #whole = false;

  /** Takes the next bytes, each as one character. Throws where the value cannot go on so. */
  feed(text: string): void {
    const tokens = this.#parse(text);
    if (typeof tokens === 'symbol') return;
    for (const { name } of tokens.values) {
      if (name === 'startObject' || name === 'startArray') this.#depth += 1;
      else if (name === 'endObject' || name === 'endArray') this.#depth -= 1;
      this.#whole = this.#depth === 0 && ENDS.has(name);
    }
  }

  /** Whether all of it was there, by the white space behind it. */
  get isWhole(): boolean {
    return this.#whole;
  }
}

const ENDS = new Set(['endObject', 'endArray', 'endString', 'endNumber', 'trueValue', 'falseValue', 'nullValue']);

/** What is wrong and how many characters into `text`, which follows on `before`; undefined where nothing is. */
export function faultIn(before: string, text: string): { readonly at: number; readonly why: string } | undefined {
  const value = new JsonValue();
  value.feed(before);
  for (let at = 0; at < text.length; at += 1) {
    try {
      value.feed(text[at]!);
    } catch (error) {
      return { at, why: reasonOf(error) };
    }
  }
  return undefined;
}

/** What the reader says is wrong, in few words. */
export const reasonOf = (error: unknown): string =>
  String(error)
    .replace(/^Error: /u, '')
    .replace(/^Parser (?:cannot parse input: |has )/u, '');
