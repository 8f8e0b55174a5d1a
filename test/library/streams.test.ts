import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';
import split2 from 'split2';
import { expect, test } from 'vitest';
import { createRelevel, createRelevelLines, loadRules, RulesError, type RelevelOptions } from '../../src/index.ts';

const RULES = join(import.meta.dirname, '../cli/rules.yaml');

const TROUBLE = '{"level":50,"pid":7,"msg":"Error creating MSHV"}';
const READY = '{"level":30,"pid":7,"device":"/dev/kvm","outcome":"ready"}';
const REPEAT = '{"level":50,"msg":"ethtool failed"}';
const OTHER = 'level=error msg="no rule cares"';
const FIRST = '{"level":40,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50"}}';
const LOWERED = /^\{"level":20,"pid":7,"msg":"no MSHV","relevel":\{"rule":"probe","was":"50",.*,"why":"kvm after \d+ ms"\}\}$/u;
const SUMMARY = /^\{"level":40,"msg":"ethtool failed","relevel":\{"rule":"repeats","was":"50","repeats":2,/u;

const linesOf = (output: string): string[] => output.replace(/\n$/u, '').split('\n');

test('lowers, folds and lets through, as bytes', async () => {
  const input = [TROUBLE, OTHER, READY, REPEAT, REPEAT, REPEAT].join('\n');
  const relevel = createRelevel({ rules: RULES });
  const output = await text(Readable.from([Buffer.from(input.slice(0, 70)), Buffer.from(input.slice(70))]).pipe(relevel));
  expect(linesOf(output)).toEqual([expect.stringMatching(LOWERED), OTHER, READY, FIRST, expect.stringMatching(SUMMARY)]);
  expect(relevel.counts).toMatchObject({ linesIn: 6, linesOut: 5, unchanged: 2, changed: 2, folded: 2, summaries: 1 });
  expect(relevel.counts.rules.get('probe')).toMatchObject({ fitted: 1, held: 1, lowered: 1 });
});

test('leaves bytes alone that no rule cares for', async () => {
  const input = Buffer.from('a\r\n\0\xff\xfe\n\n{"level":50}\n{"n":1e400} \nno newline', 'latin1');
  expect(await buffer(Readable.from([input]).pipe(createRelevel()))).toEqual(input);
});

test('takes text as it would take its bytes, also in another encoding', async () => {
  const relevel = createRelevel();
  const left = buffer(relevel);
  for (const part of ['é \u{1f600}', ' \ud800|', '']) relevel.write(part);
  relevel.write('é', 'latin1');
  relevel.end('c3a9', 'hex');
  const given = [Buffer.from('é \u{1f600} \ufffd|'), Buffer.from([0xe9, 0xc3, 0xa9])];
  expect(await left).toEqual(Buffer.concat(given));
});

test('takes lines from split2, and hands the same values on', async () => {
  const input = [TROUBLE, OTHER, READY, REPEAT, REPEAT, REPEAT].join('\n');
  const relevel = createRelevelLines({ rules: RULES });
  const lines: unknown[] = await Readable.from([input]).pipe(split2()).pipe(relevel).toArray();
  expect(lines).toEqual([expect.stringMatching(LOWERED), OTHER, READY, FIRST, expect.stringMatching(SUMMARY)]);
});

test('hands on bytes as the very same object, and changed ones as bytes', async () => {
  const other = Buffer.from(OTHER);
  const lines: unknown[] = await Readable.from([Buffer.from(TROUBLE), other, Buffer.from(READY), new Uint8Array(0)])
    .pipe(createRelevelLines({ rules: RULES }))
    .toArray();
  expect(lines[1]).toBe(other);
  expect(String(lines[0])).toMatch(LOWERED);
  expect(lines[3]).toEqual(new Uint8Array(0));
});

test('lets pass unseen what is no single line', async () => {
  const strange = ['two\nlines', '\u{d800} alone', '', `${REPEAT}\r`, `${REPEAT}\n`];
  const lines: unknown[] = await Readable.from([TROUBLE, ...strange, READY])
    .pipe(createRelevelLines({ rules: RULES, off: ['repeats'] }))
    .toArray();
  expect(lines).toEqual([expect.stringMatching(LOWERED), ...strange, READY]);
});

test('keeps a newline that a line comes with', async () => {
  const lines: unknown[] = await Readable.from([`${TROUBLE}\n`, Buffer.from(`${REPEAT}\n`), `${READY}\n`])
    .pipe(createRelevelLines({ rules: RULES }))
    .toArray();
  expect(lines[0]).toMatch(/"why":"kvm after \d+ ms"\}\}\n$/u);
  expect(lines.slice(1)).toEqual([Buffer.from(`${FIRST}\n`), `${READY}\n`]);
});

