// How a chunk is gone through: `fold-runs.ts`. A part of `kernel.c`. Lines that nobody asks for are passed over, repeats are
// folded, all at once, until a line comes of which this cannot be sure: then the engine judges it, which is the reference.

#define MOST_CUTS 1024

// What became of the lines up to the one where a sweep ended.
struct swept {
  int passed; // lines that leave as they came
  int overlong; // of these, longer than a line that is judged may be
  int folded;
  int cuts; // how many parts of the chunk were folded
  int known_to; // behind the last line of which the time is known
  int stop; // where something stands in the line at which the sweep ended, if that is known; else -1
  int is_full; // there is no room for more cuts: it may go on
  int closing; // the rule of which that line closes groups first; -1: none
  int judged_by; // the rule that judges it, of which all but its group is known; -1: none
  int newline; // of that line, where it is plain: then no escape hides anything; else -1
  double time; // of the last line of which it is known
  double closing_time; // of the line at which the sweep ended
};
static struct swept swept;
static int cuts[2 * MOST_CUTS]; // where each begins, and where it ends

EXPORT("swept") struct swept *swept_at(void) { return &swept; }
EXPORT("cuts") int *cuts_at(void) { return cuts; }
EXPORT("mostCuts") int most_cuts(void) { return MOST_CUTS; }

// Whether the line that was just read may be folded at `time` by `rule`, as far as its group has no say. If it closes groups
// first, says so.
static int may_fold(const struct run *run, int own, double time) {
  const struct rule *rule = &rules[own];
  if (!(time <= run->latest) || (run->clock == run->clock ? run->clock : time) >= rule->until) return 0;
  if (time - rule->earliest >= rule->window) {
    swept.closing = own;
    swept.closing_time = time;
    return 0;
  }
  return 1;
}

// What becomes of a line. Of one that is passed or folded, `swept.time` is the time.
enum fate { NOT_KNOWN, PASSED, FOLDED };

// Level of the line that has just been read, and its time; -1 where this is not sure of both.
static int level_and_time(const struct run *run, double *time) {
  if (reading.ambiguous || find_slot(annotation_list) != -1) return -1;
  for (int i = 1; i <= lists[nested_list]; i++) if (kinds[lists[nested_list + i]] == NESTED) return -1;
  *time = time_of_line(run->domain);
  return *time <= run->latest ? level_here() : -1;
}

// Reads the line in [at, end), of which `scan_line` said whether it is plain. Zero where it is none that this knows.
static int read_unknown(int at, int end, int plain) {
  loose = input[at] != '{';
  if (loose && (input[at] < 'a' || input[at] > 'z')) return 0;
  return (loose ? read_logfmt(at, end) : plain ? read_plain_json(at, end) : read_json(at, end)) >= 0;
}

// Keeps for `recall` that the line in [at, newline), which has just been read, by a shape if it has one that is known, went into a
// group. If it has none, but is plain, keeps that.
static void remember_line(int group, const struct shape *shape, int at, int newline, int plain, int level) {
  if (shape == 0 && plain) shape = keep_shape(at, newline);
  if (shape != 0) remember(group, shape, level);
}

// The line that was judged last, by this rule, opened a group.
static void remember_judged(int group, int rule) {
  if (judged.at != -1 && judged.rule == rule) remember_line(group, judged.shape, judged.at, judged.newline, judged.plain, judged.level);
  judged.at = -1;
}

// Judges the line in [at, newline), which has just been read, and finds its group.
APART enum fate judge_line(const struct run *run, const struct shape *shape, int at, int newline, int plain) {
  double time;
  int level = level_and_time(run, &time);
  if (level == -1 || level > 4) return NOT_KNOWN; // critical and fatal are the engine's

  int own = judge(run, at, newline, level);
  if (own == NOBODY) {
    swept.time = time;
    return PASSED;
  }
  if (own == -1 || !rules[own].folds || !may_fold(run, own, time)) return NOT_KNOWN;
  swept.judged_by = own;
  int length = make_key(rules[own].parts);
  int group = length == -1 ? 0 : find_group(own, run->source, length);
  if (group == 0 || !fold_into(run, group, newline + 1 - at, level, time)) {
    judged = (struct judged){ at, newline, plain, own, level, length, shape };
    return NOT_KNOWN;
  }
  swept.time = time;
  remember_line(group, shape, at, newline, plain, level);
  keep_last(group, shape, at, newline);
  return FOLDED;
}

