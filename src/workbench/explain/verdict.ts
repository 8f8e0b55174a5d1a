import { missingIn, valueIn } from '../../engine/memory/keys.ts';
import { MAX_FOLDED } from '../../engine/settings.ts';
import type { Judged } from '../../engine/judged.ts';
import type { Ending, Judgement } from '../../engine/observer.ts';
import { LEVELS } from '../../record/level.ts';
import { quote } from '../../rules/quote.ts';
import { durationKey } from '../duration-words.ts';
import { nearestPath, type Found } from '../line-fields.ts';
import type { KeyValue, Verdict } from './account.ts';
import type { WaitSeen } from './awaited.ts';
import { partsOf } from './grouping.ts';

/** What became of a line that a rule judged. `lookedAt`: the line at which that was decided. */
export function verdictOf({ judged, ending, level, decided }: Judgement, lookedAt: number, wait: WaitSeen | undefined): Verdict {
  const { rule, record } = judged;
  const isByEvent = decided?.by === 'event' && wait !== undefined;
  const key =
    wait?.key ??
    (rule.repeat === undefined ? [] : partsOf(rule.repeat).map((part): KeyValue => [part.path, valueIn(part, record)]));
  return {
    rule: rule.rule.id,
    ending,
    before: LEVELS[judged.level],
    after: LEVELS[level],
    decided: decided?.why,
    decidedBy: isByEvent ? lookedAt : undefined,
    key,
    missing: ending === 'no-key' ? missingOf(judged) : [],
    notes: notesOf(judged, ending, level),
  };
}

/** Names of the key that the line has no value for. */
export function missingOf({ rule, record }: Judged): readonly string[] {
  const missing = missingIn(rule.here, record);
  return missing.length > 0 ? missing : missingIn(rule.repeat?.parts ?? [], record);
}

/** What more there is to know of an ending. */
function notesOf({ rule: { rule }, length, level: before }: Judged, ending: Ending, after: number): string[] {
  switch (ending) {
    case 'no-message':
      return [
        '"repeat": the line has no message, so no other is its repeat; group by other fields with by: [{ field: msg, mask: all }, ...]',
      ];
    case 'budget':
    case 'over':
      return [`the budget of the rule is used up: ${rule.budget!.lines} lines per ${durationKey(rule.budget!.per)}`];
    case 'plain':
      return [
        rule.repeat === undefined
          ? 'the rule has no "then" and no "repeat": it changes nothing'
          : 'the rule has no "then": the first line of a group stays as it is',
      ];
    case 'first':
    case 'then':
    case 'rest': {
      const stays =
        rule.then?.level !== undefined && after === before
          ? ['"then" and "rest" only lower: the line has this level, or a lower one']
          : [];
      const isLong =
        rule.repeat !== undefined && length > MAX_FOLDED
          ? [`the line is longer than ${MAX_FOLDED} bytes: such lines are never collapsed`]
          : [];
      return [...stays, ...isLong];
    }
    case 'unwritable':
      return ['the new line could not be written so that it reads back as what was asked for'];
    default:
      return [];
  }
}

/** A missing name of the key, and the name that the line has instead. */
export function withNearNames(verdict: Verdict, fields: ReadonlyMap<string, Found>): Verdict {
  const near = verdict.missing.flatMap((name) => {
    const path = nearestPath(name, fields);
    return path === undefined ? [] : [`it has ${quote(path)}, which may be what ${quote(name)} means`];
  });
  return { ...verdict, notes: [...verdict.notes, ...near] };
}
