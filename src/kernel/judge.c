// Which rule judges a line that was read: `fold-program.ts`. A part of `kernel.c`. Conditions have three answers: what is
// NOT_SURE is left to the engine, which is the reference.

#define MOST_RULES 8192 // as MOST_NEEDS: rules, then events, then what is protected
#define MOST_CODE (1 << 16)
#define MOST_LISTS (1 << 14)
#define MOST_NUMBERS (1 << 12)
#define MOST_WORDS (1 << 16)
#define MOST_NAMES 128
#define LONGEST_NAME 16

enum { NO, YES, NOT_SURE };

// A condition is its kind, where the next one begins, and what its kind asks for.
enum { UNSURE, ALL, ANY, NOT, LEVEL, EXISTS, EQUALS, CONTAINS, STARTS_WITH, ENDS_WITH, GLOB, IS, COMPARE };

enum { EQUAL, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL };

// What a rule, an event, or what is protected asks for.
static int code[MOST_CODE];
static int lists[MOST_LISTS]; // of slots, each behind its length
static double numbers[MOST_NUMBERS];
static u8 words[MOST_WORDS + 16];

struct rule {
  double window;
  double until;      // the first instant at which it rests
  double earliest;   // when the first of its open groups in the current source began; NaN: there is none
  int when;          // in `code`
  int levels;        // a bit for each at which it may fit; -1: of all
  int folds;         // whether its repeats are folded, and by no more than a key
  int parts;         // in `lists`: the lists of the fields of its key, -1 at the end
  int folded;        // lines, since they were last asked for
  int unused;
};
static struct rule rules[MOST_RULES];

// Which of them come when: rules, then events, then what is protected.
static int first_event;
static int need_count;
static u32 always[MOST_NEEDS / 32]; // those that no text tells of

static int level_list;
static int spoken_list; // of these, the names that go before a number
static int time_list;
static int annotation_list;
static int nested_list;

// Names of levels, in lower case.
static u8 level_names[MOST_NAMES][LONGEST_NAME];
static int level_lengths[MOST_NAMES];
static int level_values[MOST_NAMES];
static int level_count;

// By what a slot holds a level: as in `fold.ts`.
enum { LEVEL_NAMED, LEVEL_NUMBERED, LEVEL_SCALED, LEVEL_UNSURE };
static u8 level_kinds[MOST_SLOTS];

static int loose; // all values of the line are texts

EXPORT("foldCode") int *fold_code(void) { return code; }
EXPORT("foldLists") int *fold_lists(void) { return lists; }
EXPORT("foldNumbers") double *fold_numbers(void) { return numbers; }
EXPORT("foldWords") u8 *fold_words(void) { return words; }
EXPORT("foldRules") struct rule *fold_rules(void) { return rules; }
EXPORT("foldLevelKinds") u8 *fold_level_kinds(void) { return level_kinds; }
EXPORT("foldAlways") u32 *fold_always(void) { return always; }

static int find_slot(int list) {
  int end = list + 1 + lists[list];
  for (int at = list + 1; at < end; at++) if (kinds[lists[at]] != MISSING) return lists[at];
  return -1;
}

static int same_bytes(int at, const u8 *wanted, int length) { return same_text(input + at, wanted, length); }

static int stands_in(int start, int end, const u8 *wanted, int length) {
  int last = end - length;
  for (int at = start; at <= last; at += 16) {
    u32 places = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(input + at), wasm_i8x16_splat(wanted[0])));
    for (; places != 0; places &= places - 1) {
      int place = at + __builtin_ctz(places);
      if (place > last) return 0;
      if (same_bytes(place, wanted, length)) return 1;
    }
  }
  return 0;
}

// Only stars: what stands between them must come in this order.
static int fits_glob(int start, int end, const u8 *glob, int length) {
  int at = start, in = 0, star = -1, star_at = 0;
  while (at < end) {
    if (in < length && glob[in] == '*') {
      star = in++;
      star_at = at;
    } else if (in < length && glob[in] == input[at]) {
      at++;
      in++;
    } else if (star != -1) {
      at = ++star_at;
      in = star + 1;
    } else {
      return NO;
    }
  }
  while (in < length && glob[in] == '*') in++;
  return in == length ? YES : NO;
}

