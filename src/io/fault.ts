import { getSystemErrorMap } from 'node:util';

/** Where the system's own words mislead. */
const WORDS: Readonly<Record<string, string>> = { EISDIR: 'is a directory', ENXIO: 'nobody reads it, or it is a socket' };

/** An error's code, such as `ENOENT`; undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `app.log: cannot open: no such file or directory`, with the error as cause. */
export function fault(place: string, cannot: string, cause: unknown): Error {
  return new Error(`${place}: cannot ${cannot}: ${reasonOf(cause)}`, { cause });
}

/** What the system says about an error: `no space left on device`. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) return String(error);
  const errno = error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  return WORDS[code] ?? getSystemErrorMap().get(errno)?.[1] ?? code;
}
