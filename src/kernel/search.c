// How a chunk is searched: `scout.ts`, and the newlines of `input.ts`. A part of `kernel.c`.

// The texts that scouts look for. Many of them: from a window's last two bytes, or a hash of its last three, how far to
// jump, and where that is nowhere, the first probe to compare; from each the next. Zero is none. Few of them: each has a
// print, four bytes of it, and one of seven sets; `lows` tells, for each place in a print, by the low four bits of a byte, in
// which sets there is a print with such a byte there. The eighth set is that of escapes: see `pass.c`.
#define SETS 8
#define ESCAPES (1 << (SETS - 1))
#define PRINT 4
enum { BY_PRINTS = 0, BY_PAIRS = 2, BY_TRIPLES = 3 };
#define MOST_SCOUTS 6
#define MOST_PROBES 4095
#define MOST_PROBE_TEXT (1 << 16)
#define MOST_NEEDS 8192
struct scout {
  v128_t lows[PRINT];
  u16 firsts[SETS];
  u8 jumps[1 << 16];
  u16 heads[1 << 16];
  u16 nexts[MOST_PROBES + 1];
  u16 texts[MOST_PROBES + 1];
  u16 lengths[MOST_PROBES + 1];
  u16 behind[MOST_PROBES + 1];
  u16 folds[MOST_PROBES + 1];
  u16 needs[MOST_PROBES + 1];
  u8 text[MOST_PROBE_TEXT + 16];
};
static struct scout scouts[MOST_SCOUTS];
static u32 needs[MOST_NEEDS / 32];

EXPORT("mostScouts") int most_scouts(void) { return MOST_SCOUTS; }
EXPORT("mostProbes") int most_probes(void) { return MOST_PROBES; }
EXPORT("mostProbeText") int most_probe_text(void) { return MOST_PROBE_TEXT; }
EXPORT("mostNeeds") int most_needs(void) { return MOST_NEEDS; }
EXPORT("printsOf") u8 *prints_of(int scout) { return (u8 *)scouts[scout].lows; }
EXPORT("jumpsOf") u8 *jumps_of(int scout) { return scouts[scout].jumps; }
EXPORT("headsOf") u16 *heads_of(int scout) { return scouts[scout].heads; }
EXPORT("probesOf") u16 *probes_of(int scout) { return scouts[scout].nexts; }
EXPORT("probeTextOf") u8 *probe_text_of(int scout) { return scouts[scout].text; }
EXPORT("needs") u32 *needs_at(void) { return needs; }

static inline u8 lower(u8 c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }

static inline int is_at(const struct scout *scout, int probe, int at, int from, int end) {
  int start = at - scout->behind[probe];
  int length = scout->lengths[probe];
  if (start < from || start + length > end) return 0;
  const u8 *wanted = scout->text + scout->texts[probe];
  const u8 *there = input + start;
  if (!scout->folds[probe]) return wanted[0] == there[0] && same_text(wanted, there, length);
  for (int i = 0; i < length; i++) if (lower(there[i]) != lower(wanted[i])) return 0;
  return 1;
}

static inline u32 pair_at(int at) { return ((u32)input[at - 1] << 8) | input[at]; }
static inline u32 triple_at(int at) {
  return (((u32)(input[at - 2] & 0xdf) << 10) ^ ((u32)(input[at - 1] & 0xdf) << 5) ^ (input[at] & 0xdf)) & 0x7fff;
}

INLINE u32 block_at(int block, int at) { return block == BY_PAIRS ? pair_at(at) : triple_at(at); }

// Offset of the first byte at or after `at` that may end a window; `end` or more where there is none.
INLINE int stop(const u8 *jumps, int block, int at, int end) {
  while (at < end) {
    u8 jump = jumps[block_at(block, at)];
    if (jump == 0) return at;
    at += jump;
  }
  return at;
}

