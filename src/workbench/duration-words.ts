/** So many ms, as a person reads them, rounded to what matters: `700 ms`, `2.5 s`, `3 min`, `2 h`. */
export function durationWords(millis: number): string {
  const size = Math.abs(millis);
  if (size < 1_000) return `${Math.round(size)} ms`;
  if (size < 120_000) return `${trimmed(size / 1_000)} s`;
  if (size < 7_200_000) return `${trimmed(size / 60_000)} min`;
  return size < 172_800_000 ? `${trimmed(size / 3_600_000)} h` : `${trimmed(size / 86_400_000)} days`;
}

const trimmed = (value: number): string => String(Number(value.toFixed(value < 10 ? 1 : 0)));

/** As a rule writes it: `500ms`, `5s`, `10m`. */
export function durationKey(millis: number): string {
  for (const [unit, size] of UNITS) if (millis >= size && millis % size === 0) return `${millis / size}${unit}`;
  return `${millis}ms`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;
