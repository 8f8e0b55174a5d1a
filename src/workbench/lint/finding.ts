/** How bad each finding is: an error makes `check` fail, a warning only with `--deny-warnings`. Each has a page in `docs/lint`. */
export const SEVERITIES = {
  'behind-broader': 'error',
  'same-as': 'error',
  'never-matches': 'error',
  'lowers-what-must-stay': 'error',
  'example-fails': 'error',
  'sample-fails': 'error',
  'several-records': 'error',
  'no-look-alike': 'warning',
  overlaps: 'warning',
  'too-broad': 'warning',
  'equals-a-glob': 'warning',
  'other-name': 'warning',
  'long-hold': 'warning',
  'needs-run': 'warning',
  expired: 'warning',
  'expires-soon': 'warning',
  'plain-pattern': 'warning',
  'no-literal': 'warning',
  'key-in-no-example': 'warning',
  'never-lowers': 'warning',
} as const;

export type Code = keyof typeof SEVERITIES;

/** Something about a rule that loads, and is hardly what its author wants. */
export interface Finding {
  /** One of `SEVERITIES`, or of the loader's own. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From one, as editors count. */
  readonly line: number;
  readonly column: number;
  /** `undefined`: it is of no rule. */
  readonly rule: string | undefined;
  /** What is wrong. May hold anything: whoever prints it escapes it. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
}

/** Where it is explained; `undefined` of what the loader says, which explains itself. */
export const pageOf = (code: string): string | undefined =>
  Object.hasOwn(SEVERITIES, code) ? `docs/lint/${code}.md` : undefined;
