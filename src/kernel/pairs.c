// What most lines are spared a search by, for texts that somebody asks for anywhere in a line. A part of `kernel.c`.

// Each of these texts holds one of two pairs of bytes, compared without the bit of case. None: it is not known.
static u8 pairs[4];
static int has_pairs;

EXPORT("foldPairs") void fold_pairs(int known, int a, int b, int c, int d) {
  has_pairs = known;
  pairs[0] = (u8)a;
  pairs[1] = (u8)b;
  pairs[2] = (u8)c;
  pairs[3] = (u8)d;
}

// Whether a pair lies in [from, to) of a text.
static int pair_lies_in(const u8 *text, int from, int to) {
  for (int i = from; i + 1 < to; i++) {
    u8 first = text[i] | 0x20, second = text[i + 1] | 0x20;
    if ((first == pairs[0] && second == pairs[1]) || (first == pairs[2] && second == pairs[3])) return 1;
  }
  return 0;
}

// Whether a pair begins in [at, end); or, perhaps, right behind it.
static int pair_begins_in(int at, int end) {
  v128_t a = wasm_i8x16_splat((char)pairs[0]), b = wasm_i8x16_splat((char)pairs[1]);
  v128_t c = wasm_i8x16_splat((char)pairs[2]), d = wasm_i8x16_splat((char)pairs[3]);
  v128_t some = wasm_i8x16_splat(0);
  for (; at < end; at += 16) {
    v128_t first = wasm_v128_or(wasm_v128_load(input + at), wasm_i8x16_splat(0x20));
    v128_t second = wasm_v128_or(wasm_v128_load(input + at + 1), wasm_i8x16_splat(0x20));
    some = wasm_v128_or(some, wasm_v128_and(wasm_i8x16_eq(first, a), wasm_i8x16_eq(second, b)));
    some = wasm_v128_or(some, wasm_v128_and(wasm_i8x16_eq(first, c), wasm_i8x16_eq(second, d)));
  }
  return wasm_v128_any_true(some);
}
