// The library: the engine of the program `relevel`, as Node streams.

export { createRelevel, type Relevel } from './library/bytes.ts';
export { createRelevelLines, type Line, type RelevelLines } from './library/lines.ts';
export { createRelevelSync, type RelevelSync } from './library/sync.ts';
export type { RelevelOptions } from './library/options.ts';
export type { Releveling } from './library/stream.ts';
export { loadRules, type LoadedRules, type RulesGiven, type RulesText } from './library/rules.ts';
export type { Counts, Release, RuleCounts } from './engine/counts.ts';
export { RulesError, type Problem, type ProblemCode, type Span } from './rules/problem.ts';
