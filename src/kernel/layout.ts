// What the kernel and its callers agree on. AssemblyScript and TypeScript both import this file, so it has plain constants
// only, and no types. Sizes are in bytes unless the name or the comment says otherwise.

/**
 * The input begins at address 0: an offset in it is an address. First a whole chunk, behind it a single line. What is not used of all
 * this takes no memory.
 */
export const CHUNK_SIZE = 1 << 20;
export const LINE_SIZE = 1 << 22;
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
/** Of logfmt: a key is not UTF-8, or has U+FFFD in it, which stands for what is not. */
export const KEY_NOT_UTF8 = -2;
export const QUOTE_IN_KEY = -3;
export const QUOTE_OPEN = -4;
export const NO_KEY = -5;
/** Of logfmt: the line does not begin with a pair. */
export const NO_PAIR = -6;

/** How many names there may be, how many bytes they may have together, and how many hashes of names there are. */
export const MOST_SLOTS = 1 << 15;
export const MOST_TEXT = 1 << 20;
export const MOST_HEADS = 256;

// Words of `reading`: how many values the last reader found, and whether some name at the top occurs twice or quotes do not add up.
export const READING_FOUND = 0;
export const READING_AMBIGUOUS = 1;
/** How many values under names that occur more than once are in `again`: all but the first of each. */
export const READING_AGAIN = 2;
/** Whether quotes do not add up, or there are more such values than fit: then the line has two meanings in any case. */
export const READING_GUESSED = 3;
export const READING_WORDS = 4;
/** Words of an entry of `again`. */
export const AGAIN_SLOT = 0;
export const AGAIN_KIND = 1;
export const AGAIN_START = 2;
export const AGAIN_END = 3;
export const AGAIN_WORDS = 4;
export const MOST_AGAIN = 64;

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

// The tape: 32-bit words, an entry for each line that is listed. Behind the words of its head lie, for each varying part of
// its shape, in order, where the value begins and where it ends; none if it has no shape.
export const TAPE_WORDS = 1 << 16;
export const ENTRY_START = 0;
export const ENTRY_NEWLINE = 1;
/** How many lines were passed over between the entry before and this one, in this call. */
export const ENTRY_PASSED = 2;
/** Flags, and from bit 8 on the number of the shape. */
export const ENTRY_FLAGS = 3;
/** The same number for lines of one shape with the same judged values, but for those that the shape has dropped; -1: none. */
export const ENTRY_ALIKE = 4;
/** Where its text begins: behind a frame, if there is one; else at its start. What a shape tells is counted from here. */
export const ENTRY_TEXT = 5;
export const ENTRY_WORDS = 6;

// How lines may be framed.
export const NO_FRAME = 0;
export const CRI_FRAME = 1;
/** Longer words before a line are not looked for. */
export const LONGEST_FRAME = 256;
/** What stands behind the time of a frame: ` stderr F `; and how far before the text the letter is that tells its two streams apart. */
export const BEHIND_TIME = 10;
export const STREAM_LETTER = 6;

/** It has no backslash, and no control character but a carriage return at its end. Never set for lines over LONGEST_SHAPED. */
export const PLAIN = 1;
/** An escape in it may hide a text. */
export const ESCAPED = 2;
/** It is longer than the caller reads; nothing else is known of it. */
export const OVERLONG = 4;
/** It has a shape. It is plain, then, no name that is asked for occurs twice, and none of these holds an object or a list. */
export const SHAPED = 8;
/** Its shape is that of logfmt, not of JSON. */
export const PAIRS = 16;
/** Before its text there is a frame, which says that it is a whole line. */
export const FRAMED = 32;
export const SHAPE_SHIFT = 8;

// Words of `scanned`.
export const SCANNED_COUNT = 0;
/** Where the next scan begins: behind the last line that was dealt with. */
export const SCANNED_NEXT = 1;
/** How many words of the tape are used. */
export const SCANNED_WORDS_USED = 2;
/** Another number than before: what `alike` meant is forgotten. */
export const SCANNED_EPOCH = 3;
/** How many lines were passed over, and how many of these were overlong. */
export const SCANNED_PASSED = 4;
export const SCANNED_OVERLONG = 5;
/** How many lines were listed or passed over. */
export const SCANNED_LINES = 6;
export const SCANNED_WORDS = 7;

// The shape table. Words of a shape:
export const MOST_SHAPES = 16;
export const SHAPE_SERIAL = 0;
/** How many parts it has. */
export const SHAPE_COUNT = 1;
/** A bit for each part whose value is not the same in all lines: two words, the low one first. */
export const SHAPE_VARYING = 2;
/** A bit for each varying, judged part that does not count for `alike`. */
export const SHAPE_DROPPED = 4;
/** How long its first line is, without its line end. */
export const SHAPE_LENGTH = 6;
/** How far before the end of its text a line of JSON has its last brace. */
export const SHAPE_BRACE = 7;
export const SHAPE_WORDS = 8;
/** Where in a shape its parts lie, and its first line. */
export const SHAPE_PARTS = 80 + 64 + 64 + 128;
export const MOST_PARTS = 64;
export const LONGEST_SHAPED = 2048;
/** A part: where it begins and ends in the first line (two shorts), manner and kind (two bytes), slot (a short; -1: none). */
export const PART_SIZE = 8;
export const PART_START = 0;
export const PART_END = 2;
export const PART_KIND = 5;
export const PART_SLOT = 6;
export const SHAPE_LINE = SHAPE_PARTS + PART_SIZE * (MOST_PARTS + 1);
export const SHAPE_SIZE = SHAPE_LINE + LONGEST_SHAPED + 16 + 8;

/** How many numbers of `alike` there are before all are forgotten. */
export const MOST_ALIKE = 4096;

/** An edit is four words: cut from here, to there, and put in the bytes at this address, of this length. */
export const MOST_EDITS = 1 << 15;
export const EDIT_FROM = 0;
export const EDIT_TO = 1;
export const EDIT_PIECE = 2;
export const EDIT_LENGTH = 3;
export const EDIT_WORDS = 4;
/** Room for the new bytes of edits. */
export const PIECES_SIZE = 1 << 18;
export const OUTPUT_SIZE = 3 << 19;

// Words of `spliced`: how many edits are done, and up to where in the input all is written.
export const SPLICED_EDITS = 0;
export const SPLICED_AT = 1;
export const SPLICED_WORDS = 2;
