import { readDuration } from '../rules/duration.ts';

/** How the text of a value is read. */
export interface Reader<Value> {
  /** What the text must be: `a size such as 8MiB`. */
  readonly expected: string;
  /** `undefined` where the text is none. */
  readonly read: (text: string) => Value | undefined;
  /** In place of `expected`, for a text of which more can be said. */
  readonly expectedOf?: (text: string) => string | undefined;
}

export const anyText: Reader<string> = { expected: 'a text', read: (text) => (text === '' ? undefined : text) };

/** A timer of Node's that is set to more than 2^31 - 1 ms goes off at once. */
const LONGEST = 24 * 86_400_000;

/** In ms. */
export const duration: Reader<number> = {
  expected: 'a duration such as 500ms, 10s or 5m, of at most 24d',
  read: (text) => {
    const ms = readDuration(text);
    return ms === undefined || ms > LONGEST ? undefined : ms;
  },
};

/** In ms, of what is compared with the clock only. */
export const age: Reader<number> = { expected: 'a duration such as 10m, 12h or 30d', read: readDuration };

/** More lines or groups than this have no memory to be in. */
const MOST = 1e9;

export const count: Reader<number> = {
  expected: `a whole number from 1 to ${MOST}`,
  read: (text) => (/^[1-9]\d{0,9}$/u.test(text) && Number(text) <= MOST ? Number(text) : undefined),
};

/** What a choice, a switch in the environment, may be. */
const YES = ['true', 'yes', 'on', '1'];
const NO = ['false', 'no', 'off', '0'];

export const yesOrNo: Reader<boolean> = {
  expected: 'true or false',
  read: (text) => (YES.includes(text.toLowerCase()) ? true : NO.includes(text.toLowerCase()) ? false : undefined),
};

export const noOrYes: Reader<boolean> = {
  expected: yesOrNo.expected,
  read: (text) => {
    const value = yesOrNo.read(text);
    return value === undefined ? undefined : !value;
  },
};

export const oneOf = <const Word extends string>(...words: Word[]): Reader<Word> => ({
  expected: `one of ${words.join(', ')}`,
  read: (text) => words.find((word) => word === text),
});

const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** What one buffer of Node holds on every platform. */
const LARGEST = 1024 ** 3;

export const size: Reader<number> = {
  expected: 'a size from 1B to 1GiB, such as 64KiB or 8MiB',
  read: (text) => {
    const [, digits, unit] = /^(\d{1,10})(B|KiB|MiB|GiB)?$/u.exec(text) ?? [];
    if (digits === undefined) return undefined;
    const bytes = Number(digits) * UNITS[(unit ?? 'B') as keyof typeof UNITS];
    return bytes >= 1 && bytes <= LARGEST ? bytes : undefined;
  },
};

/** The same, or 0 for none. */
export const sizeOrNone: Reader<number> = {
  expected: 'a size from 1B to 1GiB, such as 64KiB or 8MiB, or 0',
  read: (text) => (text === '0' ? 0 : size.read(text)),
};

/** As `size` reads it, in the largest unit that is exact. */
export function writeSize(bytes: number): string {
  const [unit, factor] = Object.entries(UNITS).findLast(([, each]) => bytes % each === 0) ?? ['B', 1];
  return `${bytes / factor}${unit}`;
}
