// How lines are passed over that nobody asks for: `input.ts`. A part of `kernel.c`. One look at each byte tells where texts
// stand, where an escape may hide one, and where lines end.

// What was passed over: lines, how many of them were longer than a line that is judged may be, where the next one begins.
struct passed {
  int lines;
  int overlong;
  int next;
  int most;
};
static struct passed passed;
static int stopped_at;

EXPORT("passedLines") int passed_lines(void) { return passed.lines; }
EXPORT("passedOverlong") int passed_overlong(void) { return passed.overlong; }
EXPORT("stoppedAt") int where_it_stopped(void) { return stopped_at; }

static inline void pass_line(struct passed *all, int newline) {
  all->lines++;
  all->overlong += newline - all->next > all->most;
  all->next = newline + 1;
}

static inline int hides_text(int at, int end, int slashes) {
  return input[at] == '\\' && at + 1 < end && (input[at + 1] == 'u' || (slashes && input[at + 1] == '/'));
}

// The sixteen bytes that end `by` bytes before the second sixteen of two.
#define SHIFT_BY_1(a, b) wasm_i8x16_shuffle(a, b, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
#define SHIFT_BY_2(a, b) wasm_i8x16_shuffle(a, b, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)

static inline v128_t sets_of(const struct scout *scout, int byte, v128_t low, v128_t high) {
  return wasm_v128_and(wasm_i8x16_swizzle(scout->lows[byte], low), wasm_i8x16_swizzle(scout->highs[byte], high));
}

// Offset of the first print of a text that stands there, or of the first escape; `end` where there is neither.
static int pass_by_prints(const struct scout *scout, int from, int end, int slashes, struct passed *all) {
  struct passed so_far = *all; // in registers
  v128_t firsts = wasm_i8x16_splat(0), seconds = firsts;
  for (int at = from; at < end; at += 16) {
    v128_t bytes = wasm_v128_load(input + at);
    v128_t low = wasm_v128_and(bytes, wasm_i8x16_splat(0x0f));
    v128_t high = wasm_u8x16_shr(bytes, 4);
    // For each place, the sets of the prints whose first byte may stand there, whose second, whose third and last.
    v128_t first = sets_of(scout, 0, low, high), second = sets_of(scout, 1, low, high), third = sets_of(scout, 2, low, high);
    v128_t sets = wasm_v128_and(third, wasm_v128_and(SHIFT_BY_1(seconds, second), SHIFT_BY_2(firsts, first)));
    firsts = first;
    seconds = second;
    v128_t others = wasm_v128_or(wasm_i8x16_eq(bytes, wasm_i8x16_splat('\n')), wasm_i8x16_eq(bytes, wasm_i8x16_splat('\\')));
    if (!wasm_v128_any_true(wasm_v128_or(sets, others))) continue;

    u32 prints = places_of(sets);
    u32 places = prints | wasm_i8x16_bitmask(others);
    if (end - at < 16) places &= (1u << (end - at)) - 1;
    u8 each[16];
    wasm_v128_store(each, sets);
    for (; places != 0; places &= places - 1) {
      int place = __builtin_ctz(places);
      int print = at + place - (PRINT - 1);
      int is_stop = 0;
      if (input[at + place] == '\n') pass_line(&so_far, at + place);
      else if ((prints >> place) & 1) is_stop = verify_print(scout, each[place], from, print, end, 0);
      if (!is_stop && !hides_text(at + place, end, slashes)) continue;
      *all = so_far;
      return is_stop ? print : at + place;
    }
  }
  *all = so_far;
  return end;
}

// Passes over the lines of [at, end) that nobody asks for: of which none holds a text, or an escape that may hide one. Offset of
// the first line that is left, or of the unfinished one; `stoppedAt` tells where in it something stands, or is `end`.
EXPORT("passOver") int pass_over(int which, int block, int window, int at, int end, int slashes, int most) {
  passed = (struct passed){ 0, 0, at, most };
  if (block == BY_PRINTS) {
    stopped_at = pass_by_prints(&scouts[which], at, end, slashes, &passed);
  } else {
    int found = scout_next(which, block, at, at + window - 1, end);
    stopped_at = next_escape(at, found, slashes);
    for (int newline = line_end(at, stopped_at); newline < stopped_at; newline = line_end(newline + 1, stopped_at)) pass_line(&passed, newline);
  }
  return passed.next;
}