test('says what is no line at all', async () => {
  const relevel = createRelevelLines();
  relevel.write({ level: 50 });
  await expect(once(relevel, 'data')).rejects.toThrow('relevel: a line is a text or bytes, and this is of type object');
});

const open: Record<'createRelevel' | 'createRelevelLines', (options: RelevelOptions) => NodeJS.ReadWriteStream> = {
  createRelevel,
  createRelevelLines,
};

test.each(Object.entries(open))('%s decides by the clock while nothing comes', async (_name, make) => {
  const rules = {
    text: `
version: 1
rules:
  - id: quiet
    when: { msg: trouble }
    await: { failure: [{ msg: worse }], silence: success, within: 20ms, by: [] }
    then: { level: debug }
`,
  };
  const relevel = make({ rules });
  relevel.write('{"level":50,"msg":"trouble"}\n');
  const [line] = (await once(relevel, 'data')) as [string | Buffer];
  expect(String(line)).toContain('{"level":20,"msg":"trouble","relevel":{"rule":"quiet"');
});

test('closes groups by the clock', async () => {
  const rules = {
    text: `
version: 1
rules:
  - { id: often, when: { msg: again }, then: { level: warn }, repeat: { by: [], window: 300ms, rest: fold } }
`,
  };
  const relevel = createRelevel({ rules }).setEncoding('utf8');
  relevel.write('{"level":50,"msg":"again"}\n'.repeat(3));
  const [first] = (await once(relevel, 'data')) as [string];
  const [summary] = (await once(relevel, 'data')) as [string];
  expect(first).toContain('"was":"50"}');
  expect(summary).toContain('"repeats":2');
});

test('passes no deadline while nobody takes what leaves', async () => {
  let time = 1_700_000_000_000;
  const rules = {
    text: `
version: 1
rules:
  - { id: soon, when: { msg: trouble }, await: { success: [{ msg: fine }], within: 5ms, by: [] }, then: { level: debug } }
`,
  };
  const relevel = createRelevel({ rules, now: () => time, order: 'relaxed' }).setEncoding('utf8');
  relevel.write(`{"level":50,"time":${time},"msg":"trouble"}\n`);
  relevel.write(`${'x'.repeat(60_000)}\n`); // more than is taken without a reader
  relevel.write(`{"level":30,"time":${time + 1},"msg":"fine"}\n`); // came in time, and is not looked at yet
  time += 1000;
  // A timer set later than that of the deadline, and a turn after it.
  await new Promise((resolve) => setTimeout(() => setImmediate(resolve), 10));
  relevel.end();
  expect(await text(relevel)).toContain('"why":"success after 1 ms"');
});

test('is full where nobody reads, and goes on where somebody does', async () => {
  const relevel = createRelevel();
  let written = 0;
  const line = `${OTHER}\n`.repeat(1000);
  while (relevel.write(line)) written += 1;
  await new Promise(setImmediate);
  expect(relevel.readableLength).toBeLessThan(3 * (relevel.readableHighWaterMark + line.length));
  relevel.end();
  expect(await text(relevel)).toBe(line.repeat(written + 1));
});

test('goes through a pipeline with a slow reader, whole', async () => {
  const input = Array.from({ length: 20_000 }, (_, i) => `{"level":${i % 50 === 0 ? 50 : 30},"i":${i}}\n`).join('');
  let output = '';
  const slow = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      output += chunk.toString();
      setImmediate(done);
    },
  });
  await pipeline(Readable.from([...input.matchAll(/.{1,4000}/gsu)].map(([chunk]) => chunk)), createRelevel(), slow);
  expect(output).toBe(input);
});

test('keeps what was folded, and folds nothing that is not kept', async () => {
  const kept: string[] = [];
  const run = (archive: (line: Uint8Array) => void): Promise<string> =>
    text(Readable.from([`${REPEAT}\n`.repeat(3)]).pipe(createRelevel({ rules: RULES, archive })));
  const output = await run((line) => kept.push(Buffer.from(line).toString()));
  expect(kept).toEqual([`${REPEAT}\n`, `${REPEAT}\n`]);
  expect(linesOf(output)).toHaveLength(2);
  const unkept = await run(() => {
    throw new Error('disk full');
  });
  expect(linesOf(unkept)).toEqual([FIRST, REPEAT, REPEAT]);
});

