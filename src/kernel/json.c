// How a line of JSON is read: `json.ts`. A part of `kernel.c`.

static inline int skip_space(int at, int end) {
  while (at < end && (input[at] == ' ' || input[at] == '\t' || input[at] == '\r' || input[at] == '\n')) at++;
  return at;
}

static inline int is_hex(u8 c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

// A plain line has no backslash and no control character: then its quotes are all that strings are made of.
#define LONGEST_PLAIN 1024
static u64 quotes[LONGEST_PLAIN / 64 + 2]; // a bit for each byte of the line
static int plain_from;

// A bit for each of the 64 bytes at `at` that is this one.
static inline u64 places_of_byte(int at, char byte) {
  u64 places = 0;
  for (int part = 0; part < 64; part += 16)
    places |= (u64)wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(input + at + part), wasm_i8x16_splat(byte))) << part;
  return places;
}

// For some place in sixteen, whether one of the 64 bytes at `at` that stand there is a backslash, and whether one is a control
// character.
static inline void look_for_odd(int at, v128_t *slashes, v128_t *controls) {
  v128_t least = wasm_v128_load(input + at);
  *slashes = wasm_i8x16_eq(least, wasm_i8x16_splat('\\'));
  for (int part = 16; part < 64; part += 16) {
    v128_t v = wasm_v128_load(input + at + part);
    *slashes = wasm_v128_or(*slashes, wasm_i8x16_eq(v, wasm_i8x16_splat('\\')));
    least = wasm_u8x16_min(least, v);
  }
  *controls = wasm_u8x16_lt(least, wasm_i8x16_splat(0x20));
}

// A bit for each of the 64 bytes at `at` that is one of these.
static inline u64 odd_places(int at) {
  u64 places = 0;
  for (int part = 0; part < 64; part += 16) {
    v128_t v = wasm_v128_load(input + at + part);
    v128_t odd = wasm_v128_or(wasm_u8x16_lt(v, wasm_i8x16_splat(0x20)), wasm_i8x16_eq(v, wasm_i8x16_splat('\\')));
    places |= (u64)wasm_i8x16_bitmask(odd) << part;
  }
  return places;
}

// Offset of the newline at or after `at`, or `end`; of a line no longer than LONGEST_PLAIN finds the quotes, and says in
// `plain` whether they are all that strings are made of.
static int scan_line(int at, int end, int *plain) {
  v128_t odd = wasm_i8x16_splat(0);
  *plain = 0;
  plain_from = at;
  for (int word = 0; word < LONGEST_PLAIN / 64; word++, at += 64) {
    v128_t slashes, controls;
    look_for_odd(at, &slashes, &controls);
    quotes[word] = places_of_byte(at, '"');
    u64 newlines = wasm_v128_any_true(controls) ? places_of_byte(at, '\n') : 0;
    if (newlines != 0) {
      int to = __builtin_ctzll(newlines);
      u64 before = ((u64)1 << to) - 1;
      quotes[word] &= before;
      quotes[word + 1] = ~(u64)0; // where a search ends
      *plain = !wasm_v128_any_true(odd) && (odd_places(at) & before) == 0;
      return at + to < end ? at + to : end;
    }
    if (at + 64 > end) return end;
    odd = wasm_v128_or(odd, wasm_v128_or(slashes, controls));
  }
  return line_end(at, end);
}

// Offset of the quote at or after `at` in the plain line that was scanned; behind its end where there is none.
static inline int next_quote(int at) {
  int from = at - plain_from;
  int word = from >> 6;
  u64 bits = quotes[word] & ~(u64)0 << (from & 63);
  while (bits == 0) bits = quotes[++word];
  return plain_from + (word << 6 | __builtin_ctzll(bits));
}

// Offset of the quote that ends the string begun before `at`, or -1. Sets `escaped`.
APART int string_end(int at, int end) {
  escaped = 0;
  for (;;) {
    for (;;) {
      if (at >= end) return -1;
      v128_t v = wasm_v128_load(input + at);
      v128_t stop = wasm_v128_or(wasm_v128_or(wasm_i8x16_eq(v, wasm_i8x16_splat('"')), wasm_i8x16_eq(v, wasm_i8x16_splat('\\'))),
                                 wasm_u8x16_lt(v, wasm_i8x16_splat(0x20)));
      u32 mask = wasm_i8x16_bitmask(stop);
      if (mask != 0) {
        at += __builtin_ctz(mask);
        break;
      }
      at += 16;
    }
    if (at >= end) return -1;
    if (input[at] == '"') return at;
    if (input[at] != '\\') return -1;
    escaped = 1;
    if (at + 1 >= end) return -1;
    switch (input[at + 1]) {
      case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        at += 2;
        break;
      case 'u':
        if (at + 6 > end) return -1;
        if (!is_hex(input[at + 2]) || !is_hex(input[at + 3]) || !is_hex(input[at + 4]) || !is_hex(input[at + 5])) return -1;
        at += 6;
        break;
      default:
        return -1;
    }
  }
}

static inline int digits_end(int at, int end) {
  int from = at;
  while (at < end && input[at] >= '0' && input[at] <= '9') at++;
  return at == from ? -1 : at;
}

static int number_end(int at, int end) {
  if (at < end && input[at] == '-') at++;
  if (at < end && input[at] == '0') at++;
  else at = digits_end(at, end);
  if (at != -1 && at < end && input[at] == '.') at = digits_end(at + 1, end);
  if (at != -1 && at < end && (input[at] | 32) == 'e') {
    at++;
    if (at < end && (input[at] == '+' || input[at] == '-')) at++;
    at = digits_end(at, end);
  }
  return at;
}

