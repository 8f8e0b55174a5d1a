import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { feed, placeOf, slices } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

interface Outcome {
  readonly outputs: readonly string[];
  readonly counts: unknown;
  /** Lines that the kernel folded. */
  readonly inKernel: number;
}

/** An engine that takes chunks one by one, and folds in the kernel or does not. */
function open(rules: RuleSet, settings: Partial<EngineSettings>, byKernel: boolean, step = 0) {
  const engine = new Engine(rules, { ...ROOMY, ...settings });
  if (!byKernel) engine.runs.yield('idle');
  const written: Buffer[][] = [[], [], []];
  const sources = ['stdin', 'other'].map((name) => engine.source(name));
  // Both streams of a child are inputs of one source, and each has its own order.
  const inputs = written.map((pieces, i) =>
    sources[i >> 1]!.input({ write: (bytes, start, end) => void pieces.push(Buffer.from(bytes.subarray(start, end))) }),
  );
  let now = BASE;
  return {
    push: (chunk: Buffer, i: number): void => {
      now += step;
      if (settings.clock === 'live') engine.advance(now);
      const lent = placeOf(chunk, engine, byKernel);
      inputs[i % inputs.length]!.push(lent, now);
      lent.fill(0x21);
    },
    end: (): Outcome => {
      for (const input of inputs) input.end(now);
      for (const source of sources) source.end(now);
      return {
        outputs: written.map((pieces) => Buffer.concat(pieces).toString('latin1')),
        counts: engine.counts,
        inKernel: engine.runs.lines,
      };
    },
  };
}

/** Sends chunks through an engine, so many ms after one another. */
function send(
  rules: RuleSet,
  chunks: readonly Buffer[],
  settings: Partial<EngineSettings>,
  byKernel: boolean,
  step?: number,
): Outcome {
  const engine = open(rules, settings, byKernel, step);
  chunks.forEach(engine.push);
  return engine.end();
}

/** What the times of generated lines are near to. */
const BASE = Date.UTC(2025, 8, 25, 12);

function agree(rules: RuleSet, chunks: readonly Buffer[], settings: Partial<EngineSettings>, step?: number): number {
  const ours = send(rules, chunks, settings, true, step);
  const { inKernel, ...plain } = send(rules, chunks, settings, false, step);
  expect(ours).toEqual({ ...plain, inKernel: ours.inKernel });
  expect(inKernel).toBe(0);
  return ours.inKernel;
}

/** Lines that come again and again, so that there is something to fold. */
const repeating = fc.tuple(stream, fc.array(fc.nat(), { minLength: 10, maxLength: 60 })).map(([arrivals, order]) => {
  const lines = arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [arrival.line]));
  return lines.length === 0 ? [] : order.map((which) => lines[which % Math.min(lines.length, 6)]!);
});

/** The same rules, as far as the kernel can fold for them: nothing waits, and nothing is counted out. */
const foldsMore = ({ rules, protect }: RuleSet): RuleSet => ({
  protect,
  rules: rules.map((rule) => ({ ...rule, await: undefined, budget: undefined })),
});

const chunked = (lines: readonly string[], sizes: readonly number[]): Buffer[] =>
  slices(Buffer.from(lines.map((line) => `${line}\n`).join('')), sizes);

test('folds by the kernel what it would fold without it, and nothing else', () => {
  let inKernel = 0;
  fc.assert(
    fc.property(
      rulesFile,
      repeating,
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom<Partial<EngineSettings>>({}, { clock: 'live' }, { groups: 2 }, { groupBytes: 2000 }, { maxLine: 90 }),
      fc.nat({ max: 2000 }),
      (file, lines, sizes, settings, step) => {
        inKernel += agree(rulesOf(file), chunked(lines, sizes), settings, step);
        inKernel += agree(foldsMore(rulesOf(file)), chunked(lines, sizes), settings, step);
      },
    ),
    { numRuns: 500 },
  );
  expect(inKernel).toBeGreaterThan(20);
});

const RULES = `
version: 1
rules:
  - id: unsupported
    when:
      level: { at_least: warn }
      msg: { contains: ethtool, starts_with: e, ends_with: d }
      if: { glob: ['lxc*', 'e*0', eth] }
      any: [{ errno: { in: [95, -95] } }, { errno: { gt: 100, lte: 200 } }, { code: { in: [X, true, null] } }]
      not: { ok: { exists: true } }
    then: { level: warn }
    repeat: { by: [if], window: 10s, rest: fold }
    until: 2026-01-01
  - id: others
    when: { level: { at_least: info }, msg: { contains: 'all else' } }
    then: { level: info }
    repeat: { by: [{ field: msg, mask: all }], window: 1m, rest: fold }
protect: [{ msg: { contains: sacred } }]
`;

