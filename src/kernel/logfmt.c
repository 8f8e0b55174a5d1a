// How a line of logfmt is read: `logfmt.ts`. A part of `kernel.c`.

// Offset of the first byte at or after `at` that is at most a space, `=` or `"`; `wide` tells of bytes beyond ASCII before it.
static inline int key_stop(int at, int end, int *wide) {
  while (at < end) {
    v128_t v = wasm_v128_load(input + at);
    v128_t stop = wasm_v128_or(wasm_v128_or(wasm_i8x16_eq(v, wasm_i8x16_splat('=')), wasm_i8x16_eq(v, wasm_i8x16_splat('"'))),
                               wasm_u8x16_le(v, wasm_i8x16_splat(0x20)));
    u32 mask = wasm_i8x16_bitmask(stop);
    u32 high = wasm_i8x16_bitmask(v);
    if (mask != 0) {
      int to = __builtin_ctz(mask);
      if (high & ((1u << to) - 1)) *wide = 1;
      at += to;
      return at < end ? at : end;
    }
    if (high) *wide = 1;
    at += 16;
  }
  return end;
}

static inline int value_stop(int at, int end) {
  while (at < end) {
    u32 mask = wasm_i8x16_bitmask(wasm_u8x16_le(wasm_v128_load(input + at), wasm_i8x16_splat(0x20)));
    if (mask != 0) {
      at += __builtin_ctz(mask);
      return at < end ? at : end;
    }
    at += 16;
  }
  return end;
}

// Offset of the quote that ends a logfmt value, or -1. Sets `escaped`.
static inline int quote_stop(int at, int end) {
  escaped = 0;
  while (at < end) {
    v128_t v = wasm_v128_load(input + at);
    u32 mask = wasm_i8x16_bitmask(wasm_v128_or(wasm_i8x16_eq(v, wasm_i8x16_splat('"')), wasm_i8x16_eq(v, wasm_i8x16_splat('\\'))));
    if (mask == 0) {
      at += 16;
      continue;
    }
    at += __builtin_ctz(mask);
    if (at >= end) return -1;
    if (input[at] == '"') return at;
    escaped = 1;
    at += 2;
  }
  return -1;
}

static int loose_quote(int at, int end) {
  for (; at < end; at++) if (input[at] == '"' && (at + 1 == end || input[at + 1] <= ' ')) return at;
  return -1;
}

// Whether the line in [at, end) begins with a plain key and `=`. Others are left to `logfmt.ts`.
static inline int begins_with_pair(int at, int end) {
  int key = at;
  while (at < end && (((input[at] | 32) >= 'a' && (input[at] | 32) <= 'z') || (input[at] >= '0' && input[at] <= '9') || input[at] == '_' ||
                      input[at] == '.' || input[at] == '-' || input[at] == '@'))
    at++;
  return at > key && at < end && input[at] == '=';
}

// Reads the pairs in [at, end). Zero, or why it is none; GIVE_UP where a key has bytes beyond ASCII, or the line has colours outside quotes.
APART int read_logfmt(int at, int end) {
  forget();
  if (!begins_with_pair(at, end)) return GIVE_UP;
  int last_quoted = -1;
  int seen_quoted = 0;
  while (at < end) {
    if (input[at] <= ' ') {
      if (input[at] == 0x1b) return GIVE_UP;
      at++;
      continue;
    }
    // key
    int key = at;
    int wide = 0;
    at = key_stop(at, end, &wide);
    if (at < end && input[at] == '"') {
      if (!seen_quoted) return QUOTE_IN_KEY;
      int close = loose_quote(at + 1, end);
      if (close == -1) return QUOTE_OPEN;
      reading.ambiguous = 1;
      if (last_quoted != -1) set(last_quoted, LOGFMT_ESCAPED, starts[last_quoted], close);
      at = close + 1;
      continue;
    }
    if (at == key) return NO_KEY;
    if (wide) return GIVE_UP;
    int slot = find(input + key, at - key);
    int again = slot != -1 && kinds[slot] != MISSING;
    if (again) reading.ambiguous = 1;
    if (at == end || input[at] != '=') {
      if (slot != -1 && !again) {
        set(slot, FLAG, key, at);
        note(key, at, AS_IT_IS, FLAG, slot);
      }
      continue;
    }
    at++;

    // value
    if (at < end && input[at] == '"') {
      int value = at + 1;
      at = quote_stop(value, end);
      if (at == -1) return QUOTE_OPEN;
      seen_quoted = 1;
      last_quoted = again ? -1 : slot;
      if (last_quoted != -1) set(slot, escaped ? LOGFMT_ESCAPED : QUOTED, value, at);
      note(value, at, TO_QUOTE, QUOTED, slot);
      at++;
    } else {
      int value = at;
      at = value_stop(at, end);
      if (slot != -1 && !again) set(slot, UNQUOTED, value, at);
      note(value, at, TO_SPACE, UNQUOTED, slot);
    }
  }
  return 0;
}
