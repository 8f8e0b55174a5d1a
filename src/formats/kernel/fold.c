// The open groups that repeats are folded into: `fold-runs.ts`. A part of `kernel.c`.

#define MOST_GROUPS 8192
#define LONGEST_KEY 256
#define LONGEST_KEPT LONGEST_PLAIN
#define GROUP_HEADS (2 * MOST_GROUPS)
#define LONGEST_MEMO 192
#define MEMO_BUCKETS MOST_GROUPS

// What is looked at for each repeat lies together.
struct __attribute__((aligned(64))) group {
  double first;
  double last; // of the last line that was folded here
  int rule;
  int source;
  int stream; // which its last line would have left by
  int folded; // since it was last asked for
  u32 hash;
  // Of the last line that was judged, and went here: its shape (zero: nothing is known), a hash of its memo, its level.
  u32 memo_shape;
  u32 memo_hash;
  u8 memo_level;
  u8 level;
  u16 room; // for its last line
  u16 length; // of its last line
  u16 key_length;
  u16 next;
  // The values by which that line was judged, each with the byte behind it.
  u8 memo[LONGEST_MEMO] __attribute__((aligned(64)));
};
static struct group groups[MOST_GROUPS + 2]; // zero is none; behind the last one, room for the last load of sixteen
static u16 group_heads[GROUP_HEADS];
static int free_groups;
static int used_groups;
static u8 keys[MOST_GROUPS + 1][LONGEST_KEY];
static u8 kept[MOST_GROUPS + 1][LONGEST_KEPT];
static u16 memo_buckets[MEMO_BUCKETS][2]; // by hash: the groups that knew of one last
static u8 key[LONGEST_KEY + 32];

EXPORT("foldGroups") struct group *fold_groups(void) { return groups; }
EXPORT("foldKey") u8 *fold_key(void) { return key; }
EXPORT("foldKept") u8 *fold_kept(void) { return &kept[0][0]; }
EXPORT("foldMost") int fold_most(int what) {
  const int most[] = { MOST_CODE, MOST_LISTS, MOST_NUMBERS, MOST_WORDS, MOST_RULES, MOST_GROUPS, LONGEST_KEY, LONGEST_KEPT, sizeof(struct group) };
  return most[what];
}

// Forgets all groups and level names: other rules come.
EXPORT("foldReset") void fold_reset(int events, int needs_of_all, int levels, int times, int annotations, int nested) {
  first_event = events;
  need_count = needs_of_all;
  level_list = levels;
  time_list = times;
  annotation_list = annotations;
  nested_list = nested;
  level_count = 0;
  free_groups = 0;
  used_groups = 0;
  for (int i = 0; i < GROUP_HEADS; i++) group_heads[i] = 0;
  forget_shapes();
}

// Adds a name, whose letters are at the beginning of `key`.
EXPORT("foldLevel") void fold_level(int length, int level) {
  if (level_count == MOST_NAMES || length > LONGEST_NAME) return;
  for (int i = 0; i < length; i++) level_names[level_count][i] = key[i];
  level_lengths[level_count] = length;
  level_values[level_count++] = level;
}

