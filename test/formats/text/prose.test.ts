import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UTC } from '../../../src/engine/zone.ts';
import { LineUnderstanding } from '../../../src/workbench/read-line.ts';
import { read } from '../../support/read.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Lines that a person would not call lines of a log. */
const prose = [
  'The server was slow on 2024-03-01 10:00:00, and an error was logged.',
  'Error: it is not easy to say what went wrong',
  'Warning: do not feed the animals',
  'error handling is described below',
  'info',
  'NOTE: this is a note, and no level',
  'DEFAULT: 5',
  'TODO: write more',
  '[DEFAULT]',
  '[http]',
  '[success] = 1',
  'a: 10:00AM to 11:00AM',
  '10:00 is the time at which we meet',
  '12:30:00 PM was when the warning bell rang',
  '5 errors, 3 warnings',
  '3.141 is about pi',
  '2024-03-01',
  '2024-03-01 10:00:00',
  '2024-03-01 10:00:00 was the moment of the first error',
  '2024-03-01T10:00:00Z error bars are shown in red',
  '2024-03-01 10:00:00,info,"a, b"',
  'Fri Mar 01 10:00:00 2024',
  "INSERT INTO log VALUES ('2024-03-01 10:00:00', 'ERROR', 'lost');",
  'SELECT level, msg FROM log WHERE level = "error"; -- ERROR: no such table',
  '<p class="error">2024-03-01 10:00:00 ERROR lost</p>',
  '<!-- ERROR: lost -->',
  'console.error("[ERROR] lost");',
  '    throw new Error("lost")',
  '# ERROR: lost',
  '// WARN: slow',
  '| ERROR | lost |',
  '- [WARN] is a level',
  'E = mc^2',
  'W: http://example.com: not signed',
  'I am: the first',
  'F0 is a tone',
  'commit 4c374183 (tag: v1)',
  '10.0.0.7 - - [01/Mar/2024:10:00:00 +0000] "GET /error HTTP/1.1" 500 7',
  'drwxr-xr-x 2 root root 4096 Mar  1 10:00 error',
  '2024/03/01 10:00:00 Error connecting to the database: refused',
  '2024/03/01 10:00:00 http: TLS handshake error from 10.0.0.7:1234: EOF',
  '2024-03-01T10:00:00Z http: the protocol of the web',
  '2024-03-01 10:00:00 log: what a program writes',
  'log_level=error',
  'loglevel=debug',
  'status=error',
  'PRIORITY=3',
  'PHP is a language',
  'nginx: the server',
  '01 Mar is the day of the error',
  '3/4/2024 is a day in March or April',
  '03/04/2024, 10:00:00 ERROR: lost',
];

test.each(prose)('leaves %j alone', (line) => {
  const { level, format } = read(line);
  expect([level, format]).toEqual([-1, '']);
});

test('leaves bytes alone that are no text', () => {
  for (let seed = 1; seed < 2000; seed += 1) {
    const bytes = Buffer.from(Array.from({ length: 80 }, (_, i) => (Math.imul(seed * 131 + i, 2654435761) >>> 24) & 255));
    expect(read(bytes).level).toBe(-1);
  }
});

/** Lines of documents stand in blocks if a program wrote them. */
const outsideOfBlocks = (text: string): string[] => text.replaceAll(/^```.*?^```/gmsu, '').split('\n');

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

const files = [...readdirSync(ROOT), ...['docs', 'deploy', 'src', 'test', 'bench', 'build', 'rules'].flatMap(filesIn)].filter(
  (file) => /\.(?:md|ts|mjs|yaml|json)$|LICENSE$/u.test(file),
);

const understanding = new LineUnderstanding({ format: 'auto', envelope: 'auto', read: undefined, zone: UTC, now: 0 });

/** The lines that are read as lines of a log, in envelopes or not: rules may change these. */
const readIn = (text: string): string[] =>
  text.split('\n').filter((line) => {
    const bytes = Buffer.from(line);
    return understanding.of(bytes, 0, bytes.length).level !== undefined;
  });

// What other people wrote: the documents of what we depend on, but for those of loggers, which quote lines of logs.
test('reads one line of ten thousand of the documents of others, at most', () => {
  const folder = join(ROOT, 'node_modules');
  const documents = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(?!pino|@elastic).*(?:\.md|\.html|\.css|\.ya?ml|LICENSE)$/u.test(name),
  );
  let lines = 0;
  const taken: string[] = [];
  for (const name of documents) {
    const text = readFileSync(join(folder, name), 'utf8');
    lines += text.split('\n').length;
    taken.push(...readIn(text));
  }
  expect(lines).toBeGreaterThan(50_000);
  expect(taken.length / lines, taken.join('\n')).toBeLessThan(1e-4);
});

test('reads no line of the documents and the source of this repository as one of a text log', () => {
  const lines = files.flatMap((file) => outsideOfBlocks(readFileSync(join(ROOT, file), 'utf8')));
  expect(lines.length).toBeGreaterThan(40_000);
  const taken = lines.filter((line) => !['', 'json', 'logfmt'].includes(read(line).format));
  expect(taken).toEqual([]);
});
