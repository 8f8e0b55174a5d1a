import { ENGINE_DEFAULTS, type EngineSettings } from '../engine/settings.ts';
import type { Reading } from '../rules/rule.ts';
import type { Address } from '../sidecar/address.ts';
import type { Destination } from './destination.ts';

export type LogFormat = 'text' | 'json' | 'ecs';

/** All that can be said about the filter, with nothing left open. */
export interface Settings extends Omit<EngineSettings, 'clock' | 'zone' | 'local' | 'archive'> {
  /** Files, folders, `builtin`, `builtin/<pack>`: in this order. */
  readonly rules: readonly string[];
  /** Ids of rules that are to be as if absent. */
  readonly off: readonly string[];
  /** What is said of how lines are read: it goes before what rules say. */
  readonly read: Reading | undefined;
  /** What the inputs are: lines, or JSON values, which become lines. */
  readonly framing: 'lines' | 'json-stream';
  /** Of JSON values: the path to a list in each, whose items are the records. */
  readonly records: string | undefined;
  /** `auto`: replay where all inputs are regular files. */
  readonly clock: 'auto' | 'live' | 'replay' | 'order';
  /** `undefined`: stdout, and of a command its stderr too. */
  readonly output: Destination | undefined;
  /** Where folded lines are kept. */
  readonly archive: string | undefined;
  /** The stream leaves as it came; verdicts are only counted. */
  readonly shadow: boolean;
  /** A file of what rules in shadow would do, or under `shadow` all rules. */
  readonly shadowLog: string | undefined;
  /** Secrets are masked there. */
  readonly mask: boolean;
  /** A table at the end. */
  readonly summary: boolean;
  /** Where it answers questions about its health. */
  readonly listen: Address | undefined;
  /** Whoever reaches `listen` may have the rules read again. */
  readonly allowReload: boolean;
  /** ms from the first signal to the end by force. */
  readonly grace: number;
  readonly logFormat: LogFormat;
}

/** What holds if nothing was said. */
export const DEFAULTS: Settings = {
  rules: ['builtin'],
  off: [],
  ...ENGINE_DEFAULTS,
  read: undefined,
  framing: 'lines',
  records: undefined,
  clock: 'auto',
  output: undefined,
  archive: undefined,
  shadow: false,
  shadowLog: undefined,
  mask: true,
  summary: false,
  listen: undefined,
  allowReload: false,
  grace: 10_000,
  logFormat: 'text',
};

/** What was said of settings. */
export type Asked = { -readonly [Key in keyof Settings]?: Settings[Key] };

export const settingsOf = (asked: Asked): Settings => ({ ...DEFAULTS, ...asked });
