import { expect, test } from 'vitest';
import { runExamples } from '../../src/engine/examples.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const RULES = `
version: 1
events:
  kvm: { device: /dev/kvm, outcome: ready }
  none: { msg: { contains: 'No Hypervisor' } }
rules:
  - id: first
    when: { msg: { contains: shadowed } }
    then: { level: info }
  - id: probe
    when: { msg: { contains: 'Error creating' } }
    await: { success: [kvm], failure: [none], within: 1s, silence: success, by: [pid] }
    then: { level: debug, msg: 'no MSHV', note: 'KVM is in use' }
    else: { level: fatal }
    examples: [{ name: it, lines: LINES }]
  - id: repeats
    when: { any: [{ msg: { contains: ethtool } }, { msg: { contains: shadowed } }] }
    then: { level: warn }
    repeat: { by: [], window: 10m, rest: fold }
`;

const SLOW = '{"level":50,"pid":7,"msg":"Error creating MSHV"}';
const KVM = '{"level":30,"pid":7,"device":"/dev/kvm","outcome":"ready"}';
const NONE = '{"level":50,"pid":7,"msg":"No Hypervisor was found"}';
const AGAIN = '{"level":50,"msg":"ethtool failed"}';

/** Entries of an example, in YAML, and all that is wrong with them. */
const failuresOf = (...lines: string[]) => runExamples(rulesOf(RULES.replace('LINES', `[${lines.join(', ')}]`)), ROOMY);

const entry = (at: string, line: string, becomes: string): string => `{ at: ${at}, line: '${line}', becomes: ${becomes} }`;

const good: readonly [claim: string, ...lines: string[]][] = [
  ['a success lowers', entry('0s', SLOW, 'debug'), entry('40ms', KVM, 'same')],
  [
    'a map is checked',
    entry('0s', SLOW, "{ level: debug, rule: probe, msg: no MSHV, note: KVM is in use, why: 'kvm after 40 ms' }"),
    entry('40ms', KVM, 'same'),
  ],
  ['a failure raises', entry('0s', SLOW, 'fatal'), entry('40ms', NONE, 'same')],
  ['time alone passes a deadline', entry('0s', SLOW, "{ why: 'silence for 1000 ms' }"), '{ at: 1s }'],
  ['time does not pass it early', entry('0s', SLOW, 'same'), '{ at: 999ms }'],
  ['a line at the very deadline decides', entry('0s', SLOW, "{ why: 'kvm after 1000 ms' }"), entry('1s', KVM, 'same')],
  ['a line behind it does not', entry('0s', SLOW, "{ why: 'silence for 1000 ms' }"), entry('1001ms', KVM, 'same')],
  ['the end of the input decides nothing here', entry('0s', SLOW, 'same')],
  ['an unchanged line has its level', entry('0s', KVM, 'info')],
  ['an opaque line is the same', entry('0s', 'plain text', 'same')],
  ['what is not said is not checked', `{ line: '${SLOW}' }`, '{ at: 2s }'],
  [
    'a repeat is folded, a summary is nobody’s',
    entry('0s', AGAIN, 'warn'),
    entry('1s', AGAIN, 'folded'),
    entry('2s', AGAIN, 'folded'),
  ],
  [
    'equal lines are told apart',
    entry('0s', AGAIN, 'warn'),
    entry('1s', AGAIN, 'folded'),
    entry('10m', AGAIN, 'warn'),
    entry('601s', AGAIN, 'folded'),
  ],
  ['pairs are read too', entry('0s', 'level=error msg="ethtool"', '{ level: warn, rule: repeats, msg: ethtool }')],
  [
    'and what is appended to a text line',
    entry('0s', '[2026-01-01T00:00:00Z ERROR x] Error creating MSHV pid=7', 'same'),
    entry('0s', '[2026-01-01T00:00:00Z ERROR x] ethtool failed', '{ level: warn, rule: repeats, msg: ethtool failed }'),
  ],
  ['the first rule that fits judges', entry('0s', '{"level":50,"msg":"shadowed"}', '{ rule: first, level: info }')],
];

test.each(good)('%s', (_claim, ...lines) => {
  expect(failuresOf(...lines)).toEqual([]);
});

const bad: readonly [
  claim: string,
  lines: string[],
  failure: readonly [line: number, expected: string, got: string, hint: string],
][] = [
  [
    'another level',
    [entry('0s', SLOW, 'info'), entry('1ms', KVM, 'same')],
    [1, 'level info', 'level debug', 'what decided: kvm after 1 ms'],
  ],
  [
    'same, and was changed',
    [entry('0s', AGAIN, 'same')],
    [1, 'same (the same bytes)', 'level warn, rule repeats', 'rule "repeats", which judges the line first'],
  ],
  [
    'changed, and is the same',
    [entry('0s', KVM, 'debug')],
    [1, 'level debug', 'level info (the line is unchanged)', '"when": the rule fits no line of this example'],
  ],
  [
    'folded, and is not',
    [entry('0s', SLOW, 'folded'), '{ at: 5s }'],
    [
      1,
      'folded (counted in a summary)',
      'level debug, rule probe, note KVM is in use, why silence for 1000 ms',
      'what decided: silence for 1000 ms',
    ],
  ],
  [
    'not folded, and is',
    [entry('0s', AGAIN, 'warn'), entry('1s', AGAIN, 'warn')],
    [2, 'level warn', 'folded (counted in a summary)', '"when": the rule fits no line of this example'],
  ],
  [
    'a line that still waits',
    [entry('0s', SLOW, 'debug')],
    [1, 'level debug', 'level error (the line is unchanged)', 'the end: the line still waited; let time pass with { at: ... }'],
  ],
  [
    'a key that is missing',
    [entry('0s', '{"level":50,"msg":"Error creating"}', 'debug')],
    [1, 'level debug', 'level error (the line is unchanged)', '"by": a field of it is missing: "pid"'],
  ],
];

test.each(bad)('finds %s', (_claim, lines, [line, expected, got, hint]) => {
  expect(failuresOf(...lines)).toEqual([expect.objectContaining({ rule: 'probe', example: 'it', line, expected, got, hint })]);
});

test('no example sees what another left behind', () => {
  const rules = RULES.replace('LINES', `[${entry('0s', AGAIN, 'warn')}]`).replace(
    'examples: [',
    `examples: [{ name: other, lines: [${entry('0s', AGAIN, 'warn')}] }, `,
  );
  expect(runExamples(rulesOf(rules), ROOMY)).toEqual([]);
});

/** Engines that are open at the same time must not share a kernel: each reads its chunks into its own. */
test('examples give their kernel back once', () => {
  for (let turn = 0; turn < 3; turn += 1) failuresOf(entry('0s', SLOW, 'debug'), entry('40ms', KVM, 'same'));
  const kernels = Array.from({ length: 6 }, () => Kernel.take());
  expect(new Set(kernels).size).toBe(kernels.length);
  for (const kernel of kernels) kernel.giveBack();
});

test.each([
  ['pod web-7f9c is late', 'pod web-8a1b is late', 'word'],
  ['took 3 s', 'took 4 s', 'number'],
  ["open '/a'", "open '/b'", 'quoted'],
  ['pod web-a took 3 s', 'pod web-b took 4 s', 'word'],
])('%s and %s would fold with the mask %s', (first, second, mask) => {
  const rules = (by: string): string => `
version: 1
rules:
  - id: late
    when: { level: warn }
    repeat: { by: [pod${by}], window: 1m }
    examples:
      - name: folds
        lines:
          - { line: 'level=warn pod=a msg="${first.replaceAll("'", "''")}"', becomes: same }
          - { line: 'level=warn pod=a msg="${second.replaceAll("'", "''")}"', becomes: folded }
`;
  const [failure] = runExamples(rulesOf(rules('')), ROOMY);
  expect(failure!.hint).toContain(`mask: [${mask}]`);
  expect(runExamples(rulesOf(rules(`, { field: msg, mask: [${mask}] }`)), ROOMY)).toEqual([]);
});

const ENVELOPED = `version: 1
rules:
  - id: x
    when: { level: error, msg: gone }
    then: { level: warn }
    repeat: { by: [], window: 1m }
    examples:
      - name: x
        lines:
          - { line: 'BEFORE level=error msg=gone', becomes: warn }
          - { line: 'BEFORE level=error msg=gone', becomes: folded }
`;

test.each(['Nov 21 08:22:37 host app[8228]:', 'web-1  |', '2024-03-01T10:00:00.123456789Z stdout F'])(
  'a line behind %j is looked into as in a stream',
  (before) => {
    expect(runExamples(rulesOf(ENVELOPED.replaceAll('BEFORE', before)), { ...ROOMY, envelope: 'auto' })).toEqual([]);
  },
);
