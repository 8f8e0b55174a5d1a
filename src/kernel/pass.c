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

// Where the line begins that goes on at `at`: at `since`, or behind the last newline since then.
static int line_start(int since, int at) {
  while (at > since && input[at - 1] != '\n') at--;
  return at;
}

// Passes over the lines that end in [from, to), one by one.
APART void pass_each(struct passed *all, int from, int to) {
  all->next = line_start(all->next, from);
  for (int newline = line_end(from, to); newline < to; newline = line_end(newline + 1, to)) {
    all->lines++;
    all->overlong += newline - all->next > all->most;
    all->next = newline + 1;
  }
}

// The same, where `count` of them were counted. If none can be too long, only notes since when there was one more newline.
static inline void pass_counted(struct passed *all, int from, int to, int count) {
  if (count == 0) return;
  if (to - all->next > all->most) {
    pass_each(all, from, to);
    return;
  }
  all->lines += count;
  all->next = from;
}

static inline int hides_text(int at, int end, int slashes) {
  return input[at] == '\\' && at + 1 < end && (input[at + 1] == 'u' || (slashes && input[at + 1] == '/'));
}

// Offset in [at, to) of the first print of a text that stands there, if prints are looked for, or of the first escape; `to`
// where there is neither.
APART int find_stop(const struct scout *scout, int from, int at, int to, int end, int slashes) {
  for (; at < to; at += 16) {
    v128_t sets = scout == 0 ? wasm_i8x16_splat(0) : sets_at(scout, at);
    v128_t some = wasm_v128_or(sets, wasm_i8x16_eq(wasm_v128_load(input + at), wasm_i8x16_splat('\\')));
    if (!wasm_v128_any_true(some)) continue;
    u8 each[16];
    wasm_v128_store(each, sets);
    for (u32 places = places_of(some); places != 0; places &= places - 1) {
      int place = at + __builtin_ctz(places);
      if (place >= to) return to;
      if (hides_text(place, end, slashes) || verify_print(scout, each[place - at], from, place, end, 0)) return place;
    }
  }
  return to;
}

// What ends so many bytes before the second sixteen of two.
#define BACK_1(a, b) wasm_i8x16_shuffle(a, b, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
#define BACK_2(a, b) wasm_i8x16_shuffle(a, b, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)
#define BACK_3(a, b) wasm_i8x16_shuffle(a, b, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28)

#define BLOCK 32 // of more, V8 would keep a part of what is known in memory
#define MOST_COUNTED (255 / (BLOCK / 16) * BLOCK) // for each of sixteen places there is a byte to count newlines in

static inline int sum_of(v128_t counts) {
  v128_t sums = wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(counts));
  return wasm_i32x4_extract_lane(sums, 0) + wasm_i32x4_extract_lane(sums, 1) + wasm_i32x4_extract_lane(sums, 2) +
         wasm_i32x4_extract_lane(sums, 3);
}

// For each of sixteen places, which of what is looked for may end there; `before` is what was found of it so far.
struct begun {
  v128_t firsts;
  v128_t seconds;
  v128_t thirds;
};

INLINE v128_t ended_at(const struct scout *scout, struct begun *before, v128_t bytes) {
  v128_t slash = wasm_i8x16_eq(bytes, wasm_i8x16_splat('\\'));
  if (scout == 0) {
    v128_t letter = wasm_v128_or(wasm_i8x16_eq(bytes, wasm_i8x16_splat('u')), wasm_i8x16_eq(bytes, wasm_i8x16_splat('/')));
    v128_t escapes = wasm_v128_and(BACK_1(before->thirds, slash), letter);
    before->thirds = slash;
    return escapes;
  }
  // The sets of the prints whose first byte may stand there, whose second, whose third, whose last.
  v128_t low = wasm_v128_and(bytes, wasm_i8x16_splat(0x0f));
  v128_t first = wasm_i8x16_swizzle(scout->lows[0], low);
  v128_t second = wasm_i8x16_swizzle(scout->lows[1], low);
  v128_t third = wasm_v128_or(wasm_i8x16_swizzle(scout->lows[2], low), wasm_v128_and(slash, wasm_i8x16_splat((char)ESCAPES)));
  v128_t last = wasm_i8x16_swizzle(scout->lows[3], low);
  v128_t sets = wasm_v128_and(wasm_v128_and(BACK_3(before->firsts, first), BACK_2(before->seconds, second)),
                              wasm_v128_and(BACK_1(before->thirds, third), last));
  *before = (struct begun){ first, second, third };
  return sets;
}

// As `find_stop`, of all of [from, end), and passes over the lines before it. Nothing that is found often is branched on.
INLINE int pass_blocks(const struct scout *scout, int from, int end, int slashes, struct passed *all) {
  v128_t nothing = wasm_i8x16_splat(scout == 0 ? 0 : (char)ESCAPES);
  struct begun before = { nothing, nothing, wasm_i8x16_splat(0) };
  int at = from;
  while (end - at >= BLOCK) {
    int begin = at;
    int to = end - at > MOST_COUNTED ? at + MOST_COUNTED : end;
    v128_t newlines = wasm_i8x16_splat(0);
    for (; to - at >= BLOCK; at += BLOCK) {
      v128_t some = wasm_i8x16_splat(0);
#pragma clang loop unroll(full)
      for (int part = 0; part < BLOCK; part += 16) {
        v128_t bytes = wasm_v128_load(input + at + part);
        some = wasm_v128_or(some, ended_at(scout, &before, bytes));
        newlines = wasm_i8x16_sub(newlines, wasm_i8x16_eq(bytes, wasm_i8x16_splat('\n')));
      }
      if (!wasm_v128_any_true(some)) continue;
      // What ends in this block begins here.
      int first = at - (PRINT - 1) > from ? at - (PRINT - 1) : from;
      int last = at + BLOCK - 1;
      int stop = find_stop(scout, from, first, last, end, slashes);
      if (stop == last) continue;
      pass_each(all, begin, stop);
      return stop;
    }
    pass_counted(all, begin, at, sum_of(newlines));
  }
  int stop = find_stop(scout, from, at - (PRINT - 1) > from ? at - (PRINT - 1) : from, end, end, slashes);
  pass_each(all, at, stop);
  return stop;
}

// Each by itself: V8 is the sooner done with it.
APART int pass_by_prints(const struct scout *scout, int from, int end, int slashes) {
  return pass_blocks(scout, from, end, slashes, &passed);
}
APART int pass_to_escape(int from, int end, int slashes) { return pass_blocks(0, from, end, slashes, &passed); }

// Passes over the lines of [at, end) that nobody asks for: of which none holds a text, or an escape that may hide one. Offset of
// the first line that is left, or of the unfinished one; `stoppedAt` tells where in it something stands, or is `end`.
EXPORT("passOver") int pass_over(int which, int block, int window, int at, int end, int slashes, int most) {
  passed = (struct passed){ 0, 0, at, most };
  if (block == BY_PRINTS) {
    stopped_at = pass_by_prints(&scouts[which], at, end, slashes);
  } else {
    int found = scout_next(which, block, at, at + window - 1, end);
    stopped_at = pass_to_escape(at, found, slashes);
  }
  return passed.next;
}
