const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Ten years: what is longer was meant otherwise, and a sum with an instant stays exact. */
const LONGEST = 3650 * 86_400_000;

/** `500ms`, `5s`, `10m`, `1h` or `2d` in ms; `undefined` for all else, and for more than ten years. */
export function readDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,15})(ms|s|m|h|d)$/u.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const duration = Number(count) * UNITS[unit]!;
  return duration <= LONGEST ? duration : undefined;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/u;
/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[-+]([01]\d|2[0-3]):[0-5]\d)$/u;

/**
 * The first instant, in ms since 1970, that no longer belongs to `until`: of a date the end of that
 * day in UTC, else the RFC 3339 instant itself. `undefined` for all else.
 */
export function readUntil(text: string): number | undefined {
  if (DATE.test(text)) {
    const midnight = midnightOf(text);
    return midnight === undefined ? undefined : midnight + UNITS['d']!;
  }
  const date = INSTANT.exec(text)?.[1];
  // Only the date can be wrong still: JavaScript takes a 30th of February for a 2nd of March.
  if (date === undefined || midnightOf(date) === undefined) return undefined;
  return Date.parse(text.toUpperCase());
}

function midnightOf(date: string): number | undefined {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date) ? midnight : undefined;
}
