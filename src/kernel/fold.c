// The open groups that repeats are folded into: `fold-runs.ts`. A part of `kernel.c`.

#define MOST_GROUPS 8192
#define LONGEST_KEY 256
#define LONGEST_KEPT LONGEST_PLAIN
#define GROUP_HEADS (2 * MOST_GROUPS)
#define LONGEST_VALUES 176
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
  // Of the last line that was judged, and went here: its shape (zero: nothing is known), a hash of the values by which it was
  // judged, how much room they take, its level.
  u32 memo_shape;
  u32 memo_hash;
  u8 memo_length;
  u8 memo_level;
  u8 level;
  u8 outline; // by which shape, counted from one, its last line is kept, but for its own values; zero: it lies whole in `kept`
  u16 room; // for its last line
  u16 length; // of its last line
  u16 key_length;
  u16 next;
  u16 before; // of those of one outline
  u16 after;
  int domain; // how `first` is written
  // First the values by which a line is judged, then the others that vary, each behind its length.
  u8 values[LONGEST_VALUES + 16] __attribute__((aligned(64)));
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
EXPORT("foldReset") void fold_reset(int events, int needs_of_all, int levels, int spoken, int times, int annotations, int nested) {
  first_event = events;
  need_count = needs_of_all;
  level_list = levels;
  spoken_list = spoken;
  time_list = times;
  annotation_list = annotations;
  nested_list = nested;
  level_count = 0;
  free_groups = 0;
  used_groups = 0;
  for (int i = 0; i < GROUP_HEADS; i++) group_heads[i] = 0;
  for (int i = 0; i < MOST_SHAPES; i++) shapes[i].outlined = 0;
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
static void leave_outline(int group);

// Adds a group with the key that is in `key`. A length of -1: it is there since this rule was found to judge the last line; -1
// where it was not. Zero where there is no room.
EXPORT("foldOpen") int fold_open(int rule, int source, int level, int room, int length, double first, int domain) {
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
  it->domain = domain;
  it->last = 0;
  it->rule = rule;
  it->source = source;
  it->level = (u8)level;
  it->room = (u16)(room < LONGEST_KEPT ? room : LONGEST_KEPT);
  it->folded = 0;
  it->length = 0;
  it->memo_shape = 0;
  it->outline = 0;
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
  leave_outline(group);
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