// Whether some text's window ends at `at`.
APART int ends_window(const struct scout *scout, int block, int from, int at, int end) {
  for (int probe = scout->heads[block_at(block, at)]; probe != 0; probe = scout->nexts[probe]) {
    if (is_at(scout, probe, at, from, end)) return 1;
  }
  return 0;
}

// Offset of the first byte in [at, to) that ends a window of a text; `to` or more where there is none: how far it has come.
INLINE int next_window(const struct scout *scout, int block, int from, int at, int to, int end) {
  for (at = stop(scout->jumps, block, at, to); at < to; at = stop(scout->jumps, block, at + 1, to)) {
    if (ends_window(scout, block, from, at, end)) return at;
  }
  return at;
}

#define LANES 4
#define SHORTEST_LANE 128
#define LONGEST_LANE 2048

// The same, of LANES parts, each so long, at a time: how far to jump depends on a byte that the last jump led to, and so each
// of them waits for memory most of the time. The `to` of a lane that has found one is there.
INLINE int next_window_in_lanes(const struct scout *scout, int block, int from, int at, int length, int end) {
  int place[LANES], to[LANES];
  for (int i = 0; i < LANES; i++) {
    place[i] = at + i * length;
    to[i] = place[i] + length;
  }
  while (place[0] < to[0] && place[1] < to[1] && place[2] < to[2] && place[3] < to[3]) {
    int jump[LANES];
    for (int i = 0; i < LANES; i++) jump[i] = scout->jumps[block_at(block, place[i])];
    for (int i = 0; i < LANES; i++) {
      if (jump[i] == 0) {
        if (ends_window(scout, block, from, place[i], end)) to[i] = place[i];
        else jump[i] = 1;
      }
      place[i] += jump[i];
    }
  }
  for (int i = 0; i < LANES; i++) {
    int limit = at + (i + 1) * length;
    if (to[i] < limit) return to[i];
    place[i] = next_window(scout, block, from, place[i], limit, end);
    if (place[i] < limit) return place[i];
  }
  return place[LANES - 1];
}

// Offset of the first byte at or after `at` that ends a window of a text; `end` or more where there is none. The further the
// last one lies behind, the more is looked at ahead.
INLINE int find_window(const struct scout *scout, int block, int from, int at, int end) {
  int length = SHORTEST_LANE;
  while (end - at > LANES * length) {
    int limit = at + LANES * length;
    at = next_window_in_lanes(scout, block, from, at, length, end);
    if (at < limit) return at;
    if (length < LONGEST_LANE) length *= 2;
  }
  return next_window(scout, block, from, at, end, end);
}

APART int find_window_by_pairs(const struct scout *scout, int from, int at, int end) { return find_window(scout, BY_PAIRS, from, at, end); }
APART int find_window_by_triples(const struct scout *scout, int from, int at, int end) { return find_window(scout, BY_TRIPLES, from, at, end); }

// For each of the sixteen places from `at` on, the sets of the prints that may begin there.
static inline v128_t sets_at(const struct scout *scout, int at) {
  v128_t sets = wasm_i8x16_splat(-1);
  for (int i = 0; i < PRINT; i++) {
    v128_t low = wasm_v128_and(wasm_v128_load(input + at + i), wasm_i8x16_splat(0x0f));
    sets = wasm_v128_and(sets, wasm_i8x16_swizzle(scout->lows[i], low));
  }
  return sets;
}

// Whether a text with this print stands at `at`; sets in `asked` the bits of all who ask for such a text.
APART int verify_print(const struct scout *scout, u32 sets, int from, int at, int end, u32 *asked) {
  int any = 0;
  for (; sets != 0; sets &= sets - 1) {
    int compared = -1;
    int there = 0;
    for (int probe = scout->firsts[__builtin_ctz(sets)]; probe != 0; probe = scout->nexts[probe]) {
      // Several may ask for the same text.
      if (scout->texts[probe] != compared) {
        compared = scout->texts[probe];
        there = is_at(scout, probe, at, from, end);
      }
      if (!there) continue;
      any = 1;
      if (asked != 0) asked[scout->needs[probe] >> 5] |= 1u << (scout->needs[probe] & 31);
    }
  }
  return any;
}

