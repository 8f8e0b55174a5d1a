// What the kernel and its callers agree on. AssemblyScript and TypeScript both import this file, so it has plain constants
// only, and no types. Sizes are in bytes unless the name or the comment says otherwise.

/** The input begins at address 0: an offset in it is an address. First a whole chunk, behind it a single line. */
export const CHUNK_SIZE = 1 << 20;
export const LINE_SIZE = 1 << 17;
export const INPUT_SIZE = CHUNK_SIZE + LINE_SIZE;
/** Loads take up to 64 bytes at a time, and the last one may go beyond the input. */
export const INPUT_MARGIN = 64;

// Kinds of values, the same as in `src/record/value.ts`.
export const MISSING = 0;
export const QUOTED = 1;
export const JSON_ESCAPED = 2;
export const LOGFMT_ESCAPED = 3;
export const UNQUOTED = 4;
export const FLAG = 5;
export const NUMBER = 6;
export const TRUE = 7;
export const FALSE = 8;
export const NULL = 9;
export const NESTED = 10;

// What `readJson` and `readLogfmt` answer if they did not read the line.
export const REFUSED = -1;
export const GIVE_UP = -2;
export const QUOTE_IN_KEY = -3;
export const QUOTE_OPEN = -4;
export const NO_KEY = -5;

/** How many names there may be, how many bytes they may have together, and how many hashes of names there are. */
export const MOST_SLOTS = 512;
export const MOST_TEXT = 1 << 14;
export const MOST_HEADS = 256;

// Words of `reading`: how many values the last reader found, and whether a name occurs twice or quotes do not add up.
export const READING_FOUND = 0;
export const READING_AMBIGUOUS = 1;
export const READING_WORDS = 2;

// How a scout searches: by prints, or by windows that end with two or three given bytes.
export const BY_PRINTS = 0;
export const BY_PAIRS = 2;
export const BY_TRIPLES = 3;
/** How many bytes a print has, how many sets of prints there are, and how many sixteen-byte tables lie before their heads. */
export const PRINT = 4;
export const SETS = 8;
export const MOST_SCOUTS = 6;
export const MOST_PROBES = 4095;
export const MOST_PROBE_TEXT = 1 << 16;
/** How many numbers there are for those who ask for a text: a bit each in `needs`. */
export const MOST_NEEDS = 8192;
/** How many jumps and heads a scout has that searches by windows. */
export const MOST_BLOCKS = 1 << 16;