const time = fc.oneof(
  fc.integer({ min: 0, max: 40_000 }).map((ms) => String(BASE + ms)),
  fc.integer({ min: 0, max: 40_000 }).map((ms) => JSON.stringify(new Date(BASE + ms).toISOString())),
  fc.constantFrom(
    '"2025-09-25T12:00:01.123456789Z"',
    '"2025-09-25 12:00:01.5z"',
    '"2025-09-25T12:00:60Z"',
    '"2025-09-25T21:00:01+0900"',
    '"2026-01-01T00:00:00Z"',
    '"2024-02-30T00:00:00Z"',
    '1758801600',
    '1758801600.5',
    '1758801600000000',
    '1e12',
    'null',
  ),
);
const level = fc.constantFrom('50', '50', '40', '35', '60', '"error"', '"WARN"', '"Warning"', '"50"', '"WARN+2"', '"x"', '5e1');
const member = fc.constantFrom(
  ...['"ok":1', '"code":"X"', '"code":true', '"code":"true"', '"code":null', '"errno":95', '"errno":-95', '"errno":95.0'],
  ...['"errno":150', '"errno":"95"', '"errno":1e2', '"relevel":{}', '"nested":{"a":[1,"}"]}', '"level":50', '"path":"a\\/b"'],
  ...['"text":"\\u0041"', '"text":"\\n"', '"é":"ü"'],
);
const msg = fc.constantFrom(
  'ethtool failed',
  'ethtool failed',
  'ethtool',
  'all else',
  'all else is well',
  'sacred ethtool failed',
  '',
);
const device = fc.constantFrom('"lxc1"', '"lxc2"', '"eth0"', '"eth"', '"wlan"', '7', '""', `"${'lxc'.repeat(90)}"`);

const json = fc
  .tuple(
    level,
    time,
    msg,
    device,
    fc.subarray(['"errno":95', '"errno":150', '"code":"X"'], { maxLength: 1 }),
    fc.array(member, { maxLength: 1 }),
    fc.nat({ max: 9 }),
  )
  .map(([lvl, at, text, iface, cause, more, spoil]) => {
    const members = [
      `"level":${lvl}`,
      `"time":${at}`,
      `"if":${iface}`,
      ...cause,
      ...(spoil > 6 ? more : []),
      `"msg":${JSON.stringify(text)}`,
    ];
    return `{${members.join(',')}}${spoil === 6 ? '\r' : spoil === 5 ? ' ' : ''}`;
  });
const logfmt = fc
  .tuple(
    level,
    time,
    msg,
    device,
    fc.constantFrom('errno=95', 'errno=-95', 'errno="95"', 'errno=095', 'code=true', 'code', 'code="X"', 'errno=150'),
    fc.boolean(),
  )
  .map(([lvl, at, text, iface, cause, extra]) =>
    [
      'level=' + lvl.replaceAll('"', ''),
      'time=' + at,
      'if=' + iface,
      cause,
      ...(extra ? ['more="a b"'] : []),
      `msg=${JSON.stringify(text)}`,
    ].join(' '),
  );

test('and so it does where nearly everything can be folded', () => {
  let inKernel = 0;
  let lines = 0;
  fc.assert(
    fc.property(
      fc.array(fc.oneof(json, logfmt), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 80 }),
      fc.constantFrom<Partial<EngineSettings>>({}, { clock: 'live' }),
      fc.nat({ max: 4000 }),
      (some, order, settings, step) => {
        const all = order.map((which) => some[which % some.length]!);
        lines += all.length;
        inKernel += agree(rulesOf(RULES), chunked(all, [2500]), settings, step);
      },
    ),
    { numRuns: 700 },
  );

  expect(inKernel / lines).toBeGreaterThan(0.05);
});

/** Texts that are asked for anywhere in a line: in a value, across its beginning or its end, across what comes between two. */
const ANYWHERE = [
  ['odd one', 'sacred'],
  [':1234', 'size=0'],
  ['e=0', 'y s'],
];

