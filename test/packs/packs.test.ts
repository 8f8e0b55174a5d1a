import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findRules } from '../../src/packs/rules-files.ts';
import { PACKS } from '../../src/packs/shipped.ts';
import { runExamples } from '../../src/engine/examples.ts';
import { loadRules } from '../../src/rules/load.ts';
import { isStable, maturityIn } from '../../src/rules/maturity.ts';
import { isPlain } from '../../src/rules/pattern.ts';
import { formatProblem } from '../../src/rules/problem.ts';
import type { Await, Condition, Test } from '../../src/rules/rule.ts';
import { ROOMY } from '../support/run.ts';

/** All together, as they are when nobody says otherwise. */
const { ruleSet, problems } = loadRules(PACKS);
const rules = ruleSet.rules.map((rule) => [rule.id, rule] as const);

/** Longer where what shows that a line was harmless cannot come sooner. ms */
const LONGEST_WAIT: Readonly<Record<string, number>> = {
  'kubevirt-kvm-not-yet-owned': 10_000,
  'fluent-bit-flushes-at-a-retry': 10_000,
  'fluentd-flushes-at-a-retry': 10_000,
  'beats-connect-again': 10_000,
};

/** As `relevel check` runs them. */
const SETTINGS = { ...ROOMY, envelope: 'auto' } as const;

test('all load without a problem, and each has rules', () => {
  expect(problems.map(formatProblem)).toEqual([]);
  expect([...new Set(rules.map(([, rule]) => rule.file))]).toEqual(PACKS.map(({ name }) => name));
});

test('all examples hold, with all packs and with the one that they are in', () => {
  expect(runExamples(ruleSet, SETTINGS)).toEqual([]);
  for (const pack of PACKS) expect(runExamples(loadRules([pack]).ruleSet, SETTINGS)).toEqual([]);
});

test('the packs that nobody need name are stable', () => {
  expect(PACKS.filter((pack) => !isStable(pack)).map(({ name }) => name)).toEqual(['builtin/retry', 'builtin/tensorflow']);
  const used = findRules(['builtin'], PACKS).sources.map((source) => (source.kind === 'pack' ? source.name : ''));
  expect(used).toEqual(PACKS.filter(isStable).map(({ name }) => name));
  expect(findRules(['builtin/tensorflow'], PACKS).sources).toEqual([{ kind: 'pack', name: 'builtin/tensorflow' }]);
});

test('a maturity is what the file says, and sandbox if it says nothing', () => {
  expect(maturityIn('# a\nversion: 1\nmaturity: incubating\n')).toBe('incubating');
  expect(maturityIn('version: 1\n')).toBe('sandbox');
  for (const { text, maturity } of PACKS) expect((parse(text) as { maturity: string }).maturity).toBe(maturity);
});

test.each(PACKS)('$name says first what it is for', ({ text }) => {
  expect(text).toMatch(/^# [A-Z\w].{20,}\n/u);
});

test('each pack has its place in docs/packs.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/packs.md'), 'utf8');
  expect(PACKS.map(({ name }) => name.replace('builtin/', '')).filter((name) => !page.includes(`\n## ${name}\n`))).toEqual([]);
});

describe.each(rules)('%s', (id, rule) => {
  test('says why, and where it is from', () => {
    expect(rule.why).toMatch(/\.$/u);
    expect(rule.refs.length).toBeGreaterThan(0);
    for (const ref of rule.refs) expect(ref).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(?:issues|pull|blob)\//u);
  });

  test('has an example that fits and a look-alike that must not', () => {
    const outcomes = rule.examples.map(({ lines }) => lines.flatMap(({ becomes }) => becomes?.kind ?? []));
    expect(outcomes.filter((kinds) => kinds.some((kind) => kind !== 'same'))).not.toEqual([]);
    expect(outcomes.filter((kinds) => kinds.length > 0 && kinds.every((kind) => kind === 'same'))).not.toEqual([]);
  });

  test('raises nothing, and neither waits nor counts for long', () => {
    expect(rule.else).toBeUndefined();
    expect(rule.repeat?.window ?? 0).toBeLessThanOrEqual(600_000);
    expect(rule.await?.within ?? 0).toBeLessThanOrEqual(LONGEST_WAIT[id] ?? 1000);
    expect(rule.await?.lookback ?? 0).toBeLessThanOrEqual(1000);
  });

  test('its examples fail where the rule is off', () => {
    const others = ruleSet.rules.map((other) => (other.id === id ? { ...other, when: NOTHING } : { ...other, examples: [] }));
    const failures = runExamples({ ...ruleSet, rules: others }, SETTINGS);
    expect(failures).not.toEqual([]);
  });
});

