import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPORA } from './corpora.ts';
import { seeded } from './random.ts';

/** Whether each generated rule asks for a level first, as most rules do, or for a text alone. */
export type Asks = 'level' | 'text';

/** Each waits for an answer of its own process, for longer than the corpus lasts. */
export const neverAnswered = (): string =>
  writeRules(
    'never-answered.yaml',
    `  - id: never-answered
    why: Each of these waits for an answer that never comes.
    when: { device: /dev/mshv, outcome: unavailable }
    await:
      success: [{ device: /dev/kvm, outcome: ready }]
      within: 1h
      silence: failure
      by: [pid]
    then: { level: debug }
`,
  );

/** A group for each interface, open for longer than the corpus lasts. */
export const eachItsOwn = (): string =>
  writeRules(
    'each-its-own.yaml',
    `  - id: each-its-own
    why: Each interface is a group.
    when: { code: EOPNOTSUPP }
    then: { level: warn }
    repeat: { by: [interface], window: 24h, rest: fold }
`,
  );

/** Each interface without statistics is lowered; none is folded. */
export const eachLowered = (): string =>
  writeRules(
    'each-lowered.yaml',
    `  - id: each-lowered
    why: Interfaces without statistics are expected.
    when:
      level: { at_least: warn }
      any: [{ msg: { contains: 'statistics are not supported' } }, { error: { contains: 'operation not supported' } }]
    then: { level: debug }
`,
  );

/** Each failed probe waits for the answer of its own process, which comes with the next line. */
export const nextAnswers = (): string =>
  writeRules(
    'next-answers.yaml',
    `  - id: next-answers
    why: Another device answers.
    when: { device: /dev/mshv, outcome: unavailable }
    await:
      success: [{ device: /dev/kvm, outcome: ready }]
      within: 5s
      by: [pid]
    then: { level: debug }
`,
  );

/** Requests that fail wait for the line that says they succeeded; others are lowered by themselves, or collapsed by request. */
export const byRequest = (): string =>
  writeRules(
    'by-request.yaml',
    `  - id: retried
    why: The request succeeded.
    when: { level: { at_least: error }, msg: { starts_with: 'cannot reach' } }
    await: { success: [{ msg: { starts_with: 'reached' } }], within: 30s, by: [request] }
    then: { level: debug }
  - id: will-retry
    why: It is tried again.
    when: { level: { at_least: warn }, msg: { contains: 'will retry' } }
    then: { level: debug }
  - id: slow
    why: Once for each request.
    when: { level: { at_least: error }, msg: { starts_with: 'slow query' } }
    then: { level: info }
    repeat: { by: [request], window: 10s, rest: fold }
`,
  );

/**
 * `count` rules, each with another text, none of which occurs but the last one's: a judge that walks
 * them in order pays for all of them.
 */
export function manyRules(count: number, asks: Asks): string {
  const random = seeded(count);
  const when = (text: string): string =>
    asks === 'level' ? `level: { at_least: warn }, msg: { contains: '${text}' }` : `msg: { contains: '${text}' }`;
  const rule = (id: string, text: string): string => `  - id: ${id}
    why: One of an operator's own.
    when: { ${when(text)} }
    then: { level: info }
`;
  const texts = Array.from(
    { length: count - 1 },
    (_, i) => `${random.pick(PARTS)}: ${random.pick(FAULTS)} ${random.hex(4)}-${i}`,
  );
  const rules = texts.map((text, i) => rule(`generated-${i}`, text));
  return writeRules(`many-${count}-${asks}.yaml`, [...rules, rule('the-one-that-fits', 'statistics are not supported')].join(''));
}

const PARTS = ['billing', 'inventory', 'mailer', 'scheduler', 'ledger', 'gateway', 'indexer', 'session store'];
const FAULTS = [
  'cannot reach shard',
  'stale lease on',
  'no quorum for',
  'dropped batch',
  'unknown tenant',
  'clock skew with peer',
];

function writeRules(name: string, rules: string): string {
  mkdirSync(CORPORA, { recursive: true });
  const path = join(CORPORA, name);
  writeFileSync(path, `version: 1\nrules:\n${rules}`);
  return path;
}
