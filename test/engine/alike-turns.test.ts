import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine, type Engine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { BASE, chunked, foldsMore, open, repeating, send } from '../support/by-alike.ts';
import { feed } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

/** Folds lines of one message, by the values of `if`. */
const foldingOf = (text: string, to: string): RuleSet =>
  rulesOf(`
version: 1
rules:
  - id: folds
    when: { msg: ${text} }
    then: { level: ${to} }
    repeat: { by: [if], window: 1h, rest: fold }
`);

const lineOf = (text: string, after: number): string => `{"level":50,"time":${BASE + after},"if":"lxc1","msg":"${text}"}\n`;

test('two engines in turn fold as each would alone', () => {
  const rules = foldingOf('failed', 'warn');
  const line = lineOf('failed', 0);
  const written: string[][] = [[], []];
  const engines = [0, 1].map((which) => {
    const engine = openEngine(rules, ROOMY);
    const source = engine.source('stdin');
    const input = source.input({
      write: (bytes, start, end) => void written[which]!.push(Buffer.from(bytes.subarray(start, end)).toString()),
    });
    return { engine, source, input };
  });
  for (let i = 0; i < 3; i += 1) for (const { input } of engines) input.push(Buffer.from(line.repeat(10)), BASE);
  for (const { input, source } of engines) {
    input.end(BASE);
    source.end(BASE);
  }
  for (const lines of written) expect(lines.join('')).toMatch(/"repeats":29/u);
});

test('an engine of which all sources have ended goes on with another', () => {
  let after = 0;
  const foldedOf = (engine: Engine, name: string, ...texts: readonly string[]): number => {
    const source = engine.source(name);
    const input = source.input({ write: () => {} });
    for (const text of texts) input.push(Buffer.from(lineOf(text, (after += 1)).repeat(3)), BASE);
    input.end(BASE);
    source.end(BASE);
    return engine.counts.folded;
  };
  const [one, other] = [openEngine(foldingOf('failed', 'info'), ROOMY), openEngine(foldingOf('well', 'debug'), ROOMY)];
  expect(foldedOf(one, 'first', 'failed')).toBe(2);
  expect(foldedOf(other, 'first', 'well')).toBe(2);
  expect(foldedOf(one, 'second', 'failed', 'well', 'failed')).toBe(2 + 5);
  expect(one.counts.unchanged).toBe(3);
});

test('keeps engines apart that take turns with rules of their own', () => {
  let alike = 0;
  fc.assert(
    fc.property(
      rulesFile,
      rulesFile,
      repeating,
      fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom<Partial<EngineSettings>>({}, { clock: 'live' }),
      (one, other, lines, sizes, settings) => {
        const rules = [foldsMore(rulesOf(one)), rulesOf(other), foldsMore(rulesOf(other))];
        const chunks = chunked(lines, sizes);
        const engines = rules.map((each) => open(each, settings, true));
        for (const [i, chunk] of chunks.entries()) for (const engine of engines) engine.push(chunk, i);
        const ours = engines.map((engine) => engine.end());
        for (const [which, { outputs, counts, ...own }] of ours.entries()) {
          const alone = send(rules[which]!, chunks, settings, true);
          expect({ outputs, counts }).toEqual({ outputs: alone.outputs, counts: alone.counts });
          alike += own.alike;
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(alike).toBeGreaterThan(5);
});

const FOLDING = `
version: 1
rules:
  - id: folds
    why: They repeat.
    when: { msg: failed, dev: { exists: true } }
    then: { level: info }
    repeat: { by: [dev], window: 10s, rest: fold }
`;
const QUOTING = `
version: 1
rules:
  - id: quotes
    why: It is expected.
    when: { msg: failed, who: { exists: true } }
    then: { level: info, note: 'who \${who}, pid \${pid}, dev \${dev}' }
`;

test('reads under other rules what looks like a line from before', () => {
  const line = (after: number): Buffer =>
    Buffer.from(`time=${new Date(BASE + after).toISOString()} level=error msg=failed pid=1 dev=a who=b\n`);
  const quoted = (after: number): string =>
    `time=${new Date(BASE + after).toISOString()} level=info msg=failed pid=1 dev=a who=b relevel.rule=quotes relevel.was=error relevel.note="who b, pid 1, dev a"\n`;

  // one engine beside another
  const folded = feed(rulesOf(FOLDING), [line(1), line(2), line(3)]);
  expect(folded.counts.folded).toBe(2);
  expect(feed(rulesOf(QUOTING), [line(4), line(5)]).output.toString()).toBe(quoted(4) + quoted(5));

  // the same engine after a reload
  const engine = openEngine(rulesOf(FOLDING), { ...ROOMY, maxRecord: 0 });
  const pieces: string[] = [];
  const source = engine.source('stdin');
  const input = source.input({ write: (bytes, start, end) => pieces.push(Buffer.from(bytes.subarray(start, end)).toString()) });
  for (const after of [1, 2, 3]) input.push(line(after), 0);
  expect(engine.counts.folded).toBe(2);
  engine.adopt(rulesOf(QUOTING), 0);
  pieces.length = 0;
  input.push(line(4), 0);
  expect(pieces.join('')).toBe(quoted(4));
});
