import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import split2 from 'split2';
import { expect, test } from 'vitest';
import { createRelevel, createRelevelLines } from '../../src/index.ts';
import relevelTransport from '../../src/pino.ts';
import { scratch } from '../cli/host.ts';

const RULES = {
  name: 'slow.yaml',
  text: `version: 1
rules:
  - id: slow
    when: { level: error, msg: disk is slow }
    then: { level: info }
`,
};
const options = { rules: RULES, annotate: false };

/** What programs get that read the lines of others: from compose, a container runtime, journald, a GELF input. */
const LINES: readonly (readonly [who: string, line: string, lowered: string])[] = [
  ['compose', 'web-1  | level=error msg="disk is slow"', 'web-1  | level=info msg="disk is slow"'],
  [
    'CRI',
    '2026-11-21T10:00:00.123456789Z stderr F {"level":50,"msg":"disk is slow"}',
    '2026-11-21T10:00:00.123456789Z stderr F {"level":30,"msg":"disk is slow"}',
  ],
  [
    'docker',
    String.raw`{"log":"{\"level\":50,\"msg\":\"disk is slow\"}\n","stream":"stderr","time":"2026-11-21T10:00:00.1Z"}`,
    String.raw`{"log":"{\"level\":30,\"msg\":\"disk is slow\"}\n","stream":"stderr","time":"2026-11-21T10:00:00.1Z"}`,
  ],
  [
    'journald',
    '{"PRIORITY":"3","_SYSTEMD_UNIT":"a.service","MESSAGE":"level=error msg=\\"disk is slow\\""}',
    '{"PRIORITY":"6","_SYSTEMD_UNIT":"a.service","MESSAGE":"level=info msg=\\"disk is slow\\""}',
  ],
  [
    'GELF',
    '{"version":"1.1","host":"h","short_message":"disk is slow","level":3}',
    '{"version":"1.1","host":"h","short_message":"disk is slow","level":6}',
  ],
];
const OTHER = 'web-1  | level=error msg="disk is gone"';
const input = (line: string): string => `${line}\n${OTHER}\n`;

/** Each door, given chunks, to what leaves. */
const DOORS: Readonly<Record<string, (chunks: readonly string[]) => Promise<string>>> = {
  stream: (chunks) => text(Readable.from(chunks).pipe(createRelevel(options))),
  lines: async (chunks) => {
    const lines: unknown[] = await Readable.from(chunks).pipe(split2()).pipe(createRelevelLines(options)).toArray();
    return lines.map((line) => `${String(line)}\n`).join('');
  },
  'transport of its own': async (chunks) => {
    const destination = join(scratch(), 'out.log');
    await pipeline(Readable.from(chunks), await relevelTransport({ ...options, destination }), new Writable());
    return readFileSync(destination, 'utf8');
  },
  'transport in a pipeline': async (chunks) => text(Readable.from(chunks).pipe(await relevelTransport(options))),
};

test.each(Object.entries(DOORS).flatMap(([name, door]) => LINES.map((line) => [name, ...line, door] as const)))(
  'as a %s, changes what stands in an envelope: %s',
  async (_name, _who, line, lowered, door) => {
    expect(await door([input(line).slice(0, 20), input(line).slice(20)])).toBe(input(lowered));
  },
);

test('leaves envelopes alone if told to', async () => {
  const [, line] = LINES[1]!;
  const relevel = createRelevel({ ...options, envelope: 'none' });
  expect(await text(Readable.from([input(line)]).pipe(relevel))).toBe(input(line));
});
