import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Exposition } from '../../src/sidecar/exposition.ts';
import { readExposition } from './exposition-reader.ts';

const TRICKY = String.raw`a "quoted" \ back` + '\nslash, {brace} = é 😀';

test('writes families as the format asks', () => {
  const page = new Exposition();
  page.counter('a_lines_total', 'Lines.', [
    [{ of: 'x', and: 'y"\\\n' }, 3],
    [{}, 0],
  ]);
  page.gauge('b_bytes', 'Two\nlines \\ of help.', [[{}, 1.5]]);
  page.histogram('c_seconds', 'How long.', { bounds: [0.5, 1], counts: [2, 0, 1], sum: 3.25 });
  expect(page.text).toBe(String.raw`# HELP a_lines_total Lines.
# TYPE a_lines_total counter
a_lines_total{of="x",and="y\"\\\n"} 3
a_lines_total 0
# HELP b_bytes Two\nlines \\ of help.
# TYPE b_bytes gauge
b_bytes 1.5
# HELP c_seconds How long.
# TYPE c_seconds histogram
c_seconds_bucket{le="0.5"} 2
c_seconds_bucket{le="1"} 2
c_seconds_bucket{le="+Inf"} 3
c_seconds_sum 3.25
c_seconds_count 3
`);
});

test('any label and any value can be read back', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(TRICKY), fc.constantFrom('\\n', '\\', '"', '\n', '\r'));
  fc.assert(
    fc.property(text, text, fc.double(), (label, help, value) => {
      const page = new Exposition();
      page.gauge('some_bytes', `Help: ${help}`.replaceAll('\r', ''), [[{ label }, value]]);
      const family = readExposition(page.text).get('some_bytes')!;
      expect(family.help).toBe(`Help: ${help}`.replaceAll('\r', ''));
      expect([...family.samples[0]!.labels]).toEqual([['label', label]]);
      expect(family.samples[0]!.value + 0).toBe(value + 0); // 0 and -0 are one
    }),
  );
});

test('the reader of these tests is strict', () => {
  const good = '# HELP a_bytes A.\n# TYPE a_bytes gauge\na_bytes{l="v"} 1\n';
  expect([...readExposition(good).keys()]).toEqual(['a_bytes']);
  const bad = [
    good.slice(0, -1),
    good.replace('# HELP a_bytes A.\n', ''),
    good.replace('# TYPE a_bytes gauge\n', ''),
    good + good,
    good.replace('gauge', 'counter'),
    good.replaceAll('a_bytes', 'a_kilobytes'),
    good.replaceAll('a_bytes', 'a_total'),
    good.replaceAll('a_bytes', 'a'),
    good.replace('"v"', String.raw`"\v"`),
    good.replace('"v"', '"v'),
    good.replace('l=', '1='),
    good.replace('} 1', '} one'),
    `${good}a_bytes{l="v"} 2\n`,
    `${good}b_bytes 2\n`,
  ];
  for (const text of bad) expect(() => readExposition(text), text).toThrow(Error);
  const histogram = (...lines: string[]): string =>
    `# HELP h_seconds H.\n# TYPE h_seconds histogram\n${lines.map((line) => `h_seconds${line}\n`).join('')}`;
  readExposition(histogram('_bucket{le="1"} 1', '_bucket{le="+Inf"} 2', '_sum 3', '_count 2'));
  const wrong = [
    histogram('_bucket{le="1"} 3', '_bucket{le="+Inf"} 2', '_sum 3', '_count 2'),
    histogram('_bucket{le="1"} 1', '_sum 3', '_count 1'),
    histogram('_bucket{le="2"} 1', '_bucket{le="1"} 1', '_bucket{le="+Inf"} 2', '_sum 3', '_count 2'),
    histogram('_bucket{le="+Inf"} 2', '_sum 3', '_count 1'),
    histogram('_bucket{le="+Inf"} 2', '_count 2'),
  ];
  for (const text of wrong) expect(() => readExposition(text), text).toThrow(Error);
});
