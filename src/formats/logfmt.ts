import type { LogRecord } from '../record/record.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { KEY_NOT_UTF8, NO_KEY, NO_PAIR, QUOTE_IN_KEY, QUOTE_OPEN } from '../kernel/layout.ts';
import { TOO_LONG } from '../kernel/names.ts';

/** No name in `SETTINGS` is longer, with its equals sign. */
const LONGEST_SETTING = 16;

/**
 * Reads one logfmt line: `key=value key="quoted value" flag`.
 *
 * Grammar: https://pkg.go.dev/github.com/go-logfmt/logfmt, with three mercies that real lines
 * need: an unquoted value may hold `=` and `"`; an escape that JSON does not know stays as it is
 * written; and a quoted value with bare quotes inside goes on to the first quote before a space or
 * the end. The last one is a guess, so it makes the record ambiguous. Of two pairs with the same
 * key the first counts, and the record is ambiguous too if their values differ.
 *
 * A line that does not begin with a pair is free text, even if pairs stand in it.
 */
export function readLogfmt(kernel: Kernel, record: LogRecord): boolean {
  record.loose = true;
  const answer = kernel.names.read(record, 'readLogfmt');
  switch (answer) {
    case NO_PAIR:
      return record.opaque('no pair at the beginning');
    case KEY_NOT_UTF8:
      return record.opaque('key that is not UTF-8');
    case TOO_LONG:
      return record.opaque('too long to be read');
    case QUOTE_IN_KEY:
      return record.opaque('quote in a key');
    case QUOTE_OPEN:
      return record.opaque('quote never closed');
    case NO_KEY:
      return record.opaque('value without a key');
    default:
      return record.settle() && (isSetting(record) ? record.opaque('a setting') : true);
  }
}

/** Names for a level that files of settings have, too, and journald's export has on lines of their own. */
const SETTINGS: ReadonlySet<string> = new Set(['log_level', 'loglevel', 'LogLevel', 'logLevel', 'Level', 'status', 'PRIORITY']);

/** Whether the line is one pair under such a name. Only its names decide: so the answer is the same for all lines that are alike. */
function isSetting(record: LogRecord): boolean {
  const { bytes, start, end, levelSlot, names } = record;
  const from = record.outerStart(levelSlot);
  if (record.outerEnd(levelSlot) !== end || from - start > LONGEST_SETTING) return false;
  const name = names.levels.find(({ slot }) => slot === levelSlot)?.name.path ?? '';
  return SETTINGS.has(name) && bytes.latin1Slice(start, from - 1) === name;
}
