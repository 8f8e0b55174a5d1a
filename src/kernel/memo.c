// What is known of the line that a group had last: so the next one like it needs no look. A part of `kernel.c`.

// Of the values that rules ask for, in a line of this shape and source. Only says where to look.
static u32 hash_memo(const struct shape *shape, int source) {
  u64 hash = (u64)(u32)source << 32 ^ shape->serial;
  for (int i = 0; i < shape->judged_count; i++) {
    int start = starts[shape->judged[i]];
    int length = ends[shape->judged[i]] - start;
    u64 word = *(const unaligned_u64 *)(input + start);
    if (length < 8) word &= ((u64)1 << length * 8) - 1;
    else word ^= *(const unaligned_u64 *)(input + start + length - 8) << 1;
    hash = (hash ^ word ^ (u64)length << 56) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return (u32)hash;
}

// Whether a text may stand in [at, end), just read by this shape, that somebody asks for anywhere in a line.
static int may_hold_wide(const struct shape *shape, int at, int end) {
  if (!has_pairs) return 1;
  if (shape->holds_pair) return pair_begins_in(at, end);
  for (u64 left = shape->varying; left != 0; left &= left - 1) {
    int i = __builtin_ctzll(left);
    if (pair_begins_in(begins[i] - 1, closes[i])) return 1;
  }
  return 0;
}

static int holds_wide(const struct run *run, const struct shape *shape, int at, int end) {
  return run->wide.which != -1 && may_hold_wide(shape, at, end) && search(&run->wide, at, end) < end;
}

// Whether the last line that was judged and went into a group had this shape, and the same in it of all that rules ask for.
static int recalls(const struct group *it, const struct run *run, const struct shape *shape, u32 hash) {
  if (it->memo_shape != shape->serial || it->memo_hash != hash || it->source != run->source) return 0;
  const u8 *value = it->values;
  for (int i = 0; i < shape->judged_count; i++) {
    int start = starts[shape->judged[i]];
    int length = ends[shape->judged[i]] - start;
    if (value[0] != length || !same_text(value + 1, input + start, length)) return 0;
    value += 1 + length;
  }
  return 1;
}

// The group into which such a line went: so the line in [at, newline) goes there too. Zero where none is known. `hash`: of its memo.
static int recall(const struct run *run, const struct shape *shape, u32 hash, int at, int newline) {
  const u16 *bucket = memo_buckets[hash % MEMO_BUCKETS];
  for (int i = 0; i < 2; i++)
    if (recalls(&groups[bucket[i]], run, shape, hash)) return holds_wide(run, shape, at, newline) ? 0 : bucket[i];
  return 0;
}

// Writes the value that begins at `start` behind `at` others' bytes. How many there are then; -1 where there is no room for it.
static inline int add_value(struct group *it, int at, int start, int end) {
  int length = end - start;
  if (at == -1 || at + 1 + length > LONGEST_VALUES) return -1;
  it->values[at] = (u8)length;
  for (int i = 0; i < length; i += 16) wasm_v128_store(it->values + at + 1 + i, wasm_v128_load(input + start + i));
  return at + 1 + length;
}

static void leave_outline(int group) {
  struct group *it = &groups[group];
  if (it->outline == 0) return;
  if (it->before != 0) groups[it->before].after = it->after;
  else shapes[it->outline - 1].outlined = it->after;
  if (it->after != 0) groups[it->after].before = it->before;
  it->outline = 0;
}

// Keeps for `recall` that the last line, of this shape and level, goes into a group, which is new, or for which `keep_last` is to follow.
static void remember(int group, const struct shape *shape, int level) {
  struct group *it = &groups[group];
  it->memo_shape = 0;
  int length = 0;
  for (int i = 0; i < shape->judged_count; i++) length = add_value(it, length, starts[shape->judged[i]], ends[shape->judged[i]]);
  if (length == -1) return;
  it->memo_shape = shape->serial;
  it->memo_hash = hash_memo(shape, it->source);
  it->memo_length = (u8)length;
  it->memo_level = (u8)level;
  u16 *bucket = memo_buckets[it->memo_hash % MEMO_BUCKETS];
  if (bucket[0] == group) return;
  bucket[1] = bucket[0];
  bucket[0] = (u16)group;
}

static void enter_outline(int group, const struct shape *shape) {
  struct group *it = &groups[group];
  int which = (int)(shape - shapes);
  if (it->outline == which + 1) return;
  leave_outline(group);
  u16 *first = &shapes[which].outlined;
  it->outline = (u8)(which + 1);
  it->before = 0;
  it->after = *first;
  if (*first != 0) groups[*first].before = (u16)group;
  *first = (u16)group;
}

// Writes the last line of a group into `kept`, where only its own values were kept.
static void write_last(int group) {
  struct group *it = &groups[group];
  if (it->outline == 0) return;
  const struct shape *shape = &shapes[it->outline - 1];
  const u8 *judged = it->values;
  const u8 *others = it->values + it->memo_length;
  u8 *to = kept[group];
  int from = 0;
  for (int i = 0; i < shape->parts_count; i++) {
    if (!(shape->varying >> i & 1)) continue;
    while (from < shape->parts[i].start) *to++ = shape->line[from++];
    const u8 **value = shape->asked >> i & 1 ? &judged : &others;
    int length = *(*value)++;
    while (length-- > 0) *to++ = *(*value)++;
    from = shape->parts[i].end;
  }
  while (from < shape->length) *to++ = shape->line[from++];
  *to = '\n';
  leave_outline(group);
}

static void write_outlined(struct shape *shape) {
  while (shape->outlined != 0) write_last(shape->outlined);
}

// Has a group know its last line: the one in [at, newline), read by this shape; zero: by none.
static void keep_last(int group, const struct shape *shape, int at, int newline) {
  struct group *it = &groups[group];
  it->length = (u16)(newline + 1 - at);
  if (shape != 0 && it->memo_shape == shape->serial) {
    int length = it->memo_length;
    for (u64 left = shape->varying & ~shape->asked; left != 0; left &= left - 1) {
      int i = __builtin_ctzll(left);
      length = add_value(it, length, begins[i], closes[i]);
    }
    if (length != -1) {
      enter_outline(group, shape);
      return;
    }
  }
  leave_outline(group);
  for (int i = 0; i < it->length; i += 16) wasm_v128_store(kept[group] + i, wasm_v128_load(input + at + i));
}

// The last line of a group lies in `kept` then.
EXPORT("foldLast") void fold_last(int group) { write_last(group); }

// Folds a line of `length` bytes into a group, unless that is not for it. Then `keep_last` is to follow.
static int fold_into(const struct run *run, int group, int length, int level, double time) {
  struct group *it = &groups[group];
  struct rule *rule = &rules[it->rule];
  if (level > it->level || length > it->room) return 0;
  if (it->domain == run->domain && !(it->first - time < rule->window)) return 0;
  it->folded++;
  it->last = time;
  it->stream = run->stream;
  rule->folded++;
  return 1;
}