// Only says where to look: equal keys are compared byte by byte.
static u32 hash_key(int rule, int source, int length) {
  u64 hash = (u64)rule << 32 ^ (u32)source ^ (u64)length << 52;
  for (int i = 0; i < length; i += 8) {
    u64 word = *(const unaligned_u64 *)(key + i);
    if (length - i < 8) word &= ((u64)1 << (length - i) * 8) - 1;
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return (u32)hash;
}

// The open group of the key that is in `key`; zero where there is none.
static int find_group(int rule, int source, int length) {
  u32 hash = hash_key(rule, source, length);
  for (int group = group_heads[hash % GROUP_HEADS]; group != 0; group = groups[group].next) {
    const struct group *it = &groups[group];
    if (it->hash == hash && it->rule == rule && it->source == source && it->key_length == length && same_text(keys[group], key, length))
      return group;
  }
  return 0;
}

static void remember_judged(int group, int rule);

// Adds a group with the key that is in `key`. A length of -1: it is there since this rule was found to judge the last line; -1
// where it was not. Zero where there is no room.
EXPORT("foldOpen") int fold_open(int rule, int source, int level, int room, int length, double first) {
  if (length == -1) {
    if (judged.at == -1 || judged.rule != rule || judged.key_length == -1) return -1;
    length = judged.key_length;
  }
  int group = free_groups;
  if (group != 0) free_groups = groups[group].next;
  else if (used_groups < MOST_GROUPS) group = ++used_groups;
  else return 0;
  struct group *it = &groups[group];
  it->first = first;
  it->last = 0;
  it->rule = rule;
  it->source = source;
  it->level = (u8)level;
  it->room = (u16)(room < LONGEST_KEPT ? room : LONGEST_KEPT);
  it->folded = 0;
  it->length = 0;
  it->memo_shape = 0;
  it->key_length = (u16)length;
  for (int i = 0; i < length; i++) keys[group][i] = key[i];
  it->hash = hash_key(rule, source, length);
  it->next = group_heads[it->hash % GROUP_HEADS];
  group_heads[it->hash % GROUP_HEADS] = (u16)group;
  remember_judged(group, rule);
  return group;
}

EXPORT("foldClose") void fold_close(int group) {
  groups[group].memo_shape = 0;
  u16 *at = &group_heads[groups[group].hash % GROUP_HEADS];
  while (*at != group) at = &groups[*at].next;
  *at = groups[group].next;
  groups[group].next = (u16)free_groups;
  free_groups = group;
}

// Writes one field of a key at `at`. Offset behind it, or -1 where this cannot tell.
static int add_part(int list, int at) {
  int slot = find_slot(list);
  if (slot == -1 || !(is_text(kinds[slot]) || kinds[slot] == NUMBER)) return -1;
  int start = starts[slot];
  int length = ends[slot] - start;
  if (at + 4 + length > LONGEST_KEY) return -1;
  key[at] = (u8)length;
  key[at + 1] = (u8)(length >> 8);
  key[at + 2] = key[at + 3] = 0;
  // There is room behind both for what is copied too much.
  for (int i = 0; i < length; i += 16) wasm_v128_store(key + at + 4 + i, wasm_v128_load(input + start + i));
  return at + 4 + length;
}

// Length of the key of a line, which is then in `key`; -1 where this cannot tell.
static int make_key(int parts) {
  int at = 0;
  for (; lists[parts] != -1; parts++) {
    at = add_part(lists[parts], at);
    if (at == -1) return -1;
  }
  return at;
}

// Of the values that rules ask for, in a line of this shape. Only says where to look.
static u32 hash_memo(const struct shape *shape) {
  u64 hash = shape->serial;
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

// Whether a line of this shape went into a group that had the same in it of all that rules ask for, and no other line since.
static int recalls(const struct group *it, const struct run *run, const struct shape *shape, u32 hash) {
  if (it->memo_shape != shape->serial || it->memo_hash != hash || it->source != run->source) return 0;
  const u8 *memo = it->memo;
  for (int i = 0; i < shape->judged_count; i++) {
    int start = starts[shape->judged[i]];
    // With what comes behind it: so it ends at the same place.
    int length = ends[shape->judged[i]] + 1 - start;
    if (!same_text(memo, input + start, length)) return 0;
    memo += length;
  }
  return 1;
}

// The group into which such a line went: so the line in [at, newline) goes there too. Zero where none is known. `hash`: of its memo.
static int recall(const struct run *run, const struct shape *shape, u32 hash, int at, int newline) {
  const u16 *bucket = memo_buckets[hash % MEMO_BUCKETS];
  int group = recalls(&groups[bucket[0]], run, shape, hash) ? bucket[0] : bucket[1];
  if (group != bucket[0] && !recalls(&groups[group], run, shape, hash)) return 0;
  return holds_wide(run, shape, at, newline) ? 0 : group;
}

// Keeps for `recall` that the last line, of this shape and level, went into a group.
static void remember(int group, const struct shape *shape, int level) {
  struct group *it = &groups[group];
  it->memo_shape = 0;
  u8 *memo = it->memo;
  int room = LONGEST_MEMO;
  for (int i = 0; i < shape->judged_count; i++) {
    int start = starts[shape->judged[i]];
    int length = ends[shape->judged[i]] + 1 - start;
    room -= length;
    if (room < 0) return;
    for (int j = 0; j < length; j++) *memo++ = input[start + j];
  }
  it->memo_shape = shape->serial;
  it->memo_hash = hash_memo(shape);
  it->memo_level = (u8)level;
  u16 *bucket = memo_buckets[it->memo_hash % MEMO_BUCKETS];
  if (bucket[0] == group) return;
  bucket[1] = bucket[0];
  bucket[0] = (u16)group;
}

// Folds the line in [at, newline) into a group, unless that is not for it.
static int fold_into(const struct run *run, int group, int at, int newline, int level, double time) {
  struct group *it = &groups[group];
  struct rule *rule = &rules[it->rule];
  int length = newline + 1 - at;
  if (level > it->level || length > it->room || !(it->first - time < rule->window)) return 0;
  it->folded++;
  it->last = time;
  it->stream = run->stream;
  it->length = (u16)length;
  rule->folded++;
  u8 *to = kept[group];
  for (int i = 0; i < length; i += 16) wasm_v128_store(to + i, wasm_v128_load(input + at + i));
  return 1;
}