// Of as many digits, up to sixteen: their value; -1 where there is something else among them.
static inline long long value_of_digits(int at, int length) {
  v128_t digits = wasm_i8x16_sub(wasm_v128_load(input + at), wasm_i8x16_splat('0'));
  if (wasm_i8x16_bitmask(wasm_u8x16_gt(digits, wasm_i8x16_splat(9))) & ((1u << length) - 1)) return -1;
  // To the right, with zeros before them; then two, four and eight at a time.
  v128_t places = wasm_i8x16_add(wasm_i8x16_const(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), wasm_i8x16_splat((char)(length - 16)));
  digits = wasm_i8x16_swizzle(digits, places);
  v128_t tens = wasm_i16x8_mul(wasm_v128_and(digits, wasm_i16x8_splat(0xff)), wasm_i16x8_splat(10));
  v128_t hundreds = wasm_i16x8_add(tens, wasm_u16x8_shr(digits, 8));
  v128_t fours = wasm_i32x4_dot_i16x8(hundreds, wasm_i16x8_const(100, 1, 100, 1, 100, 1, 100, 1));
  long long high = wasm_i32x4_extract_lane(fours, 0) * 10000 + wasm_i32x4_extract_lane(fours, 1);
  return high * 100000000 + wasm_i32x4_extract_lane(fours, 2) * 10000 + wasm_i32x4_extract_lane(fours, 3);
}

// Whole, of up to fourteen digits: its value; else NaN. A zero first is a text's, not a number's.
static double whole_number(int start, int end) {
  int negative = start < end && input[start] == '-';
  int at = start + negative;
  int length = end - at;
  if (length == 0 || length > 14 || (input[at] == '0' && length > 1)) return __builtin_nan("");
  long long number = value_of_digits(at, length);
  if (number == -1) return __builtin_nan("");
  return negative ? -(double)number : (double)number;
}

static int is_text(int kind) { return kind == QUOTED || kind == UNQUOTED; }
static int is_hidden(int kind) { return kind == JSON_ESCAPED || kind == LOGFMT_ESCAPED || kind == FLAG; }

// Whether a text may be spelled as a number: then it counts as one where all values are texts.
static int may_be_number(int start, int end) {
  return start < end && (input[start] == '-' || (input[start] >= '0' && input[start] <= '9'));
}

static int compares(double number, int how, double wanted) {
  switch (how) {
    case EQUAL: return number == wanted;
    case GREATER: return number > wanted;
    case GREATER_OR_EQUAL: return number >= wanted;
    case LESS: return number < wanted;
    default: return number <= wanted;
  }
}

static int compare(int slot, int how, double wanted) {
  int kind = kinds[slot];
  if (loose && is_hidden(kind)) return NOT_SURE;
  if (kind != NUMBER && !(loose && is_text(kind))) return NO;
  double number = whole_number(starts[slot], ends[slot]);
  if (number == number) return compares(number, how, wanted);
  return kind == NUMBER || may_be_number(starts[slot], ends[slot]) ? NOT_SURE : NO;
}