test('takes other rules while it runs, and keeps those before where they are wrong', async () => {
  const relevel = createRelevel({ rules: RULES, maxRecord: 0 }).setEncoding('utf8');
  relevel.write(`${REPEAT}\n`);
  expect((await once(relevel, 'data'))[0]).toBe(`${FIRST}\n`);
  expect(() => relevel.reload({ text: 'version: 2' })).toThrow(RulesError);
  relevel.write(`${TROUBLE}\n`);
  relevel.reload(RULES, ['probe']);
  expect((await once(relevel, 'data'))[0]).toBe(`${TROUBLE}\n`);
  expect(relevel.counts.rules.get('probe')!.released.reload).toBe(1);
  relevel.destroy();
});

test('is safe to destroy', async () => {
  const relevel = createRelevel({ rules: RULES });
  relevel.on('error', () => {});
  relevel.write(`${TROUBLE}\npart`);
  relevel.destroy(new Error('enough'));
  await new Promise((resolve) => relevel.on('close', resolve));
  expect(relevel.destroyed).toBe(true);
  expect(process.listeners('exit').map(({ name }) => name)).not.toContain('tellExit');
});

const loaded = loadRules(RULES);

const given: readonly [claim: string, options: RelevelOptions][] = [
  ['a path', { rules: RULES }],
  [
    'text',
    { rules: { text: 'version: 1\nrules:\n  - { id: repeats, when: { msg: { contains: ethtool } }, then: { level: warn } }\n' } },
  ],
  ['several', { rules: ['builtin/hypervisor', RULES] }],
  ['loaded ones', { rules: loaded }],
  ['loaded ones that went through JSON', { rules: JSON.parse(JSON.stringify(loaded)) as typeof loaded }],
];

test.each(given)('takes rules as %s', async (_claim, options) => {
  expect(await text(Readable.from([`${REPEAT}\n`]).pipe(createRelevel(options)))).toBe(`${FIRST}\n`);
});

test('uses the packs that ship where no rules are named', async () => {
  const line =
    '{"level":50,"pid":1,"hostname":"a","interface":"veth0","errno":95,"code":"EOPNOTSUPP","outcome":"unsupported","msg":"ethtool statistics are not supported by veth0"}\n';
  const relevel = createRelevel();
  const output = await text(Readable.from([line.repeat(2)]).pipe(relevel));
  expect(relevel.counts).toMatchObject({ changed: 1, folded: 1 });
  expect(output).toContain('"repeats":1');
});

const wrong: readonly [claim: string, options: unknown, error: string | RegExp][] = [
  ['no such file', { rules: '/no/such/rules.yaml' }, /^rules: \/no\/such\/rules\.yaml: cannot read: no such file or directory$/u],
  ['no such pack', { rules: 'builtin/ethtol' }, 'rules: no pack is called "builtin/ethtol"; did you mean "builtin/ethtool"'],
  ['an id that no rule has', { rules: RULES, off: ['prob'] }, 'off: no rule has the id "prob"; did you mean "probe"'],
  ['an id twice', { rules: [loaded, RULES] }, /duplicate id "probe"/u],
  ['two problems', { rules: { text: 'version: 1\nrule: []\nprotct: []', name: 'mine' } }, /^mine:2:1: .*\n\nmine:3:1: /su],
  ['no rules at all', { rules: 7 }, 'rules: neither a name (a path, "builtin"), nor { text }, nor rules that were loaded'],
  ['an option that is none', { hold: 7 }, /^relevel: unknown option "hold"; options are rules, off, /u],
  ['a near one', { holdLine: 7 }, 'relevel: unknown option "holdLine"; did you mean "holdLines"'],
  [
    'no bound',
    { holdLines: 0, clock: 'wall' },
    'relevel: holdLines: not a whole number from 1 to 1000000000; clock: not one of live, replay',
  ],
];

test.each(wrong)('says what is wrong: %s', (_claim, options, error) => {
  expect(() => createRelevel(options as RelevelOptions)).toThrow(error);
});

test('names all problems, with their places', () => {
  try {
    createRelevel({ rules: [{ text: 'version: 1\nrule: []\nprotct: []', name: 'mine' }, '/gone'] });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(RulesError);
    const { problems, faults } = error as RulesError;
    expect(problems.map(({ file, line, code }) => [file, line, code])).toEqual([
      ['mine', 2, 'unknown-key'],
      ['mine', 3, 'unknown-key'],
    ]);
    expect(faults).toEqual(['rules: /gone: cannot read: no such file or directory']);
  }
});
