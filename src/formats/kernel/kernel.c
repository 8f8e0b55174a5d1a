// The readers' inner loops, for WebAssembly with SIMD: what `json.ts` and `logfmt.ts` do in TypeScript,
// sixteen bytes at a time. Those are the reference: a property test
// compares every answer with theirs, and they take over where this gives up (GIVE_UP). It allocates
// nothing and never reads outside its own arrays. Built by `build-kernel.sh` into `kernel.wasm`.

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

#define EXPORT(name) __attribute__((export_name(name)))

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

// What was found: the slots, and by slot the value.
static u16 found[MOST_SLOTS];
static int found_count;
static u8 kinds[MOST_SLOTS];
static int starts[MOST_SLOTS];
static int ends[MOST_SLOTS];

// The names that are looked for: by hash the first one, and from each the next. Zero is none.
static u16 heads[256];
static u16 nexts[MOST_SLOTS + 1];
static u16 lengths[MOST_SLOTS + 1];
static u16 texts[MOST_SLOTS + 1];
static u16 slots[MOST_SLOTS + 1];
static u8 text[MOST_TEXT];

// The texts that scouts look for. From a window's last two bytes, or a hash of its last three: how far to jump, and
// where that is nowhere, the first probe to compare; from each the next. Zero is none.
#define MOST_SCOUTS 6
#define MOST_PROBES 4095
#define MOST_PROBE_TEXT (1 << 16)
#define MOST_NEEDS 8192
struct scout {
  u8 jumps[1 << 16];
  u16 heads[1 << 16];
  u16 nexts[MOST_PROBES + 1];
  u16 texts[MOST_PROBES + 1];
  u16 lengths[MOST_PROBES + 1];
  u16 behind[MOST_PROBES + 1];
  u16 folds[MOST_PROBES + 1];
  u16 needs[MOST_PROBES + 1];
  u8 text[MOST_PROBE_TEXT];
};
static struct scout scouts[MOST_SCOUTS];
static u32 needs[MOST_NEEDS / 32];
static int overlong;

static u8 nesting[CHUNK_SIZE];
static int ambiguous;
static int escaped;

EXPORT("input") u8 *input_at(void) { return input; }
EXPORT("chunkSize") int chunk_size(void) { return CHUNK_SIZE; }
EXPORT("lineSize") int line_size(void) { return LINE_SIZE; }
EXPORT("found") u16 *found_at(void) { return found; }
EXPORT("foundCount") int found_so_far(void) { return found_count; }
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
EXPORT("mostScouts") int most_scouts(void) { return MOST_SCOUTS; }
EXPORT("mostProbes") int most_probes(void) { return MOST_PROBES; }
EXPORT("mostProbeText") int most_probe_text(void) { return MOST_PROBE_TEXT; }
EXPORT("mostNeeds") int most_needs(void) { return MOST_NEEDS; }
EXPORT("jumpsOf") u8 *jumps_of(int scout) { return scouts[scout].jumps; }
EXPORT("headsOf") u16 *heads_of(int scout) { return scouts[scout].heads; }
EXPORT("probesOf") u16 *probes_of(int scout) { return scouts[scout].nexts; }
EXPORT("probeTextOf") u8 *probe_text_of(int scout) { return scouts[scout].text; }
EXPORT("needs") u32 *needs_at(void) { return needs; }
EXPORT("overlong") int overlong_lines(void) { return overlong; }
EXPORT("isAmbiguous") int is_ambiguous(void) { return ambiguous; }

static int find(const u8 *key, int length) {
  u8 hash = (u8)(length * 37 + key[0] * 5 + key[length - 1] * 11);
  for (int name = heads[hash]; name != 0; name = nexts[name]) {
    if (lengths[name] != length) continue;
    const u8 *wanted = text + texts[name];
    int i = 0;
    while (i < length && wanted[i] == key[i]) i++;
    if (i == length) return slots[name];
  }
  return -1;
}

