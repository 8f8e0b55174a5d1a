import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { escapeControls } from '../src/rules/quote.ts';
import { clip, wrap, type Paper } from './paper.ts';

// A minute in the life of a web shop, as its log tells it: a lost connection that comes back, its look-alike that does not, a
// warning that repeats, a stack trace. The built program runs on it, by the rules below.

const RULES = `version: 1
rules:
  - id: database-comes-back
    why: The pool connects again by itself; only a connection that stays away is an error.
    when: { level: error, msg: { starts_with: connection lost } }
    await: { success: [{ msg: connected }], within: 30s, by: [host] }
    then: { level: info }
  - id: replica-is-away
    why: The cache asks at each request; once is enough.
    when: { level: warn, msg: { starts_with: no replica } }
    then: { level: warn }
    repeat: { by: [host], window: 10m, rest: fold }
`;

const START = Date.UTC(2026, 2, 1, 10);
const lineAt = (seconds: number, level: string, host: string, msg: string): string =>
  JSON.stringify({ level, time: new Date(START + seconds * 1000).toISOString(), host, msg });

const LINES: readonly string[] = [
  lineAt(0, 'error', 'db-1', 'connection lost: ECONNRESET'),
  lineAt(0.64, 'info', 'db-1', 'connected'),
  lineAt(5, 'error', 'db-2', 'connection lost: ECONNRESET'),
  ...Array.from({ length: 40 }, (_, i) => lineAt(6 + i / 2, 'warn', 'cache-1', 'no replica answers, asking the primary')),
  lineAt(36, 'error', 'db-2', 'checkout failed: no connection'),
  "TypeError: Cannot read properties of undefined (reading 'id')",
  '    at placeOrder (/srv/shop/orders.js:41:17)',
];

interface Told {
  readonly level: string;
  readonly time: string;
  readonly host: string;
  readonly msg: string;
  readonly relevel?: { readonly why?: string; readonly repeats?: number };
}

/** `undefined` for a line that is no JSON. */
function told(text: string): Told | undefined {
  return text.startsWith('{') ? (JSON.parse(text) as Told) : undefined;
}

export interface Story {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Runs the program on the story. */
export function playStory(program: string): Story {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-demo-'));
  try {
    const [log, rules] = [join(folder, 'app.log'), join(folder, 'rules.yaml')];
    writeFileSync(log, LINES.map((text) => `${text}\n`).join(''));
    writeFileSync(rules, RULES);
    const out = execFileSync(process.execPath, [program, '--rules', rules, log], {
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    return { before: LINES, after: out.split('\n').slice(0, -1) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `ERROR → INFO ` */
const HEAD = 13;

const keyOf = (line: Told | undefined): string => `${line?.time} ${line?.msg}`;

/** What became of each line: its level before and after, what it says, and why. */
export function drawStory({ before, after }: Story, paper: Paper): string[] {
  const { bold, green, red, yellow } = paper.colours;
  const paints: Readonly<Record<string, (text: string) => string>> = { error: red, warn: yellow, info: green };
  const level = (name: string): string => (paints[name] ?? ((text: string) => text))(name.toUpperCase().padEnd(5));
  /** `head` is so wide as `ERROR → INFO ` is. */
  const row = (head: string, text: string): string =>
    `  ${head}  ${clip(escapeControls(text), Math.max(1, paper.columns - HEAD - 4))}`;

  const levels = new Map(before.map((text) => [keyOf(told(text)), told(text)?.level]));
  const rows = after.map((text) => {
    const now = told(text);
    if (now === undefined) return row(' '.repeat(HEAD), text);
    const was = levels.get(keyOf(now)) ?? now.level;
    const { repeats, why } = now.relevel ?? {};
    const head = was === now.level ? `${level(was)}${' '.repeat(HEAD - 5)}` : `${level(was)} → ${level(now.level)}`;
    if (repeats !== undefined) return row(head, `${now.host}: a summary of ${repeats} lines like the one above`);
    return row(head, `${now.host}: ${now.msg}${why === undefined ? '' : ` (${why})`}`);
  });
  const errors = (lines: readonly string[]): number => lines.filter((text) => told(text)?.level === 'error').length;
  const about = 'A shop loses two connections, and one comes back. A replica is away, and the cache says so at each request.';
  return [
    ...wrap(about, paper.columns - 2).map((text) => `  ${text}`),
    '',
    ...rows,
    '',
    ...wrap(
      `${before.length} lines with ${errors(before)} errors became ${after.length} lines with ${errors(after)}: the real ones.`,
      paper.columns - 2,
    ).map((text) => bold(`  ${text}`)),
  ];
}
