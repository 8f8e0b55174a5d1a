import '../rules/linear.ts';

// What reads rules takes 40 ms to load. In the built library, `build/library.ts` puts a file in place of this one that does
// so when it is first asked.

export { loadRules } from '../rules/load.ts';

/** Makes all of RE2's syntax available to rules that were loaded elsewhere. */
export function allowAllPatterns(): void {}
