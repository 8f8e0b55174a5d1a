import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import { PACKS } from '../../src/packs/shipped.ts';
import { LEVELS } from '../../src/record/level.ts';
import { loadRules } from '../../src/rules/load.ts';
import { LineUnderstanding } from '../../src/workbench/read-line.ts';
import { UTC } from '../../src/record/zone.ts';
import { ROOMY } from '../support/run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/must-stay');
const HOUR = 3_600_000;

const { ruleSet } = loadRules(PACKS);

/** Lines that a rule may lower, each with its reason. */
const lowered = readFileSync(join(FOLDER, 'known-lowered.csv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((row) => /^([^,]+),(\d+),([^,]+),(.+)$/u.exec(row)!.slice(1));

const isKnown = (file: string, line: number): boolean =>
  lowered.some(([name, number]) => name === file && number === String(line));

/** What leaves, if time passes behind each line. */
function written(lines: readonly string[], repeats: number): string {
  const engine = openEngine(ruleSet, { ...ROOMY, clock: 'example', envelope: 'auto' });
  const chunks: Buffer[] = [];
  const source = engine.source('must-stay');
  const input = source.input({ write: (bytes, start, end) => chunks.push(Buffer.from(bytes.subarray(start, end))) });
  let now = 0;
  for (const line of lines) {
    for (let nth = 0; nth < repeats; nth += 1) input.push(Buffer.from(`${line}\n`), now);
    now += HOUR;
    engine.advance(now);
  }
  input.end(now);
  source.end(now);
  return Buffer.concat(chunks).toString();
}

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith('.log')))('%s', (file) => {
  const lines = readFileSync(join(FOLDER, file), 'utf8').trimEnd().split('\n');
  const staying = lines.filter((_, at) => !isKnown(file, at + 1));

  test('no rule that ships lowers or folds a line of it', () => {
    expect(written(staying, 1)).toBe(staying.map((line) => `${line}\n`).join(''));
  });

  test('nor if each comes three times', () => {
    expect(written(staying, 3)).toBe(staying.map((line) => `${line}\n`.repeat(3)).join(''));
  });

  test('relevel understands its lines as warnings and errors: else nothing could happen to them', () => {
    const understanding = new LineUnderstanding({ format: 'auto', envelope: 'auto', read: undefined, zone: UTC, now: 0 });
    const opaque = lines.filter((line) => {
      const bytes = Buffer.from(line);
      const { level } = understanding.of(bytes, 0, bytes.length);
      return level === undefined || (LEVELS as readonly string[]).indexOf(level) < LEVELS.indexOf('warn');
    });
    expect(opaque).toEqual([]);
  });
});

test('what is known to be lowered is lowered, by the rule that is named', () => {
  for (const [file, line, rule] of lowered) {
    const text = readFileSync(join(FOLDER, file!), 'utf8').split('\n')[Number(line) - 1]!;
    expect(written([text], 1)).toContain(rule!);
  }
});
