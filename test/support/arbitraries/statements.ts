import fc from 'fast-check';

// Lines as programs log them: a few statements, each with the same keys, some of whose values differ from line to line.

const key = fc.constantFrom('level', 'a', 'b.c', 'b', 'error', 'x', 'msg', 'time', 'other', 'some_longer_key_than_sixteen');
const text = fc.constantFrom('', 'up', 'a longer text than sixteen bytes', 'x'.repeat(70), 'é', '{}', ']', 'a=b', '[1]');

interface Member {
  readonly key: string;
  readonly manner: 'same' | 'text' | 'number' | 'unique' | 'mixed' | 'nested';
}

const member = fc.record<Member>({
  key,
  manner: fc.constantFrom('same', 'same', 'text', 'text', 'number', 'number', 'unique', 'mixed', 'nested'),
});

interface Statement {
  readonly format: 'json' | 'spaced' | 'logfmt';
  readonly members: readonly Member[];
}

const statement = fc.record<Statement>({
  format: fc.constantFrom('json', 'json', 'spaced', 'logfmt'),
  members: fc
    .uniqueArray(member, { maxLength: 6, selector: (each) => each.key })
    .map((members) => [{ key: 'level', manner: 'text' } as const, ...members.filter((each) => each.key !== 'level')]),
});

const LEVELS = ['info', 'error', 'warn'];

function jsonValue({ key: name, manner }: Member, choice: number, some: string, line: number): string {
  if (name === 'level') return JSON.stringify(LEVELS[choice % LEVELS.length]);
  switch (manner) {
    case 'same':
      return '"the same"';
    case 'text':
      return JSON.stringify(some);
    case 'number':
      return ['0', '-1.5e3', '42', '1234567890123456789', '0.25'][choice % 5]!;
    case 'unique':
      return `"id-${line}"`;
    case 'mixed':
      return ['true', 'null', '7', '"seven"', 'false'][choice % 5]!;
    case 'nested':
      return `{"n":${choice % 100},"c":${JSON.stringify(some)},"l":[1,"${choice % 7}"],"d":{"e":${choice % 9},"n":null}}`;
  }
}

function logfmtValue({ key: name, manner }: Member, choice: number, some: string, line: number): string {
  if (name === 'level') return LEVELS[choice % LEVELS.length]!;
  switch (manner) {
    case 'same':
      return '"the same"';
    case 'text':
      return `"${some}"`;
    case 'number':
      return String(choice % 1000);
    case 'unique':
      return `id-${line}`;
    case 'mixed':
      return ['', 'a=b"c', '\\u0041', '"quoted"', 'plain'][choice % 5]!;
    case 'nested':
      return '{}';
  }
}

function write({ format, members }: Statement, choices: readonly number[], some: string, line: number): string {
  const each = members.map((one, i) => [one, choices[i % choices.length]! >> (i & 3)] as const);
  if (format === 'logfmt') return each.map(([one, choice]) => `${one.key}=${logfmtValue(one, choice, some, line)}`).join(' ');
  const [colon, comma] = format === 'json' ? [':', ','] : [': ', ', '];
  return `{${each.map(([one, choice]) => `"${one.key}"${colon}${jsonValue(one, choice, some, line)}`).join(comma)}}`;
}

/** Lines of a few statements, in any order. */
export const logged: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    fc.array(statement, { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), text), { minLength: 20, maxLength: 60 }),
  )
  .map(([statements, calls]) =>
    calls.map(([which, choices, some], line) => write(statements[which % statements.length]!, choices, some, line)),
  );
