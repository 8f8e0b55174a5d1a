import { existsSync } from 'node:fs';
import type { Counts } from '../engine/counts.ts';
import { UTC } from '../record/zone.ts';
import type { PumpEngine } from '../io/pump-engine.ts';
import { quote } from '../rules/quote.ts';
import type { Reading, RuleSet } from '../rules/rule.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import { LineUnderstanding } from '../workbench/read-line.ts';
import { tap } from '../sidecar/tap.ts';
import type { Settings } from './settings.ts';

// For a person at a terminal: if relevel can do nothing with a log, it says why, and what to try. Otherwise it would look as if
// it did nothing.

/** How many lines tell whether relevel understands a log, and how many bytes of them are kept at most. */
const ENOUGH_LINES = 1_000;
const ENOUGH_BYTES = 256 * 1024;

const RULES_FILE = 'relevel.yaml';
const LF = 0x0a;

export interface Hinted {
  readonly engine: PumpEngine;
  readonly end: () => void;
}

export interface HintOptions {
  readonly counts: Counts;
  readonly settings: Settings;
  readonly ruleSet: RuleSet;
  /** What was read, as a user would name it again; empty for stdin. */
  readonly files: readonly string[];
  readonly host: Host;
  readonly diagnostics: Diagnostics;
}

/** Looks at the first lines on their way into the engine, and at the counts in the end. */
export function hint(engine: PumpEngine, { counts, settings, ruleSet, files, host, diagnostics }: HintOptions): Hinted {
  const { engine: tapped, listen } = tap(engine);
  let kept: Buffer[] | undefined = [];
  let bytes = 0;
  let lines = 0;
  const look = (): void => {
    if (kept === undefined || bytes === 0) return;
    const first = Buffer.concat(kept);
    kept = undefined;
    listen(undefined);
    if (!areAllOpaque(first, settings, ruleSet.read ?? settings.read, host)) return;
    diagnostics.say(
      'info',
      `none of the first ${Math.max(1, lines)} lines is recognized, so all pass unchanged; see why: relevel read --only opaque${listed(files)}`,
    );
  };
  const keep = (chunk: Uint8Array): void => {
    if (kept === undefined) return;
    let end = 0;
    while (lines < ENOUGH_LINES && end < chunk.length) {
      const newline = chunk.indexOf(LF, end);
      if (newline !== -1) lines += 1;
      end = newline === -1 ? chunk.length : newline + 1;
    }
    const part = Buffer.from(chunk.subarray(0, Math.min(end, ENOUGH_BYTES - bytes)));
    kept.push(part);
    bytes += part.length;
    if (lines >= ENOUGH_LINES || bytes >= ENOUGH_BYTES) look();
  };
  listen((_source, chunk) => keep(chunk));
  return {
    engine: tapped,
    end: () => {
      look();
      const matched = [...counts.rules.values()].some(({ fitted, resting }) => fitted + resting > 0);
      if (matched || counts.linesIn === 0) return;
      const named = settings.rules.map((name) => quote(name)).join(', ');
      diagnostics.say(
        'info',
        `no rule matched any of the ${counts.linesIn} lines; the rules in use: ${named}; ${nextStep(settings, files)}`,
      );
    },
  };
}

function nextStep({ rules }: Settings, files: readonly string[]): string {
  const isUnused = !rules.some((name) => name.endsWith(RULES_FILE)) && existsSync(RULES_FILE);
  return isUnused
    ? `./${RULES_FILE} is there, and --rules ${RULES_FILE} uses it`
    : `to have rules proposed for your log: relevel suggest${files.length === 0 ? ' <file>' : listed(files)}`;
}

const listed = (files: readonly string[]): string => files.map((name) => ` ${quote(name)}`).join('');

function areAllOpaque(bytes: Buffer, { format, envelope = 'auto' }: Settings, read: Reading | undefined, host: Host): boolean {
  const understanding = new LineUnderstanding({ format, envelope, read, zone: UTC, now: host.now() });
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(LF, start);
    const end = newline === -1 ? bytes.length : newline;
    if (end > start && understanding.of(bytes, start, end).why === undefined) return false;
    start = end + 1;
  }
  return true;
}
