// What is found in a line as it is read. A part of `kernel.c`.

// Whether as many bytes are the same. Up to fifteen more are looked at, and do not count.
static inline int same_text(const u8 *a, const u8 *b, int length) {
  for (int i = 0; i < length; i += 16) {
    u32 same = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(a + i), wasm_v128_load(b + i)));
    u32 wanted = length - i >= 16 ? 0xffff : (1u << (length - i)) - 1;
    if ((same & wanted) != wanted) return 0;
  }
  return 1;
}

static inline int find(const u8 *key, int length) {
  u8 hash = (u8)(length * 37 + key[0] * 5 + key[length - 1] * 11);
  for (int name = heads[hash]; name != 0; name = nexts[name]) {
    if (lengths[name] == length && same_text(text + texts[name], key, length)) return slots[name];
  }
  return -1;
}

static inline void set(int slot, int kind, int start, int end) {
  if (kinds[slot] == MISSING) found[reading.found++] = (u16)slot;
  kinds[slot] = (u8)kind;
  starts[slot] = start;
  ends[slot] = end;
}

// A value of the line, as `shape.c` needs it: how one gets from its beginning to its end, what it is, who asks for it.
enum { TO_QUOTE, TO_SPACE, OVER_NUMBER, AS_IT_IS };
#define MOST_NOTED 64
struct value {
  int start;
  int end;
  int manner;
  int kind;
  int slot; // -1: nobody asks for it
};
static struct value noted[MOST_NOTED];
static int noted_count; // more than fit: the line has too many, or one that has no place here

static inline void note(int start, int end, int manner, int kind, int slot) {
  if (noted_count < MOST_NOTED) noted[noted_count] = (struct value){ start, end, manner, kind, slot };
  noted_count++;
}

static u32 shape_read; // by which shape the line was read; zero: by none

// The line that a sweep judged last, all but its group, as long as no other one is read.
struct judged {
  int at; // -1: none
  int newline;
  int plain;
  int rule;
  int level;
  int key_length; // of its key, which is in `key`
  const struct shape *shape; // zero: it was read by none
};
static struct judged judged = { .at = -1 };

// The line that was read last is no longer where it was.
static inline void unread(void) {
  reading.from = -1;
  judged.at = -1;
}
EXPORT("forgetReading") void forget_reading(void) { unread(); }

static void forget(void) {
  while (reading.found > 0) kinds[found[--reading.found]] = MISSING;
  noted_count = 0;
  shape_read = 0;
  reading.ambiguous = 0;
  unread();
}
