import { expect, test, vi } from 'vitest';
import { pushBytes } from '../../src/io/pump-engine.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { UTC } from '../../src/engine/zone.ts';
import { sureEngine } from '../../src/io/child/engine.ts';
import { DEFAULTS } from '../../src/cli/settings.ts';
import { loadRules } from '../../src/rules/load.ts';
import '../../src/rules/linear.ts';

const TEXT = `
version: 1
rules:
  - id: probe
    when: { msg: { contains: Error } }
    await: { success: [{ msg: ready }], within: 60s, by: [] }
    then: { level: debug }
  - id: repeats
    when: { msg: { contains: ethtool } }
    then: { level: warn }
    repeat: { by: [], window: 10m, rest: fold }
`;

const HELD = '{"level":50,"msg":"Error"}\n';
const REPEAT = '{"level":50,"msg":"ethtool"}\n';
const FIRST = '{"level":40,"msg":"ethtool","relevel":{"rule":"repeats","was":"50"}}\n';

/** Two inputs of one source, of an engine that breaks when it folds a line: its archive throws. */
function breaking() {
  const { ruleSet } = loadRules([{ name: 'rules.yaml', text: TEXT }]);
  const archive = {
    keep: (): boolean => {
      throw new Error('broken');
    },
  };
  const failures: string[] = [];
  const engine = openEngine(ruleSet, { ...DEFAULTS, maxRecord: 0, clock: 'live', zone: UTC, archive });
  const sure = sureEngine(engine, (error, kept) => failures.push(`${String(error)}, ${kept}`));
  const source = sure.source('daemon');
  const written = ['', ''];
  const [one, other] = [0, 1].map((i) =>
    source.input({
      write: (bytes, start, end) => {
        written[i] += Buffer.from(bytes.subarray(start, end)).toString();
      },
    }),
  );
  return { engine, sure, source, one: one!, other: other!, written, failures };
}

const cuts: readonly [claim: string, chunks: string[]][] = [
  ['in the middle of a chunk', [`a\n${REPEAT}b\n${REPEAT}c\nd`, 'e\n']],
  ['at its beginning', [`a\n${REPEAT}b\n`, `${REPEAT}c\nd`, 'e\n']],
  ['in a line of two chunks', [`a\n${REPEAT}b\n${REPEAT.slice(0, 9)}`, `${REPEAT.slice(9)}c\nd`, 'e\n']],
  ['in a line of three', [`a\n${REPEAT}b\n${REPEAT.slice(0, 5)}`, REPEAT.slice(5, 9), `${REPEAT.slice(9)}c\nde\n`]],
];

test.each(cuts)('an engine that breaks %s loses nothing', (_claim, chunks) => {
  const { sure, source, one, other, written, failures } = breaking();
  pushBytes(sure, other, Buffer.from(`${HELD}held\nunfini`), 1);
  for (const chunk of chunks) pushBytes(sure, one, Buffer.from(chunk), 2);
  expect(failures).toEqual(['Error: broken, 0']);
  expect(sure.nextDue()).toBe(Infinity);
  pushBytes(sure, other, Buffer.from('shed\n'), 3);
  for (const input of [one, other]) input.end(4);
  source.end(4);
  expect(written).toEqual([`a\n${FIRST}b\n${REPEAT}c\nde\n`, `${HELD}held\nunfinished\n`]);
});

test('one that breaks at its end loses nothing', () => {
  const { sure, source, one, written, failures } = breaking();
  pushBytes(sure, one, Buffer.from(`${REPEAT}b\n${REPEAT.slice(0, -1)}`), 1);
  one.end(2);
  source.end(2);
  expect(failures).toEqual(['Error: broken, 0']);
  expect(written[0]).toBe(`${FIRST}b\n${REPEAT.slice(0, -1)}`);
});

test('readers go on to fill the room that they have, also when it broke between two chunks', () => {
  const { sure, one, other, written, failures } = breaking();
  const room = Buffer.from(sure.room(64).buffer, sure.room(64).byteOffset, 64);
  const read = (into: typeof one, text: string): void => into.pushFilled(room.write(text), 1);
  read(other, HELD);
  read(one, REPEAT.repeat(2));
  expect(failures).toHaveLength(1);
  for (const text of ['a longer line\n', 'b\n']) read(one, text);
  expect(written).toEqual([`${FIRST}${REPEAT}a longer line\nb\n`, HELD]);
});

test('one without any room copies each byte once', () => {
  const { engine, sure, one, written, failures } = breaking();
  vi.spyOn(engine, 'room').mockImplementation(() => {
    throw new Error('no room');
  });
  for (const text of ['a longer line\n', 'b\n']) pushBytes(sure, one, Buffer.from(text), 1);
  expect(failures).toHaveLength(1);
  expect(written[0]).toBe('a longer line\nb\n');
});
