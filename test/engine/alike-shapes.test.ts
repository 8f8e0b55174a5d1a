import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agree, BASE, chunked } from '../support/by-alike.ts';
import { rulesOf } from '../support/run.ts';

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
  ts: ['null', 'null', 'true', '7', '"x"', 'false'],
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
        fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat()), { minLength: 13, maxLength: 13 }),
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

test('does with lines that are alike what it would do without knowing so, where many lines look alike, and differ in some values', () => {
  let alike = 0;
  let lines = 0;
  fc.assert(
    fc.property(shaped, fc.constantFrom(...ANYWHERE), fc.constantFrom(2500, 300), (all, anywhere, size) => {
      lines += all.length;
      alike += agree(rulesOf(shapedRules(anywhere)), chunked(all, [size]), {});
    }),
    { numRuns: 700 },
  );

  expect(alike / lines).toBeGreaterThan(0.1);
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
  let alike = 0;
  for (const text of texts) {
    const lines = [...others, ...others, tail, ...others, tail, others[0]!].map(
      (rest, i) => `time=${new Date(BASE + i).toISOString()} level=error if=lxc1 msg=failed far=${'.'.repeat(40)} ${rest}`,
    );
    alike += agree(rulesOf(WIDE(text)), chunked(lines, [10_000]), {});
  }
  expect(alike).toBeGreaterThan(texts.size);
});

test.each([
  ['JSON, null', '{ in: [null] }', ['"ts":null', '"ts":null', '"ts":7', '"ts":null']],
  ['JSON, true', '{ in: [true] }', ['"ts":true', '"ts":true', '"ts":7', '"ts":true']],
  ['logfmt, no value', '{ exists: true }', ['ts', 'ts', '7', 'ts']],
])('does not take a number for a word in the place of a second time: %s', (_, asked, members) => {
  const rules = `
version: 1
rules:
  - id: second
    when: { msg: failed, ts: ${asked} }
    then: { level: info }
    repeat: { by: [if], window: 1h, rest: fold }
`;
  const lines = members.map((member, i) =>
    member.includes(':')
      ? `{"time":${BASE + i},${member},"level":50,"if":"lxc1","msg":"failed"}`
      : `time=${new Date(BASE + i).toISOString()} level=error ${member} if=lxc1 msg=failed`,
  );
  expect(agree(rulesOf(rules), chunked(lines, [10_000]), {})).toBe(1);
});

test('keeps the last line of a group whole, however much of it is its own', () => {
  let alike = 0;
  for (const length of [0, 1, 15, 16, 17, 120, 140, 150, 160, 170, 175, 176, 177, 255, 256, 257, 400]) {
    for (const name of ['note', 'if']) {
      const lines = [1, length + 1, 1, length, length].map((each, i) => {
        const value = (i % 2 === 0 ? 'a' : 'b').repeat(each);
        const iface = name === 'if' ? value : 'lxc1';
        return `{"time":${BASE + i},"level":50,"if":"${iface}","msg":"failed","more":${i},"note":"${name === 'note' ? value : ''}"}`;
      });
      alike += agree(rulesOf(WIDE('nowhere')), chunked([...lines, lines[4]!, ...lines], [100_000]), {});
    }
  }
  expect(alike).toBeGreaterThan(100);
});

/** Lines of one rule that `WIDE` folds, by the values of `if`. */
const devices = (names: readonly string[], more = ''): readonly string[] =>
  names.map((name, i) => `{"time":${BASE + i},"level":50,"if":"${name}","msg":"failed"${more}}`);

test('tells values apart that hash alike: one that begins the other, and two that differ in their middle', () => {
  for (const [one, other] of [
    ['ababababababac', 'abababababab'],
    ['12345678-a-12345678', '12345678-b-12345678'],
  ] as const) {
    const names = [one, one, other, one, other, other, one, other];
    expect(agree(rulesOf(WIDE('nowhere')), chunked(devices(names), [10_000]), {})).toBe(names.length - 4);
  }
});

// Of two sources, by turns: twice as many.
test.each([4096, 4097, 9000])('folds into %d groups of each source', (count) => {
  const names = Array.from({ length: 3 * count }, (_, i) => `eth${i % count}`);
  const alike = agree(rulesOf(WIDE('nowhere')), chunked(devices(names), [200_000]), { groups: 20_000 });
  expect(alike).toBeGreaterThan(count / 2);
});

// Lines of more than 64 values have no shape.
test.each([55, 60, 61, 62, 63, 64, 70])('folds lines of %d more values than it is asked for', (count) => {
  const more = Array.from({ length: count }, (_, i) => `,"more${i}":${i}`).join('');
  expect(agree(rulesOf(WIDE('nowhere')), chunked(devices(['a', 'a', 'b', 'a', 'b'], more), [10_000]), {})).toBe(
    count <= 60 ? 1 : 0,
  );
});