static int fits(int at, int level) {
  const int *it = code + at;
  switch (it[0]) {
    case ALL: {
      int answer = YES;
      for (int part = at + 2; part < it[1]; part = code[part + 1]) {
        int one = fits(part, level);
        if (one == NO) return NO;
        if (one == NOT_SURE) answer = NOT_SURE;
      }
      return answer;
    }
    case ANY: {
      int answer = NO;
      for (int part = at + 2; part < it[1]; part = code[part + 1]) {
        int one = fits(part, level);
        if (one == YES) return YES;
        if (one == NOT_SURE) answer = NOT_SURE;
      }
      return answer;
    }
    case NOT: {
      int one = fits(at + 2, level);
      return one == NOT_SURE ? NOT_SURE : one == NO ? YES : NO;
    }
    case LEVEL: return (it[2] >> level) & 1;
    case UNSURE: return NOT_SURE;
  }
  // a test of a field
  int slot = find_slot(it[2]);
  if (it[0] == EXISTS) return (slot != -1) == it[3];
  if (slot == -1) return NO;
  int kind = kinds[slot];
  if (it[0] == COMPARE) return compare(slot, it[3], numbers[it[4]]);
  const u8 *wanted = words + it[3];
  int length = it[4];
  int start = starts[slot];
  int end = ends[slot];
  if (it[0] == IS) {
    if (kind == it[5]) return YES;
    if (!loose || it[5] == NULL_) return NO;
    if (is_hidden(kind)) return NOT_SURE;
    return is_text(kind) && end - start == length && same_bytes(start, wanted, length);
  }
  if (is_hidden(kind)) return NOT_SURE;
  if (!is_text(kind)) return NO;
  switch (it[0]) {
    case EQUALS: return end - start == length && same_bytes(start, wanted, length);
    case CONTAINS: return stands_in(start, end, wanted, length);
    case STARTS_WITH: return end - start >= length && same_bytes(start, wanted, length);
    case ENDS_WITH: return end - start >= length && same_bytes(end - length, wanted, length);
    case GLOB: return fits_glob(start, end, wanted, length);
    default: return NOT_SURE;
  }
}

// The level of a name, or -1 where this cannot tell.
static int level_of_name(int start, int length) {
  if (length == 0 || length > LONGEST_NAME) return -1;
  for (int name = 0; name < level_count; name++) {
    if (level_lengths[name] != length) continue;
    int i = 0;
    while (i < length && lower(input[start + i]) == level_names[name][i]) i++;
    if (i == length) return level_values[name];
  }
  return -1;
}

// The level of one of pino's numbers, but for fatal; -1 for all others. A name beside it goes before it.
static int level_of_number(int start, int end) {
  double number = whole_number(start, end);
  if (!(number >= 10 && number < 60)) return -1;
  for (int i = 1; i <= lists[spoken_list]; i++) if (kinds[lists[spoken_list + i]] != MISSING) return -1;
  return (int)number / 10 - 1;
}

// The level of the line that was read last: of the first slot that holds one. -1 where this cannot tell.
static int level_here(void) {
  for (int i = 1; i <= lists[level_list]; i++) {
    int slot = lists[level_list + i];
    int kind = kinds[slot];
    int held = level_kinds[slot];
    if (kind == MISSING) continue;
    if (held == LEVEL_UNSURE || is_hidden(kind)) return -1;
    int start = starts[slot];
    int end = ends[slot];
    if (kind == NUMBER || (loose && is_text(kind) && may_be_number(start, end))) {
      if (held == LEVEL_NAMED && kind == NUMBER) continue;
      return held == LEVEL_NUMBERED && (kind == NUMBER || kind == UNQUOTED) ? level_of_number(start, end) : -1;
    }
    if (is_text(kind)) return level_of_name(start, end - start);
    // null, true, an object: this one holds none
  }
  return -1;
}

static int two_digits(int at) {
  u8 tens = input[at] - '0', ones = input[at + 1] - '0';
  return tens > 9 || ones > 9 ? -10000 : tens * 10 + ones;
}

static double days_of(int year, int month, int day) {
  static const u8 month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > month_days[month - 1] + (month == 2 && leap)) return __builtin_nan("");
  int shifted = month > 2 ? year : year - 1;
  int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return (double)(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719468);
}