static inline void set(int slot, int kind, int start, int end) {
  if (kinds[slot] == MISSING) found[found_count++] = (u16)slot;
  kinds[slot] = (u8)kind;
  starts[slot] = start;
  ends[slot] = end;
}

static void forget(void) {
  while (found_count > 0) kinds[found[--found_count]] = MISSING;
  ambiguous = 0;
}

static inline int skip_space(int at, int end) {
  while (at < end && (input[at] == ' ' || input[at] == '\t' || input[at] == '\r' || input[at] == '\n')) at++;
  return at;
}

static inline int is_hex(u8 c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

// Offset of the quote that ends the string begun before `at`, or -1. Sets `escaped`.
static inline int string_end(int at, int end) {
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

static int scalar_end(int at, int end) {
  switch (input[at]) {
    case 't': return word_end(at, end, "true", 4);
    case 'f': return word_end(at, end, "false", 5);
    case 'n': return word_end(at, end, "null", 4);
    default: return number_end(at, end);
  }
}

// Passes over `"key" :`; offset of the value, or -1.
static int key_end(int at, int end) {
  if (at >= end || input[at] != '"') return -1;
  int close = string_end(at + 1, end);
  if (close == -1) return -1;
  int colon = skip_space(close + 1, end);
  return colon < end && input[colon] == ':' ? skip_space(colon + 1, end) : -1;
}

static int nested_end(int at, int end) {
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
        if (is_object) at = key_end(at, end);
        if (at == -1) return -1;
        continue;
      }
      depth--;
      at++;
    } else if (byte == '"') {
      at = string_end(at + 1, end);
      if (at == -1) return -1;
      at++;
    } else {
      at = scalar_end(at, end);
      if (at == -1) return -1;
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
        if (is_object) at = key_end(at, end);
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

// Reads the object in [at, end). Offset of its closing brace, REFUSED where it is no JSON object alone,
// or GIVE_UP where a key is escaped. 
EXPORT("readJson") int read_json(int at, int end) {
  forget();
  at = skip_space(at, end);
  if (at >= end || input[at] != '{') return REFUSED;
  at = skip_space(at + 1, end);
  if (at < end && input[at] == '}') return skip_space(at + 1, end) == end ? at : REFUSED;
  for (;;) {
    // key
    if (at >= end || input[at] != '"') return REFUSED;
    int key = at + 1;
    int close = string_end(key, end);
    if (close == -1) return REFUSED;
    if (escaped) return GIVE_UP;
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
      at = string_end(at + 1, end);
      kind = escaped ? JSON_ESCAPED : QUOTED;
      if (at != -1) at++;
    } else if (first == '{' || first == '[') {
      at = nested_end(at, end);
      kind = NESTED;
    } else {
      at = scalar_end(at, end);
      kind = first == 't' ? TRUE_ : first == 'f' ? FALSE_ : first == 'n' ? NULL_ : NUMBER;
    }
    if (at == -1) return REFUSED;
    if (slot != -1) {
      if (kinds[slot] != MISSING) ambiguous = 1;
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

// Reads the pairs in [at, end). Zero, or why it is none; GIVE_UP where a key has bytes beyond ASCII.
// 
EXPORT("readLogfmt") int read_logfmt(int at, int end) {
  forget();
  int last_quoted = -1;
  int seen_quoted = 0;
  while (at < end) {
    if (input[at] <= ' ') {
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
      ambiguous = 1;
      if (last_quoted != -1) set(last_quoted, LOGFMT_ESCAPED, starts[last_quoted], close);
      at = close + 1;
      continue;
    }
    if (at == key) return NO_KEY;
    if (wide) return GIVE_UP;
    int slot = find(input + key, at - key);
    int again = slot != -1 && kinds[slot] != MISSING;
    if (again) ambiguous = 1;
    if (at == end || input[at] != '=') {
      if (slot != -1 && !again) set(slot, FLAG, key, at);
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
      at++;
    } else {
      int value = at;
      at = value_stop(at, end);
      if (slot != -1 && !again) set(slot, UNQUOTED, value, at);
    }
  }
  return 0;
}

static inline u8 lower(u8 c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }

static int is_at(const struct scout *scout, int probe, int at, int from, int end) {
  int start = at - scout->behind[probe];
  int length = scout->lengths[probe];
  if (start < from || start + length > end) return 0;
  const u8 *wanted = scout->text + scout->texts[probe];
  const u8 *there = input + start;
  if (scout->folds[probe]) {
    for (int i = 0; i < length; i++) if (lower(there[i]) != lower(wanted[i])) return 0;
  } else {
    for (int i = 0; i < length; i++) if (there[i] != wanted[i]) return 0;
  }
  return 1;
}

static inline u32 pair_at(int at) { return ((u32)input[at - 1] << 8) | input[at]; }
static inline u32 triple_at(int at) {
  return (((u32)(input[at - 2] & 0xdf) << 10) ^ ((u32)(input[at - 1] & 0xdf) << 5) ^ (input[at] & 0xdf)) & 0x7fff;
}

// Offset of the first byte at or after `at` that may end a window; `end` or more where there is none.
static inline int stop(const u8 *jumps, int block, int at, int end) {
  if (block == 2) {
    while (at < end) {
      u8 jump = jumps[pair_at(at)];
      if (jump == 0) return at;
      at += jump;
    }
  } else {
    while (at < end) {
      u8 jump = jumps[triple_at(at)];
      if (jump == 0) return at;
      at += jump;
    }
  }
  return end;
}

// See scout.ts. `at` is where the first window may end.
EXPORT("scoutNext") int scout_next(int which, int block, int from, int at, int end) {
  const struct scout *scout = &scouts[which];
  for (at = stop(scout->jumps, block, at, end); at < end; at = stop(scout->jumps, block, at + 1, end)) {
    for (int probe = scout->heads[block == 2 ? pair_at(at) : triple_at(at)]; probe != 0; probe = scout->nexts[probe]) {
      if (is_at(scout, probe, at, from, end)) return at;
    }
  }
  return end;
}

// Sets the bits of `needs`, in addition to those that are set.
EXPORT("scoutCollect") void scout_collect(int which, int block, int from, int at, int end) {
  const struct scout *scout = &scouts[which];
  for (at = stop(scout->jumps, block, at, end); at < end; at = stop(scout->jumps, block, at + 1, end)) {
    for (int probe = scout->heads[block == 2 ? pair_at(at) : triple_at(at)]; probe != 0; probe = scout->nexts[probe]) {
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

// Offset behind the last newline before `at`, or `from`.
EXPORT("lineStart") int line_start(int from, int at) {
  while (at - from >= 16) {
    u32 mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(input + at - 16), wasm_i8x16_splat('\n')));
    if (mask != 0) return at - __builtin_clz(mask << 16);
    at -= 16;
  }
  while (at > from && input[at - 1] != '\n') at--;
  return at;
}

// How many lines there are in [at, end), of which both are the beginnings of one; `overlong` tells how many are longer than `most`.
EXPORT("countLines") int count_lines(int at, int end, int most) {
  int lines = 0;
  int last = at - 1;
  overlong = 0;
  while (at < end) {
    u32 mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(input + at), wasm_i8x16_splat('\n')));
    if (end - at < 16) mask &= (1u << (end - at)) - 1;
    if (mask != 0) {
      lines += __builtin_popcount(mask);
      int first = at + __builtin_ctz(mask);
      if (first - last - 1 > most) overlong++;
      if (most < 16) {
        // Only then can a line be too long between two newlines of one load.
        for (u32 rest = mask & (mask - 1); rest != 0; rest &= rest - 1) {
          int next = at + __builtin_ctz(rest);
          if (next - first - 1 > most) overlong++;
          first = next;
        }
      }
      last = at + 31 - __builtin_clz(mask);
    }
    at += 16;
  }
  return lines;
}