// The sixteen places of `sets` that are not empty.
static inline u32 places_of(v128_t sets) { return ~wasm_i8x16_bitmask(wasm_i8x16_eq(sets, wasm_i8x16_splat(0))) & 0xffff; }

// Offset of the first print of a text that stands there, or `end`. Most of what it looks at holds none.
static inline int next_print(const struct scout *scout, int from, int at, int end) {
  for (; at < end; at += 16) {
    v128_t sets = sets_at(scout, at);
    if (!wasm_v128_any_true(sets)) continue;
    u8 each[16];
    wasm_v128_store(each, sets);
    for (u32 places = places_of(sets); places != 0; places &= places - 1) {
      int place = __builtin_ctz(places);
      if (verify_print(scout, each[place], from, at + place, end, 0)) return at + place;
    }
  }
  return end;
}

// Sets in `asked` the bits of all whose text stands in [at, end), a line in which some are likely: first all places, without
// a branch that could be guessed wrongly, and then what stands there.
static inline void collect_prints(const struct scout *scout, int from, int at, int end, u32 *asked) {
  static u8 each[1024];
  static int found_at[1024 + 1];
  while (at < end) {
    int count = 0;
    int begin = at;
    int stop = end - at > 1024 ? at + 1024 : end;
    for (; at < stop; at += 16) {
      v128_t sets = sets_at(scout, at);
      wasm_v128_store(each + (at - begin), sets);
      u32 places = places_of(sets);
      found_at[count] = at + __builtin_ctz(places | 0x10000);
      count += places != 0;
      for (places &= places - 1; places != 0; places &= places - 1) found_at[count++] = at + __builtin_ctz(places);
    }
    for (int i = 0; i < count; i++) verify_print(scout, each[found_at[i] - begin], from, found_at[i], end, asked);
  }
}

// See scout.ts. `at` is where the first window may end, or the first print begin.
EXPORT("scoutNext") int scout_next(int which, int block, int from, int at, int end) {
  const struct scout *scout = &scouts[which];
  if (block == BY_PRINTS) return next_print(scout, from, at, end);
  int found = block == BY_PAIRS ? find_window_by_pairs(scout, from, at, end) : find_window_by_triples(scout, from, at, end);
  return found < end ? found : end;
}

// Sets the bits of `needs`, in addition to those that are set.
EXPORT("scoutCollect") void scout_collect(int which, int block, int from, int at, int end) {
  const struct scout *scout = &scouts[which];
  if (block == BY_PRINTS) {
    collect_prints(scout, from, at, end, needs);
    return;
  }
  for (at = stop(scout->jumps, block, at, end); at < end; at = stop(scout->jumps, block, at + 1, end)) {
    for (int probe = scout->heads[block == BY_PAIRS ? pair_at(at) : triple_at(at)]; probe != 0; probe = scout->nexts[probe]) {
      if (is_at(scout, probe, at, from, end)) needs[scout->needs[probe] >> 5] |= 1u << (scout->needs[probe] & 31);
    }
  }
}

// Offset of the first `\\u` at or after `at`, with `slashes` also of the first `\\/`; `end` where there is none.
EXPORT("nextEscape") int next_escape(int at, int end, int slashes) {
  while (at < end) {
    u32 mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(input + at), wasm_i8x16_splat('\\')));
    while (mask != 0) {
      int here = at + __builtin_ctz(mask);
      if (here + 1 >= end) return end;
      if (input[here + 1] == 'u' || (slashes && input[here + 1] == '/')) return here;
      mask &= mask - 1;
    }
    at += 16;
  }
  return end;
}

// Offset of the newline at or after `at`, or `end`.
EXPORT("lineEnd") int line_end(int at, int end) {
  while (at < end) {
    u32 mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(input + at), wasm_i8x16_splat('\n')));
    if (mask != 0) {
      at += __builtin_ctz(mask);
      return at < end ? at : end;
    }
    at += 16;
  }
  return end;
}