// An instant in RFC 3339, as `instantOfText` reads it, in UTC; NaN where this cannot tell.
APART double instant_of_text(int start, int end) {
  const double none = __builtin_nan("");
  if (end - start < 20 || input[start + 4] != '-' || input[start + 7] != '-') return none;
  u8 separator = input[start + 10] | 0x20;
  if ((separator != 't' && separator != ' ') || input[start + 13] != ':' || input[start + 16] != ':') return none;
  int year = two_digits(start) * 100 + two_digits(start + 2);
  int hours = two_digits(start + 11), minutes = two_digits(start + 14), seconds = two_digits(start + 17);
  double days = days_of(year, two_digits(start + 5), two_digits(start + 8));
  if (year < 1 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return none;
  int at = start + 19;
  double millis = 0;
  if (input[at] == '.') {
    // The same steps as there, so that the roundings are the same.
    double scale = 100;
    int first = ++at;
    for (; at < end && input[at] >= '0' && input[at] <= '9'; at++) {
      millis += (input[at] - '0') * scale;
      scale /= 10;
    }
    if (at == first) return none;
    millis = __builtin_floor(millis * 1e6 + 0.5) / 1e6;
  }
  if (at != end - 1 || (input[at] | 0x20) != 'z') return none;
  return days * 86400000.0 + (hours * 3600 + minutes * 60 + seconds) * 1000.0 + millis;
}

// As `clock-domain.ts` numbers what times are written by, and in which zone.
enum { WRITER_JSON = 1, WRITER_LOGFMT = 2, NAMES_OF_A_WRITER = 4096, ZONES = 4096, WEST = 1440, COUNTED = 1441 };

// How the time is written that stands in the n-th of the slots that may hold one.
static int domain_of(int place, int zone) {
  return ((loose ? WRITER_LOGFMT : WRITER_JSON) * NAMES_OF_A_WRITER + place) * ZONES + zone + WEST;
}

// The time of the line that was read, ms since 1970, or NaN where this cannot tell, or where it is not written as in `domain`:
// times of other domains are the engine's.
static double time_of_line(int domain) {
  int end = time_list + 1 + lists[time_list];
  for (int at = time_list + 1; at < end; at++) {
    int slot = lists[at];
    int kind = kinds[slot];
    if (kind == MISSING) continue;
    if (kind == NUMBER) {
      double number = whole_number(starts[slot], ends[slot]);
      if (!(number >= 1e11 && number < 1e14) || domain_of(at - time_list - 1, COUNTED) != domain) break;
      return number;
    }
    if (!is_text(kind) || domain_of(at - time_list - 1, 0) != domain) break;
    return instant_of_text(starts[slot], ends[slot]);
  }
  return __builtin_nan("");
}

// Which scout is asked, and how.
struct search {
  int which; // -1: none, there is nothing to look for
  int block;
  int window;
};

static int first_place(const struct search *search, int at) { return search->block == BY_PRINTS ? at : at + search->window - 1; }

// Offset of a text in [at, end), or `end`.
static int search(const struct search *search, int at, int end) {
  return search->which == -1 ? end : scout_next(search->which, search->block, at, first_place(search, at), end);
}

// Where the lines come from, and who looks at them: the same for a whole run.
struct run {
  struct search all;
  struct search wide;
  int source;
  int stream;
  int domain; // how the times that this compares are written
  double latest; // a later time is none
  double clock;  // what `until` is compared with; NaN: the line's own time
};

#define NOBODY (-2)

// Which rule judges the line in [at, newline), of this level; -1 where this is not sure, or where the line is more than a
// line that a rule judges; NOBODY where it is not even that.
static int judge(const struct run *run, int at, int newline, int level) {
  // Who may care is found by texts: most conditions need never be looked at.
  for (int word = 0; word << 5 < need_count; word++) needs[word] = always[word];
  scout_collect(run->all.which, run->all.block, at, first_place(&run->all, at), newline);
  int own = NOBODY;
  for (int word = 0; word << 5 < need_count; word++) {
    for (u32 bits = needs[word]; bits != 0; bits &= bits - 1) {
      int need = word << 5 | __builtin_ctz(bits);
      if (own != NOBODY && need < first_event) continue;
      if (!((rules[need].levels >> level) & 1)) continue;
      int answer = fits(rules[need].when, level);
      if (answer == NO) continue;
      if (answer == NOT_SURE || need >= first_event) return -1;
      own = need;
    }
  }
  return own;
}
