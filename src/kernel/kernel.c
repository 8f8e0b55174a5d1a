// The inner loops, for WebAssembly with SIMD, sixteen bytes at a time: how a line is read (`json.c`, `logfmt.c`, `shape.c`),
// a chunk searched (`search.c`, `pass.c`, `pairs.c`), a line judged (`judge.c`), a repeat folded (`fold.c`, `memo.c`), and all of
// that done to a chunk (`sweep.c`). What does the same in TypeScript is the reference: property tests compare every answer with its own, and
// it takes over where this gives up. It allocates nothing and never reads outside its own arrays. Built by `build-kernel.sh`
// into `code.ts`.

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u64 __attribute__((aligned(1), may_alias)) unaligned_u64;

// A function is slow until V8 has compiled the whole of it, which takes longer than in proportion to its size: what is large,
// or seldom called, stays apart from what is hot.
#define APART static __attribute__((noinline))
#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((export_name(name), noinline))

// As in record.ts.
enum { MISSING, QUOTED, JSON_ESCAPED, LOGFMT_ESCAPED, UNQUOTED, FLAG, NUMBER, TRUE_, FALSE_, NULL_, NESTED };

enum { REFUSED = -1, GIVE_UP = -2, QUOTE_IN_KEY = -3, QUOTE_OPEN = -4, NO_KEY = -5 };

#define CHUNK_SIZE (1 << 20)
#define LINE_SIZE (1 << 17)
#define INPUT_SIZE (CHUNK_SIZE + LINE_SIZE)
#define MOST_SLOTS 512
#define MOST_TEXT (1 << 14)

// A whole chunk, behind it a single line, and room for the last load of sixteen.
static u8 input[INPUT_SIZE + 64];

// The line that was read last: how many values were found, and whether it has two meanings; and where it lies, if it is in the
// lent chunk and the engine is likely to ask for it: `from` is -1 if not.
struct reading {
  int found;
  int ambiguous;
  int from;
  int to;
};
static struct reading reading = { .from = -1 };

// What was found: the slots, and by slot the value.
static u16 found[MOST_SLOTS];
static u8 kinds[MOST_SLOTS];
static int starts[MOST_SLOTS];
static int ends[MOST_SLOTS];

// The names that are looked for: by hash the first one, and from each the next. Zero is none.
static u16 heads[256];
static u16 nexts[MOST_SLOTS + 1];
static u16 lengths[MOST_SLOTS + 1];
static u16 texts[MOST_SLOTS + 1];
static u16 slots[MOST_SLOTS + 1];
static u8 text[MOST_TEXT + 16];

static u8 nesting[CHUNK_SIZE];
static int escaped;

EXPORT("input") u8 *input_at(void) { return input; }
EXPORT("chunkSize") int chunk_size(void) { return CHUNK_SIZE; }
EXPORT("lineSize") int line_size(void) { return LINE_SIZE; }
EXPORT("found") u16 *found_at(void) { return found; }
EXPORT("reading") struct reading *reading_at(void) { return &reading; }
EXPORT("kinds") u8 *kinds_at(void) { return kinds; }
EXPORT("starts") int *starts_at(void) { return starts; }
EXPORT("ends") int *ends_at(void) { return ends; }
EXPORT("mostSlots") int most_slots(void) { return MOST_SLOTS; }
EXPORT("heads") u16 *heads_at(void) { return heads; }
EXPORT("nexts") u16 *nexts_at(void) { return nexts; }
EXPORT("lengths") u16 *lengths_at(void) { return lengths; }
EXPORT("texts") u16 *texts_at(void) { return texts; }
EXPORT("slots") u16 *slots_at(void) { return slots; }
EXPORT("text") u8 *text_at(void) { return text; }
EXPORT("mostText") int most_text(void) { return MOST_TEXT; }

int line_end(int at, int end);

#include "found.c"
#include "json.c"
#include "logfmt.c"
#include "search.c"
#include "pass.c"
#include "judge.c"
#include "pairs.c"
#include "shape.c"
#include "read.c"
#include "fold.c"
#include "memo.c"
#include "sweep.c"