static inline int text_end(int at, int newline) { return newline > at && input[newline - 1] == '\r' ? newline - 1 : newline; }

// What becomes of the line in [at, newline), of which `scan_line` said whether it is plain.
static enum fate fate_of(const struct run *run, int at, int newline, int plain) {
  int end = text_end(at, newline);
  if (end == at || newline + 1 - at > LONGEST_KEPT) return NOT_KNOWN;
  // An escape may hide a text.
  if (!plain && next_escape(at, newline, 1) < newline) return NOT_KNOWN;

  loose = input[at] != '{';
  const struct shape *shape = plain ? read_by_shape(at, end) : 0;
  enum fate fate = NOT_KNOWN;
  int group = shape == 0 ? 0 : recall(run, shape, hash_memo(shape, run->source), at, newline);
  if (group != 0) {
    const struct group *it = &groups[group];
    double time = time_of_line(run->domain);
    if (may_fold(run, it->rule, time) && fold_into(run, group, newline + 1 - at, it->memo_level, time)) {
      keep_last(group, shape, at, newline);
      swept.time = time;
      return FOLDED;
    }
    read_common(shape, at);
  } else {
    if (shape != 0) read_common(shape, at);
    else if (!read_unknown(at, end, plain)) return NOT_KNOWN;
    fate = judge_line(run, shape, at, newline, plain);
  }
  if (fate == NOT_KNOWN) {
    reading.from = at;
    reading.to = end;
  }
  return fate;
}

static inline void cut(int start, int end) {
  int last = 2 * swept.cuts - 1;
  if (swept.cuts > 0 && cuts[last] == start) {
    cuts[last] = end;
    return;
  }
  cuts[last + 1] = start;
  cuts[last + 2] = end;
  swept.cuts++;
}

// Notes the time of the last line before `at`, of those from `from` on: whoever has no time of its own will ask for it.
APART void note_time(const struct run *run, int from, int at, int longest) {
  int start = line_start(from, at - 1);
  int plain;
  int newline = scan_line(start, at, &plain);
  double time;
  if (newline - start > longest || !read_unknown(start, text_end(start, newline), plain)) return;
  if (level_and_time(run, &time) == -1) return;
  swept.time = time;
  swept.known_to = at;
}

// Goes through the lines of [at, end), no further than to one of which this is not sure; gives where that begins, or the
// unfinished one. Texts are searched for in two ways: those that anybody asks for, and those that somebody asks for anywhere in
// the line. `slashes` is as for `passOver`; -1: whom nobody asks for by a text may be asked for all the same.
EXPORT("sweep") int sweep(int which, int block, int window, int wide_which, int wide_block, int wide_window, int slashes, int at,
                          int end, int longest, int source, int stream, int domain, double latest, double clock) {
  const struct run run = {
    { which, block, window }, { wide_which, wide_block, wide_window }, source, stream, domain, latest, clock,
  };
  swept = (struct swept){ .stop = -1, .closing = -1, .judged_by = -1, .newline = -1 };
  unread();
  int begin = at;
  int tried = -1;
  int follows = 0; // what was folded: then the next one is likely to be
  for (;;) {
    if (slashes != -1 && !follows) {
      at = pass_over(which, block, window, at, end, slashes, longest);
      swept.passed += passed.lines;
      swept.overlong += passed.overlong;
      swept.stop = stopped_at;
      if (at == tried) return at;
      swept.judged_by = -1;
      swept.newline = -1;
      if (stopped_at == end) {
        if (at > begin && at > swept.known_to) note_time(&run, begin, at, longest);
        return at;
      }
    }
    int plain;
    int newline = scan_line(at, end, &plain);
    if (newline == end) return at;
    swept.judged_by = -1;
    unread();
    enum fate fate = PASSED;
    if (newline - at > longest) {
      swept.overlong++;
    } else {
      fate = fate_of(&run, at, newline, plain);
      if (fate != NOT_KNOWN) swept.known_to = newline + 1;
    }
    if (fate == FOLDED) {
      cut(at, newline + 1);
      swept.folded++;
    } else if (fate == PASSED) {
      swept.passed++;
    } else if (swept.closing == -1 && slashes != -1 && follows) {
      tried = at;
      if (plain) swept.newline = newline;
      follows = 0;
      continue;
    } else {
      if (plain) swept.newline = newline;
      return at;
    }
    follows = fate == FOLDED;
    at = newline + 1;
    if (swept.cuts == MOST_CUTS) {
      swept.is_full = 1;
      return at;
    }
  }
}