const shapedRules = ([seldom, sacred]: readonly string[]): string => `
version: 1
rules:
  - id: seldom
    when: { $line: { contains: '${seldom}' }, level: error }
    then: { level: debug }
  - id: known
    when: { msg: { contains: failed }, errno: { in: [95, -95, null, true] } }
    then: { level: warn }
    repeat: { by: [if], window: 10s, rest: fold }
  - id: matched
    when: { msg: { matches: '^all .* well$' }, any: [{ code: { glob: 'E*' } }, { code: { exists: false } }] }
    then: { level: info }
    repeat: { by: [if, errno], window: 10s, rest: fold }
protect: [{ $line: { contains: '${sacred}' } }, { time: { gt: ${BASE + 35_000} }, msg: { contains: well } }]
`;

/** Values that a line's shape may take for others of its kind, in JSON and in logfmt. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  level: ['50', '50', '40', '30', '5e1', '"error"', '050', '60'],
  if: ['"lxc1"', '"lxc1"', '"eth0"', '"a,b"', '"a\\"b"', '"{"', '""', '1', '"x y"', `"${'lxc'.repeat(70)}"`],
  errno: ['95', '95', '-95', '95.0', '9.5e1', '"95"', 'null', 'true', '1', '12345678901234567890'],
  code: ['"EOPNOTSUPP"', '"EOPNOTSUPP"', '"ENOENT"', '"no"', '""', '7'],
  msg: ['"it failed"', '"it failed"', '"all is well"', '"well"', '"it failed: an odd one"', '"it failed\\n"', '"failed, sacred"'],
  note: [
    '"x"',
    '"y"',
    '"odd one"',
    '"sacred"',
    `"${'long '.repeat(34)}"`,
    '{"a":[1,"}"]}',
    '{"a":[2,"odd one"]}',
    '[]',
    'false',
    '"\\u0041"',
    '17',
    '17',
    '-0',
    '05',
    '5.',
    '1e5',
    '1e',
  ],
  size: ['17', '17', '0', '05', '5.', '1e5', '1e', '-0', '12345678901234567890'],
};

const shapedLine = (isJson: boolean, at: number, members: readonly (readonly [name: string, value: string])[]): string => {
  if (isJson)
    return `{${[['time', String(BASE + at)] as const, ...members].map(([name, value]) => `"${name}":${value}`).join(',')}}`;
  const bare = (value: string): string => (/^"[a-z\d]+"$/iu.test(value) && at % 3 > 0 ? value.slice(1, -1) : value);
  const pairs = members.map(([name, value]) => (value === 'true' ? name : `${name}=${bare(value).replaceAll(/[{}[\]]/gu, '')}`));
  return `time=${new Date(BASE + at).toISOString()} ${pairs.join(' ')}`;
};

const BASIC = ['level', 'errno', 'if', 'msg'];

/** In which order which names come; now and then one comes twice. */
const shape = fc
  .tuple(fc.boolean(), fc.subarray(Object.keys(VALUES)), fc.nat({ max: 5 }), fc.integer())
  .map(([isJson, more, twice, order]) => {
    const names = twice === 5 ? [...BASIC, ...more] : [...new Set([...BASIC, ...more])];
    return { isJson, names: order % 2 === 0 ? names : names.toReversed() };
  });

/** Lines of a few shapes, of which most have the same values. */
const shaped = fc.array(shape, { minLength: 1, maxLength: 6 }).chain((shapes) =>
  fc.array(
    fc
      .tuple(
        fc.nat({ max: shapes.length - 1 }),
        fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat()), { minLength: 12, maxLength: 12 }),
        fc.nat({ max: 40_000 }),
      )
      .map(([which, picks, at]) => {
        const { isJson, names } = shapes[which]!;
        const members = names.map((name, i) => [name, VALUES[name]![picks[i]! % VALUES[name]!.length]!] as const);
        return shapedLine(isJson, at, members);
      }),
    { minLength: 30, maxLength: 120 },
  ),
);

test('and so it does where many lines look alike, and differ in some values', () => {
  let inKernel = 0;
  let lines = 0;
  fc.assert(
    fc.property(shaped, fc.constantFrom(...ANYWHERE), fc.constantFrom(2500, 300), (all, anywhere, size) => {
      lines += all.length;
      inKernel += agree(rulesOf(shapedRules(anywhere)), chunked(all, [size]), {});
    }),
    { numRuns: 700 },
  );

  expect(inKernel / lines).toBeGreaterThan(0.1);
});

