import { escapeControls } from '../../rules/quote.ts';

/** Lines that are shown around a difference. */
const AROUND = 2;
/** More differences are counted. */
const MOST_HUNKS = 10;
/** Of lines that were inserted or are missing, so many are looked through for the next that is the same. */
const FARTHEST = 500;
/** So much of a line is shown, around the first character that differs. */
const SHOWN = 200;

interface Step {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
  /** The line number of what was expected at this step, from one. */
  readonly line: number;
}

/** What differs between two texts, as a person reads it: `-` was expected, `+` is there. Empty if they are the same. Safe to print. */
export function diffOf(expected: string, got: string): string {
  if (expected === got) return '';
  const steps = stepsBetween(expected.split('\n'), got.split('\n'));
  const hunks = hunksOf(steps);
  const shown = hunks.slice(0, MOST_HUNKS).map((hunk) => {
    const lines = hunk.map((step, index) => `${step.sign} ${shownPart(step, hunk, index)}\n`);
    return `line ${hunk[0]!.line}:\n${lines.join('')}`;
  });
  const more = hunks.length - shown.length;
  return `${shown.join('')}${more > 0 ? `and ${more} more place${more === 1 ? '' : 's'}\n` : ''}`;
}

/** Walks both in step; where they differ, it goes on at the nearest line that both have. */
function stepsBetween(expected: readonly string[], got: readonly string[]): Step[] {
  const steps: Step[] = [];
  let a = 0;
  let b = 0;
  while (a < expected.length || b < got.length) {
    if (a < expected.length && b < got.length && expected[a] === got[b]) {
      steps.push({ sign: ' ', text: expected[a]!, line: a + 1 });
      a += 1;
      b += 1;
      continue;
    }
    const [skipA, skipB] = nearestCommon(expected, a, got, b);
    for (const end = a + skipA; a < end; a += 1) steps.push({ sign: '-', text: expected[a]!, line: a + 1 });
    for (const end = b + skipB; b < end; b += 1) steps.push({ sign: '+', text: got[b]!, line: a + 1 });
  }
  return steps;
}

/** How many lines of each are to be passed over until both have the same. */
function nearestCommon(expected: readonly string[], a: number, got: readonly string[], b: number): readonly [number, number] {
  const [restA, restB] = [expected.length - a, got.length - b];
  for (let sum = 1; sum <= Math.min(FARTHEST, restA + restB); sum += 1)
    for (let skipA = Math.min(sum, restA); skipA >= Math.max(0, sum - restB); skipA -= 1) {
      const skipB = sum - skipA;
      if (skipA < restA && skipB < restB && expected[a + skipA] === got[b + skipB]) return [skipA, skipB];
    }
  return [Math.min(restA, FARTHEST), Math.min(restB, FARTHEST)];
}

function hunksOf(steps: readonly Step[]): Step[][] {
  const hunks: Step[][] = [];
  let end = -1;
  for (const [index, { sign }] of steps.entries()) {
    if (sign === ' ') continue;
    const from = Math.max(end, index - AROUND, 0);
    if (from > end || hunks.length === 0) hunks.push([]);
    end = Math.min(steps.length, index + AROUND + 1);
    hunks.at(-1)!.push(...steps.slice(from, end));
  }
  return hunks;
}

/** Of a long line, what is around the first character in which it differs from its counterpart. */
function shownPart({ sign, text }: Step, hunk: readonly Step[], index: number): string {
  if (text.length <= SHOWN) return escapeControls(text);
  const other =
    sign === '-'
      ? hunk.slice(index).find((step) => step.sign === '+')
      : hunk.findLast((step, i) => i < index && step.sign === '-');
  const from = sign === ' ' || other === undefined ? 0 : Math.max(0, firstDifference(text, other.text) - SHOWN / 2);
  const to = from + SHOWN;
  return `${from > 0 ? '…' : ''}${escapeControls(text.slice(from, to))}${to < text.length ? '…' : ''}`;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
