// How a line is read that looks like an earlier one. A part of `kernel.c`. What is logged from one place of a program has one
// shape: the same keys in the same order, with the same text between the values. Where that text is compared, and stands
// there, only the ends of the values are left to find. What reads as an earlier line did, has been read as `json.c` and `logfmt.c` would.

#define MOST_SHAPES 4
#define MOST_JUDGED 24

struct part {
  u16 length; // of the text before the value
  u16 fixed;  // of a value that is always the same
  u8 manner;
  u8 kind;
  short slot;
};
struct shape {
  u32 serial; // zero: none
  int parts_count;
  int tail; // length of the text behind the last value
  int judged_count;
  short judged[MOST_JUDGED]; // slots that rules ask for
  struct part parts[MOST_NOTED];
  u8 text[LONGEST_PLAIN + 16]; // all that stands between the values
};
static struct shape shapes[MOST_SHAPES];
static u8 shape_order[MOST_SHAPES]; // the one that fitted last comes first
static u32 shape_serial;

// Which slots decide by what stands in them what becomes of a line.
static u8 is_judged[MOST_SLOTS];

EXPORT("foldJudged") u8 *fold_judged(void) { return is_judged; }

// The slots in them are those of the names that are looked for: with other names they mean something else.
EXPORT("forgetShapes") void forget_shapes(void) {
  for (int i = 0; i < MOST_SHAPES; i++) {
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

// Reads the plain line in [at, end), which was scanned, if it has this shape.
static int read_as(const struct shape *shape, int at, int end) {
  const u8 *text = shape->text;
  for (int i = 0; i < shape->parts_count; i++) {
    const struct part *part = &shape->parts[i];
    if (!same_text(text, input + at, part->length)) return 0;
    text += part->length;
    at += part->length;
    int start = at;
    int close = at;
    switch (part->manner) {
      case TO_QUOTE: close = at = next_quote(at); break;
      case TO_SPACE:
        if (input[at] == '"') return 0; // it would end at the next one
        close = at = value_stop(at, end);
        break;
      case OVER_NUMBER: close = at = over_number(at, end); break;
      case AS_IT_IS: close = at + part->fixed; break; // it is a part of the text behind it
    }
    if (at == -1 || at > end) return 0;
    if (part->slot == -1) continue;
    starts[part->slot] = start;
    ends[part->slot] = close;
  }
  if (end - at != shape->tail || !same_text(text, input + at, shape->tail)) return 0;

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

// Reads the plain line in [at, end), which was scanned, if it has a shape that is known; gives that, or zero.
static const struct shape *read_by_shape(int at, int end) {
  for (int i = 0; i < MOST_SHAPES; i++) {
    int which = shape_order[i];
    const struct shape *shape = &shapes[which];
    if (shape->serial == 0) return 0;
    if (!read_as(shape, at, end)) continue;
    for (; i > 0; i--) shape_order[i] = shape_order[i - 1];
    shape_order[0] = (u8)which;
    return shape;
  }
  return 0;
}

// Keeps the shape of the plain line in [at, end) that was read last, in place of the one that fitted longest ago. Zero where
// there is no room for it, or the line holds an object that somebody asks for.
static const struct shape *keep_shape(int at, int end) {
  if (noted_count > MOST_NOTED) return 0;
  int which = shape_order[MOST_SHAPES - 1];
  struct shape *shape = &shapes[which];
  shape->serial = 0;
  shape->parts_count = noted_count;
  shape->judged_count = 0;
  u8 *text = shape->text;
  for (int i = 0; i < noted_count; i++) {
    const struct value *value = &noted[i];
    struct part *part = &shape->parts[i];
    part->length = (u16)(value->start - at);
    part->fixed = (u16)(value->end - value->start);
    part->manner = (u8)value->manner;
    part->kind = (u8)value->kind;
    part->slot = (short)value->slot;
    for (int j = 0; j < part->length; j++) *text++ = input[at + j];
    at = value->manner == AS_IT_IS ? value->start : value->end;
    if (value->slot == -1 || !is_judged[value->slot]) continue;
    if (shape->judged_count == MOST_JUDGED) return 0;
    shape->judged[shape->judged_count++] = (short)value->slot;
  }
  shape->tail = end - at;
  for (int j = 0; j < shape->tail; j++) *text++ = input[at + j];
  shape->serial = ++shape_serial;
  shape_read = shape->serial;
  for (int i = MOST_SHAPES - 1; i > 0; i--) shape_order[i] = shape_order[i - 1];
  shape_order[0] = (u8)which;
  return shape;
}
