import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runExamples } from '../../../src/engine/examples.ts';
import { loadRules } from '../../../src/rules/load.ts';
import { rulesTextOf } from '../../../src/workbench/suggest/rules-text.ts';
import { ROOMY } from '../../support/run.ts';
import { findingsIn } from './findings.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');

const pino = (at: number, level: number, msg: string, fields: object = {}): string =>
  JSON.stringify({ level, time: 1_735_689_600_000 + at, pid: 7, hostname: 'a', ...fields, msg });

/** Failures a minute apart, and what is said behind each. */
const story = (count: number, behind: (at: number, nth: number) => readonly string[]): string[] =>
  Array.from({ length: count }, (_, nth) => [
    pino(nth * 90_000, 50, 'cannot reach the database', { db: nth % 2 === 0 ? 'orders' : 'users' }),
    ...behind(nth * 90_000, nth),
  ]).flat();

const dbOf = (nth: number): string => (nth % 2 === 0 ? 'orders' : 'users');
const healed = (count: number): string[] =>
  story(count, (at, nth) => [pino(at + 300, 30, 'database is reachable again', { db: dbOf(nth) })]);

test('twenty that healed are a proposal', () => {
  const [finding] = findingsIn([...healed(20), pino(10_000_000, 30, 'tick')]);
  expect(finding).toMatchObject({
    kind: 'heals',
    lines: 20,
    proposal: {
      success: ["msg: 'database is reachable again'"],
      by: [{ here: 'db', there: 'db' }],
      within: '1s',
      healing: { cases: 20, answered: 20 },
    },
  });
});

test('fewer are told, and how many are needed', () => {
  const [finding] = findingsIn(healed(7));
  expect(finding).toMatchObject({
    kind: 'repeats',
    healing: '7 of 7 healed; 20 are needed to propose a rule ("database is reachable again")',
  });
});

test('what goes on is no success', () => {
  const lines = story(30, (at, nth) => [pino(at + 300, 30, 'will retry the database', { db: dbOf(nth) })]);
  expect(findingsIn(lines).map(({ kind }) => kind)).toEqual(['repeats']);
});

test('the success of another is no success', () => {
  const lines = story(30, (at, nth) => [pino(at + 300, 30, 'database is reachable again', { db: dbOf(nth + 1) })]);
  expect(findingsIn(lines).map(({ kind }) => kind)).toEqual(['repeats']);
});

test('a success that comes at any other moment too is by chance', () => {
  const ticks = Array.from({ length: 3_000 }, (_, nth) => pino(nth * 1_000, 30, 'database is ok', { db: dbOf(nth) }));
  const lines = [...story(30, () => []), ...ticks].toSorted((a, b) => timeOf(a) - timeOf(b));
  expect(findingsIn(lines).map(({ kind }) => kind)).toEqual(['repeats']);
});

test('what ends where nothing failed, too, stands behind the others', () => {
  const requests = Array.from({ length: 100 }, (_, nth) => [
    ...(nth % 4 === 0 ? [pino(nth * 90_000 + 10, 40, 'cache is slow', { reqId: `r-${nth}` })] : []),
    pino(nth * 90_000 + 50, 30, 'request completed', { reqId: `r-${nth}` }),
  ]).flat();
  const lines = [...healed(20), ...requests].toSorted((a, b) => timeOf(a) - timeOf(b));
  expect(findingsIn(lines).map(({ kind }) => kind)).toEqual(['heals', 'ends']);
});

test('nothing is proposed for what is about security', () => {
  const lines = Array.from({ length: 30 }, (_, nth) => [
    pino(nth * 90_000, 40, 'failed password for bob'),
    pino(nth * 90_000 + 100, 30, 'accepted password for bob'),
    pino(nth * 90_000 + 200, 50, 'open /dev/kvm: permission denied'),
  ]).flat();
  expect(findingsIn(lines)).toEqual([]);
});

test('the same bytes give the same findings, however often', () => {
  const told = (): string => rulesTextOf(findingsIn(healed(40)), ['app.log']).text;
  expect(told()).toBe(told());
});

const timeOf = (line: string): number => (JSON.parse(line) as { time: number }).time;

// what is written

const logs = readdirSync(join(FIXTURES, 'cases')).map(
  (name) => [name, readFileSync(join(FIXTURES, 'cases', name, 'input.log'), 'utf8')] as const,
);

test.each(logs)('the rules for %s load, and their examples come out as expected', (name, log) => {
  const { text, unproven } = rulesTextOf(findingsIn(log.trimEnd().split('\n')), [name]);
  expect(unproven).toEqual([]);
  const { ruleSet, problems } = loadRules([{ name: 'suggested', text }]);
  expect(problems).toEqual([]);
  expect(runExamples(ruleSet, { ...ROOMY, envelope: 'auto' })).toEqual([]);
});

test.each(['retina-1280-is-said-once', 'retina-296-is-said-once-for-each-interface', 'a-prober-finds-kvm'])(
  'finds for %s what the rules that ship do: a group for each interface',
  (name) => {
    const log = readFileSync(join(FIXTURES, 'cases', name, 'input.log'), 'utf8');
    const fields = findingsIn(log.trimEnd().split('\n')).flatMap((finding) =>
      finding.kind === 'repeats' ? [finding.proposal.by] : [],
    );
    expect(fields[0]).toEqual([name === 'a-prober-finds-kvm' ? 'interface' : 'ifacename']);
  },
);

test('no secret is written', () => {
  const lines = Array.from({ length: 25 }, (_, nth) => [
    pino(nth * 90_000, 50, 'lost the broker', { broker: 'b', url: 'amqp://app:hunter2@mq', mail: 'x@corp.example.com' }),
    pino(nth * 90_000 + 10, 30, 'broker connected', { broker: 'b', token: 'hunter2' }),
  ]).flat();
  const { text, written } = rulesTextOf(findingsIn(lines), ['app.log']);
  expect(written).toHaveLength(1);
  expect(text).not.toMatch(/hunter2|corp\.example/u);
});

test('a key that stands in both messages is found', () => {
  const server = (nth: number): string => ['alpha-1', 'beta-2', 'gamma-3'][nth % 3]!;
  const lines = Array.from({ length: 30 }, (_, nth) => [
    pino(nth * 90_000, 50, `server ${server(nth)} is down`),
    pino(nth * 90_000 + 100, 30, `server ${server(nth + 1)} is up`),
    pino(nth * 90_000 + 700, 30, `server ${server(nth)} is up`),
  ]).flat();
  const [finding] = findingsIn(lines);
  expect(finding).toMatchObject({
    kind: 'heals',
    proposal: {
      when: ['level: error', String.raw`msg: { matches: '^server (?P<key>\S+) is down$' }`],
      by: [{ here: 'key', there: 'key' }],
      within: '2s',
    },
  });
});
