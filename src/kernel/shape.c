// How a line is read that looks like an earlier one. A part of `kernel.c`. What is logged from one place of a program has one
// shape: the same keys in the same order, with the same text between the values, and many values that never change. What all
// lines of a shape have in common is compared at once; only the ends of the other values are left to find. What reads as an
// earlier line did, has been read as `json.c` and `logfmt.c` would.

#define MOST_SHAPES 4

// A value of the first line of a shape.
struct part {
  u16 start; // in that line
  u16 end;
  u8 manner;
  u8 kind;
  short slot;
};
struct shape {
  u32 serial; // zero: none; another one when a value changes that never did
  int length;
  int parts_count;
  u64 varying; // a bit for each part whose value is not the same in all lines
  u64 asked; // of these, those that rules ask for
  int holds_pair; // whether what they have in common may hold what is asked for anywhere in a line
  int judged_count;
  short judged[MOST_NOTED]; // the slots of these
  u16 outlined; // the first of the groups whose last line is kept by this shape, but for the values that vary
  struct part parts[MOST_NOTED];
  u8 line[LONGEST_PLAIN + 16]; // the first one
};
static struct shape shapes[MOST_SHAPES];
static u8 shape_order[MOST_SHAPES]; // the one that fitted last comes first
static u32 shape_serial;

static void write_outlined(struct shape *shape);

// Which slots decide by what stands in them what becomes of a line.
static u8 is_judged[MOST_SLOTS];

EXPORT("foldJudged") u8 *fold_judged(void) { return is_judged; }

// The slots in them are those of the names that are looked for: with other names they mean something else.
EXPORT("forgetShapes") void forget_shapes(void) {
  unread();
  for (int i = 0; i < MOST_SHAPES; i++) {
    write_outlined(&shapes[i]);
    shapes[i].serial = 0;
    shape_order[i] = (u8)i;
  }
}

static int has_shapes(void) { return shapes[shape_order[0]].serial != 0; }

// Offset behind the number at `at`; -1 where there is none.
static inline int over_number(int at, int end) {
  v128_t digits = wasm_i8x16_sub(wasm_v128_load(input + at), wasm_i8x16_splat('0'));
  int length = __builtin_ctz(wasm_i8x16_bitmask(wasm_u8x16_gt(digits, wasm_i8x16_splat(9))) | 0x10000);
  u8 next = input[at + length];
  if (length == 0 || length == 16 || (length > 1 && input[at] == '0') || next == '.' || (next | 32) == 'e') return number_end(at, end);
  return at + length;
}

// How many bytes are the same, of as many. Up to fifteen more are looked at.
static inline int same_length(const u8 *a, const u8 *b, int length) {
  for (int i = 0; i < length; i += 16) {
    u32 other = wasm_i8x16_bitmask(wasm_i8x16_ne(wasm_v128_load(a + i), wasm_v128_load(b + i)));
    if (other == 0) continue;
    int same = i + __builtin_ctz(other);
    return same < length ? same : length;
  }
  return length;
}

// The part, from `from` on, of which a line has another value that differs from the first line at this place of that one: with
// another letter there, or another end. -1: none, it is the line's shape that differs.
static int part_at(const struct shape *shape, int from, int place) {
  for (int i = from; i < shape->parts_count && shape->parts[i].start <= place; i++)
    if (place <= shape->parts[i].end) return shape->parts[i].manner == AS_IT_IS ? -1 : i;
  return -1;
}

APART void vary(struct shape *shape, u64 varying);

// Where each varying value of the line lies that was read last by a shape.
static int begins[MOST_NOTED];
static int closes[MOST_NOTED];

// Offset of the end of the value that begins at `at`; -1 where there is none.
static inline int value_end(int manner, int at, int end) {
  switch (manner) {
    case TO_QUOTE: return next_quote(at);
    case TO_SPACE: return input[at] == '"' ? -1 : value_stop(at, end); // a quoted one would end at the next quote
    default: return over_number(at, end);
  }
}

