// What `read.ts` asks for: a line that a sweep has just read is not read again. A part of `kernel.c`.

// Whether the line in [at, end) is the one that was read last; that is said once.
static int is_read(int at, int end) {
  int is = at == reading.from && end == reading.to;
  reading.from = -1;
  return is;
}

// Whether the line in [at, end), behind which there is a newline, could be read by a shape.
static int is_read_by_shape(int at, int end) {
  int plain;
  judged.at = -1;
  if (!has_shapes() || scan_line(at, end + 1, &plain) != end || !plain) return 0;
  const struct shape *shape = read_by_shape(at, end);
  if (shape == 0) return 0;
  read_common(shape, at);
  return 1;
}

EXPORT("readJson") int read_json_once(int at, int end) {
  if (!is_read(at, end) && !is_read_by_shape(at, end)) return read_json(at, end);
  int close = end - 1; // only white space may stand behind it
  while (input[close] != '}') close--;
  return close;
}

EXPORT("readLogfmt") int read_logfmt_once(int at, int end) {
  return is_read(at, end) || is_read_by_shape(at, end) ? 0 : read_logfmt(at, end);
}