const WIDE = (text: string): string => `
version: 1
rules:
  - id: wide
    when: { $line: { contains: '${text}' } }
    then: { level: debug }
  - id: known
    when: { msg: failed }
    then: { level: warn }
    repeat: { by: [if], window: 1h, rest: fold }
`;

test('finds what is asked for anywhere in a line also where it begins in what lines have in common, or ends there', () => {
  const tail = 'quiz=no note=y';
  const texts = new Set<string>();
  for (let start = 0; start < tail.length; start += 1)
    for (let end = start + 2; end <= tail.length; end += 1) texts.add(tail.slice(start, end));
  const others = ['quiz=in note=x', 'quiz=an note=x', 'quiz=in note=z', 'quiz=an note=y'];
  let inKernel = 0;
  for (const text of texts) {
    const lines = [...others, ...others, tail, ...others, tail, others[0]!].map(
      (rest, i) => `time=${new Date(BASE + i).toISOString()} level=error if=lxc1 msg=failed far=${'.'.repeat(40)} ${rest}`,
    );
    inKernel += agree(rulesOf(WIDE(text)), chunked(lines, [10_000]), {});
  }
  expect(inKernel).toBeGreaterThan(texts.size);
});

test('keeps the last line of a group whole, however much of it is its own', () => {
  let inKernel = 0;
  for (const length of [0, 1, 15, 16, 17, 120, 140, 150, 160, 170, 175, 176, 177, 255, 256, 257, 400]) {
    for (const name of ['note', 'if']) {
      const lines = [1, length + 1, 1, length, length].map((each, i) => {
        const value = (i % 2 === 0 ? 'a' : 'b').repeat(each);
        const iface = name === 'if' ? value : 'lxc1';
        return `{"time":${BASE + i},"level":50,"if":"${iface}","msg":"failed","more":${i},"note":"${name === 'note' ? value : ''}"}`;
      });
      inKernel += agree(rulesOf(WIDE('nowhere')), chunked([...lines, lines[4]!, ...lines], [100_000]), {});
    }
  }
  expect(inKernel).toBeGreaterThan(100);
});

test('and so it does where repeats stand among lines that nobody asks for, in more places than are noted at once', () => {
  const fits = (i: number): string => `{"level":50,"time":${BASE + i},"if":"lxc1","errno":95,"msg":"ethtool failed"}`;
  const lines = Array.from({ length: 6000 }, (_, i) => {
    // Folded; passed over by its text; by its values; not timed; longer than a line that is judged.
    if (i % 2 === 0) return fits(i);
    const others = [
      `{"level":30,"time":${BASE + i},"msg":"served"}`,
      `{"level":50,"time":${BASE + i},"if":"lxc1","errno":7,"msg":"ethtool failed"}`,
      '{"msg":"when?"}',
      fits(i).replace('failed', `${' '.repeat(400)}failed`),
    ];
    return others[(i >> 1) % others.length]!;
  });
  for (const size of [1_000_000, 65_536])
    expect(agree(rulesOf(RULES), chunked(lines, [size]), { maxLine: 400 })).toBeGreaterThan(2990);
});

test('hands the kernel from one engine to the next, and loses no count', () => {
  const rules = rulesOf(RULES);
  const line = `{"level":50,"time":${BASE},"if":"lxc1","errno":95,"msg":"ethtool failed"}\n`;
  const written: string[][] = [[], []];
  const engines = [0, 1].map((which) => {
    const engine = new Engine(rules, ROOMY);
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
  expect(engines.map(({ engine }) => engine.runs.lines)).toEqual([9, 29]);
  for (const lines of written) expect(lines.join('')).toMatch(/"repeats":29/u);
});

test('keeps engines apart that take turns with rules of their own', () => {
  let inKernel = 0;
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
          inKernel += own.inKernel;
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(inKernel).toBeGreaterThan(5);
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
  const engine = new Engine(rulesOf(FOLDING), ROOMY);
  const pieces: string[] = [];
  const source = engine.source('stdin');
  const input = source.input({ write: (bytes, start, end) => pieces.push(Buffer.from(bytes.subarray(start, end)).toString()) });
  for (const after of [1, 2, 3]) input.push(line(after), 0);
  expect(engine.runs.lines).toBe(2);
  engine.adopt(rulesOf(QUOTING), 0);
  pieces.length = 0;
  input.push(line(4), 0);
  expect(pieces.join('')).toBe(quoted(4));
});