// Reads the plain line in [at, end), which was scanned, if it has this shape, but for the values that all lines have: for these
// see `read_common`.
static int read_as(struct shape *shape, int at, int end) {
  u64 varying = shape->varying;
  u64 left = varying;
  int from = 0; // in the first line
  int after = 0; // the first part behind that
  for (;;) {
    int next = left == 0 ? -1 : __builtin_ctzll(left);
    int to = next == -1 ? shape->length : shape->parts[next].start;
    int same = same_length(shape->line + from, input + at, to - from);
    if (same < to - from || (next == -1 && at + same != end)) {
      next = part_at(shape, after, from + same);
      if (next == -1) return 0;
      varying |= (u64)1 << next;
      to = shape->parts[next].start;
    } else if (next == -1) {
      break;
    }
    const struct part *part = &shape->parts[next];
    int start = at + (to - from);
    at = value_end(part->manner, start, end);
    if (at == -1 || at > end) return 0;
    begins[next] = start;
    closes[next] = at;
    if (part->slot != -1) {
      starts[part->slot] = start;
      ends[part->slot] = at;
    }
    from = part->end;
    after = next + 1;
    left = after == MOST_NOTED ? 0 : varying & ~(u64)0 << after;
  }
  if (varying != shape->varying) vary(shape, varying);
  if (shape_read != shape->serial) {
    forget();
    for (int i = 0; i < shape->parts_count; i++) {
      const struct part *part = &shape->parts[i];
      if (part->slot == -1) continue;
      kinds[part->slot] = part->kind;
      found[reading.found++] = (u16)part->slot;
    }
    shape_read = shape->serial;
  }
  return 1;
}

// Says where in the line at `at`, just read by this shape, the values lie that all lines have.
static void read_common(const struct shape *shape, int at) {
  for (int i = 0; i < shape->parts_count; i++) {
    const struct part *part = &shape->parts[i];
    if (shape->varying >> i & 1) {
      at = closes[i] - part->end;
    } else if (part->slot != -1) {
      starts[part->slot] = at + part->start;
      ends[part->slot] = at + part->end;
    }
  }
}

// Reads the plain line in [at, end), which was scanned, if it has a shape that is known; gives that, or zero.
static const struct shape *read_by_shape(int at, int end) {
  for (int i = 0; i < MOST_SHAPES; i++) {
    int which = shape_order[i];
    struct shape *shape = &shapes[which];
    if (shape->serial == 0) return 0;
    if (!read_as(shape, at, end)) continue;
    for (; i > 0; i--) shape_order[i] = shape_order[i - 1];
    shape_order[0] = (u8)which;
    return shape;
  }
  return 0;
}

// From now on these values vary: the shape becomes another one.
APART void vary(struct shape *shape, u64 varying) {
  write_outlined(shape);
  shape->varying = varying;
  shape->serial = ++shape_serial;
  shape->asked = 0;
  shape->judged_count = 0;
  shape->holds_pair = 0;
  int from = 0;
  for (int i = 0; i <= shape->parts_count; i++) {
    if (i < shape->parts_count && !(varying >> i & 1)) continue;
    const struct part *part = &shape->parts[i];
    int to = i < shape->parts_count ? part->start : shape->length;
    shape->holds_pair |= pair_lies_in(shape->line, from, to);
    if (i == shape->parts_count) break;
    from = part->end;
    if (part->slot == -1 || !is_judged[part->slot]) continue;
    shape->asked |= (u64)1 << i;
    shape->judged[shape->judged_count++] = part->slot;
  }
}

static int is_time(int slot) {
  for (int i = 1; i <= lists[time_list]; i++) if (lists[time_list + i] == slot) return 1;
  return 0;
}

// Keeps the shape of the plain line in [at, end) that was read last, in place of the one that fitted longest ago. Zero where
// there is no room for it, or the line holds an object that somebody asks for.
static const struct shape *keep_shape(int at, int end) {
  if (noted_count > MOST_NOTED) return 0;
  int which = shape_order[MOST_SHAPES - 1];
  struct shape *shape = &shapes[which];
  write_outlined(shape);
  shape->length = end - at;
  shape->parts_count = noted_count;
  u64 varying = 0;
  for (int i = 0; i < noted_count; i++) {
    const struct value *value = &noted[i];
    shape->parts[i] = (struct part){
      (u16)(value->start - at), (u16)(value->end - at), (u8)value->manner, (u8)value->kind, (short)value->slot,
    };
    // Each line has its own.
    if (value->slot != -1 && value->manner != AS_IT_IS && is_time(value->slot)) varying |= (u64)1 << i;
  }
  for (int i = 0; i < shape->length; i++) shape->line[i] = input[at + i];
  vary(shape, varying);
  shape_read = shape->serial;
  for (int i = MOST_SHAPES - 1; i > 0; i--) shape_order[i] = shape_order[i - 1];
  shape_order[0] = (u8)which;
  return shape;
}