/** Fits no line. */
const NOTHING: Condition = { kind: 'any', of: [] };

const ABSENT = 'MSHV is not available on this system';
const EOPNOTSUPP = 'interface not supported while retrieving stats: operation not supported';
const ecs = (pid: number, hostname: string, rest: string): string =>
  `{"log.level":"error","process.pid":${pid},"host.hostname":"${hostname}",${rest},"message":"a"}`;
const pino = (pid: number, hostname: string, rest: string): string =>
  `{"level":50,"pid":${pid},"hostname":"${hostname}",${rest}}`;
const KVM_READY = '"device":"/dev/kvm","outcome":"ready"';
const NO_KVM = '"device":"/dev/kvm","outcome":"unavailable","errno":2,"code":"ENOENT"';
const MSHV_READY = '"device":"/dev/mshv","outcome":"ready"';
const NO_MSHV = '"device":"/dev/mshv","outcome":"unavailable","errno":2,"code":"ENOENT"';

const untouched: readonly (readonly [claim: string, ...lines: string[]])[] = [
  [
    'another process is ready, this one finds none',
    pino(7, 'a', `"msg":"${ABSENT}"`),
    pino(8, 'a', KVM_READY),
    pino(7, 'a', '"msg":"No Hypervisor was found for Sandbox"'),
  ],
  ['another process has MSHV', pino(7, 'a', NO_KVM), pino(8, 'a', MSHV_READY)],
  ['another host has MSHV', pino(7, 'a', NO_KVM), pino(7, 'b', MSHV_READY)],
  ['another process has MSHV, in ECS', ecs(7, 'a', NO_KVM), ecs(8, 'a', MSHV_READY)],
  ['another host has MSHV, in ECS', ecs(7, 'a', NO_KVM), ecs(7, 'b', MSHV_READY)],
  ['another host has KVM, in ECS', ecs(7, 'a', NO_MSHV), ecs(7, 'b', KVM_READY)],
  [
    'another host has MSHV, and KVM is unfit',
    pino(7, 'a', '"msg":"KVM does not have KVM_CAP_USER_MEMORY capability"'),
    pino(7, 'b', MSHV_READY),
  ],
  [
    'another process has MSHV, and KVM is unfit',
    pino(7, 'a', '"msg":"KVM GET_API_VERSION returned 11, expected 12"'),
    pino(8, 'a', MSHV_READY),
  ],
  [
    'another host has KVM, and MSHV refuses',
    pino(7, 'a', '"msg":"Error creating MSHV object: Errno(Error(13))"'),
    pino(7, 'b', KVM_READY),
  ],
  ['out of files, though MSHV is ready', pino(7, 'a', NO_KVM.replace('ENOENT', 'EMFILE')), pino(7, 'a', MSHV_READY)],
  ['out of memory, though MSHV is ready, in ECS', ecs(7, 'a', NO_KVM.replace('ENOENT', 'ENOMEM')), ecs(7, 'a', MSHV_READY)],
  ['out of files, though KVM is ready, in ECS', ecs(7, 'a', NO_MSHV.replace('ENOENT', 'ENFILE')), ecs(7, 'a', KVM_READY)],
  ['a device that is no hypervisor', pino(7, 'a', NO_KVM.replace('kvm', 'vfio/vfio')), pino(7, 'a', MSHV_READY)],
  ['a device that is no hypervisor, in ECS', ecs(7, 'a', NO_KVM.replace('kvm', 'vfio/vfio')), ecs(7, 'a', MSHV_READY)],
  [
    'an outcome that is neither',
    pino(7, 'a', NO_KVM.replace('unavailable', 'broken')),
    pino(7, 'a', NO_MSHV.replace('unavailable', 'broken')),
    pino(7, 'a', KVM_READY),
    pino(7, 'a', MSHV_READY),
  ],
  [
    'an outcome that is neither, in ECS',
    ecs(7, 'a', NO_KVM.replace('unavailable', 'broken')),
    ecs(7, 'a', NO_MSHV.replace('unavailable', 'broken')),
    ecs(7, 'a', KVM_READY),
    ecs(7, 'a', MSHV_READY),
  ],
  ['an event that names no process', `{"level":50,${NO_MSHV}}`, `{"level":50,${KVM_READY}}`],
  ['a message that only begins so', pino(7, 'a', `"msg":"${ABSENT}: giving up"`), pino(7, 'a', KVM_READY)],
  [
    'debug already',
    `{"level":20,"msg":"${ABSENT}"}`,
    pino(7, 'a', NO_MSHV).replace('50', '20'),
    pino(7, 'a', KVM_READY),
    `level=debug msg="Could not add /dev/mshv to the devices cgroup" sandbox=a`,
  ],
  [
    'virt-handler, not virt-launcher',
    '{"level":"error","component":"virt-handler","msg":"Unable to open /dev/kvm: Permission denied"}',
    '{"level":"info","component":"virt-handler","msg":"kubevirt domain status: Running(1):Unknown(1)"}',
  ],
  [
    'a VM that starts, but does not run',
    '{"level":"error","component":"virt-launcher","msg":"Unable to open /dev/kvm: Permission denied"}',
    '{"level":"info","component":"virt-launcher","msg":"kubevirt domain status: Paused(3):StartingUp(11)"}',
  ],
  [
    'no interface is named, twice',
    `level=warn msg="Unsupported interface detected:" error="${EOPNOTSUPP}"`,
    `level=warn msg="Unsupported interface detected:" error="${EOPNOTSUPP}"`,
  ],
  [
    'two interfaces',
    `level=warn msg="Unsupported interface detected:" ifacename=a error="${EOPNOTSUPP}"`,
    `level=warn msg="Unsupported interface detected:" ifacename=b error="${EOPNOTSUPP}"`,
  ],
  [
    'another cause in the same words, twice',
    'level=warn msg="Unsupported interface detected:" ifacename=a error="no such device"',
    'level=warn msg="Unsupported interface detected:" ifacename=a error="no such device"',
  ],
  [
    'other words with the same cause, twice',
    `level=warn msg="Interface removed:" ifacename=a error="${EOPNOTSUPP}"`,
    `level=warn msg="Interface removed:" ifacename=a error="${EOPNOTSUPP}"`,
  ],
  [
    'no device is named, twice',
    'level=error msg="ethtool stats error" errno=95',
    'level=error msg="ethtool stats error" errno=95',
  ],
  [
    'debug, as node_exporter has it, twice',
    'level=debug msg="ethtool stats error" device=a errno=95',
    'level=debug msg="ethtool stats error" device=a errno=95',
  ],
  [
    'a name and a number that disagree',
    pino(7, 'a', '"interface":"a","errno":95,"code":"ENODEV","msg":"ethtool failed"'),
    pino(7, 'a', '"interface":"a","errno":19,"code":"EOPNOTSUPP","msg":"ethtool failed"'),
  ],
  [
    'lines of two meanings',
    `level=error level=warn msg="Error while getting ethtool:" ifacename=a error="operation not supported"`,
    `{"level":30,"msg":"${ABSENT}","msg":"No"}`,
  ],
];

