import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRelevelLines, createRelevelSync, loadRules, RulesError, type Line } from '../../src/index.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { PATIENCE } from '../support/patience.ts';

const RULES = loadRules({
  name: 'rules.yaml',
  text: `
version: 1
rules:
  - id: heals
    when: { msg: lost }
    await: { success: [{ msg: back }], within: 1s, silence: success }
    then: { level: info }
  - id: repeats
    when: { msg: again }
    repeat: { by: [], window: 10s }
`,
});

test('gives at once the lines that leave by a line, by the time and by the end', () => {
  const relevel = createRelevelSync({ rules: RULES, order: 'relaxed', maxRecord: 0 });
  expect(relevel.nextDue).toBe(Infinity);
  expect(relevel.line('level=error msg=lost', 0)).toEqual([]);
  expect(relevel.line('level=error msg=other', 10)).toEqual(['level=error msg=other']);
  expect(relevel.line('level=info msg=back', 20)).toEqual([
    'level=info msg=lost relevel.rule=heals relevel.was=error relevel.why="success after 20 ms"',
    'level=info msg=back',
  ]);
  relevel.line('level=error msg=lost', 100);
  expect(relevel.nextDue).toBe(1100);
  expect(relevel.tick(1099)).toEqual([]);
  expect(relevel.tick(1100)).toEqual([
    'level=info msg=lost relevel.rule=heals relevel.was=error relevel.why="silence for 1000 ms"',
  ]);
  const bytes = Buffer.from('level=error msg=again\n');
  expect(relevel.line(bytes, 2000)[0]).toBe(bytes);
  expect(relevel.line('level=error msg=again', 2001)).toEqual([]);
  relevel.line('level=error msg=lost', 2002);
  const left = relevel.end();
  expect(left).toContain('level=error msg=lost');
  expect(left.some((line) => String(line).includes('relevel.repeats=1'))).toBe(true);
  expect(relevel.counts).toMatchObject({ linesIn: 7, folded: 1, summaries: 1 });
});

test('goes on with other rules, and refuses bad ones', () => {
  const relevel = createRelevelSync({ rules: RULES });
  relevel.reload(loadRules({ name: 'a', text: 'version: 1\nrules: [{ id: a, when: { msg: other }, then: { level: info } }]\n' }));
  expect(relevel.line('level=error msg=other', 0)).toEqual(['level=info msg=other relevel.rule=a relevel.was=error']);
  expect(() => relevel.reload({ name: 'b', text: 'version: 2\n' })).toThrow(RulesError);
  expect(() => createRelevelSync({ clock: 'never' as 'live' })).toThrow(TypeError);
});

test('gives what the stream of lines gives', PATIENCE, async () => {
  await fc.assert(
    fc.asyncProperty(rulesFile, stream, async (text, input) => {
      const rules = loadRules({ name: 'r', text });
      const lines = input.flatMap((arrival): Line[] => (arrival.source === undefined ? [] : [arrival.line]));
      const relevel = createRelevelSync({ rules, clock: 'replay' });
      const ours = [...lines.flatMap((line) => relevel.line(line, 0)), ...relevel.end()];
      const other = createRelevelLines({ rules, clock: 'replay' });
      const theirs = other.toArray();
      for (const line of lines) other.write(line);
      other.end();
      expect(ours).toEqual(await theirs);
      // By the clock, of which the stream has its own, the two differ.
      const clockless = { heldMillis: 0, heldFor: [] };
      expect({ ...relevel.counts, ...clockless }).toEqual({ ...other.counts, ...clockless });
    }),
    { numRuns: 60 },
  );
});