static int word_end(int at, int end, const char *word, int length) {
  if (at + length > end) return -1;
  for (int i = 1; i < length; i++) if (input[at + i] != (u8)word[i]) return -1;
  return at + length;
}

APART int scalar_end(int at, int end) {
  switch (input[at]) {
    case 't': return word_end(at, end, "true", 4);
    case 'f': return word_end(at, end, "false", 5);
    case 'n': return word_end(at, end, "null", 4);
    default: return number_end(at, end);
  }
}

// As `string_end`; of a plain line, the quotes are known.
INLINE int any_string_end(int at, int end, int plain) {
  if (!plain) return string_end(at, end);
  int close = next_quote(at);
  return close < end ? close : -1;
}

// Passes over `"key" :`; offset of the value, or -1.
INLINE int key_end(int at, int end, int plain) {
  if (at >= end || input[at] != '"') return -1;
  int close = any_string_end(at + 1, end, plain);
  if (close == -1) return -1;
  int colon = skip_space(close + 1, end);
  return colon < end && input[colon] == ':' ? skip_space(colon + 1, end) : -1;
}

INLINE int any_nested_end(int at, int end, int plain) {
  int depth = 0;
  while (at < end) {
    // a value begins here
    u8 byte = input[at];
    if (byte == '{' || byte == '[') {
      int is_object = byte == '{';
      nesting[depth++] = (u8)is_object;
      at = skip_space(at + 1, end);
      if (at >= end) return -1;
      if (input[at] != (is_object ? '}' : ']')) {
        if (is_object) at = key_end(at, end, plain);
        if (at == -1) return -1;
        continue;
      }
      depth--;
      at++;
    } else if (byte == '"') {
      int start = at + 1;
      at = any_string_end(start, end, plain);
      if (at == -1) return -1;
      if (plain) note(start, at, TO_QUOTE, QUOTED, -1);
      at++;
    } else {
      int start = at;
      at = scalar_end(at, end);
      if (at == -1) return -1;
      if (plain && byte <= '9') note(start, at, OVER_NUMBER, NUMBER, -1);
    }
    // behind a value: brackets close, or a comma leads to the next
    for (;;) {
      if (depth == 0) return at;
      at = skip_space(at, end);
      if (at >= end) return -1;
      int is_object = nesting[depth - 1];
      u8 next = input[at];
      if (next == ',') {
        at = skip_space(at + 1, end);
        if (is_object) at = key_end(at, end, plain);
        if (at == -1) return -1;
        break;
      }
      if (next != (is_object ? '}' : ']')) return -1;
      depth--;
      at++;
    }
  }
  return -1;
}

APART int nested_end(int at, int end) { return any_nested_end(at, end, 0); }
APART int plain_nested_end(int at, int end) { return any_nested_end(at, end, 1); }

// Reads the object in [at, end). Offset of its closing brace, REFUSED where it is no JSON object alone,
// or GIVE_UP where a key is escaped. 
INLINE int read_any_json(int at, int end, int plain) {
  forget();
  at = skip_space(at, end);
  if (at >= end || input[at] != '{') return REFUSED;
  at = skip_space(at + 1, end);
  if (at < end && input[at] == '}') return skip_space(at + 1, end) == end ? at : REFUSED;
  for (;;) {
    // key
    if (at >= end || input[at] != '"') return REFUSED;
    int key = at + 1;
    int close = any_string_end(key, end, plain);
    if (close == -1) return REFUSED;
    if (!plain && escaped) return GIVE_UP;
    int slot = close > key ? find(input + key, close - key) : -1;
    at = skip_space(close + 1, end);
    if (at >= end || input[at] != ':') return REFUSED;
    at = skip_space(at + 1, end);
    if (at >= end) return REFUSED;

    // value
    u8 first = input[at];
    int value = at;
    int kind;
    if (first == '"') {
      at = any_string_end(at + 1, end, plain);
      kind = !plain && escaped ? JSON_ESCAPED : QUOTED;
      if (at != -1) at++;
    } else if (first == '{' || first == '[') {
      at = plain ? plain_nested_end(at, end) : nested_end(at, end);
      kind = NESTED;
    } else {
      at = scalar_end(at, end);
      kind = first == 't' ? TRUE_ : first == 'f' ? FALSE_ : first == 'n' ? NULL_ : NUMBER;
    }
    if (at == -1) return REFUSED;
    if (plain) {
      if (first == '"') note(value + 1, at - 1, TO_QUOTE, kind, slot);
      else if (kind == NUMBER) note(value, at, OVER_NUMBER, kind, slot);
      else if (slot != -1 && kind == NESTED) noted_count = MOST_NOTED + 1;
      else if (slot != -1) note(value, at, AS_IT_IS, kind, slot);
    }
    if (slot != -1) {
      if (kinds[slot] != MISSING) reading.ambiguous = 1;
      else if (first == '"') set(slot, kind, value + 1, at - 1);
      else set(slot, kind, value, at);
    }

    // comma or end
    at = skip_space(at, end);
    if (at >= end) return REFUSED;
    if (input[at] == '}') return skip_space(at + 1, end) == end ? at : REFUSED;
    if (input[at] != ',') return REFUSED;
    at = skip_space(at + 1, end);
  }
}

APART int read_json(int at, int end) { return read_any_json(at, end, 0); }

// The same for a plain line that was scanned.
APART int read_plain_json(int at, int end) { return read_any_json(at, end, 1); }