test.each(untouched)('keeps: %s', (_, ...lines) => {
  const becomes = { kind: 'same' } as const;
  const example = {
    name: 'kept',
    lines: [...lines.map((line) => ({ at: 0, line, becomes })), { at: 20_000, line: undefined, becomes: undefined }],
  };
  const withIt = ruleSet.rules.map((rule, index) => ({ ...rule, examples: index === 0 ? [example] : [] }));
  expect(runExamples({ ...ruleSet, rules: withIt }, ROOMY)).toEqual([]);
});

test('no text test of a stable pack needs the engine for patterns that are not plain', () => {
  const stable = loadRules(PACKS.filter(isStable)).ruleSet;
  const asked = stable.rules.flatMap(({ when, await: waiting }) => [when, ...(waiting === undefined ? [] : eventsOf(waiting))]);
  const texts = [...asked, ...stable.protect].flatMap(testsOf);
  expect(texts.filter((each) => each.kind === 'matches' && (each.ignoreCase || !isPlain(each.text)))).toEqual([]);
});

const eventsOf = ({ success, failure }: Await): Condition[] => [...success, ...failure].map(({ condition }) => condition);

function testsOf(condition: Condition): Test[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(testsOf);
    case 'not':
      return testsOf(condition.of);
    case 'field':
      return [condition.test];
    case 'level':
      return [];
  }
}
