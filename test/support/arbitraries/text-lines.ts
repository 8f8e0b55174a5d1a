import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { SHIPPED } from '../../../src/formats/text/shipped.ts';
import { weighted } from './alphabet.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/formats/text');

/** Lines of all formats: the samples of each, and those of the fixtures. */
export const TEXT_LINES: readonly string[] = [
  ...SHIPPED.flatMap(({ samples }) => samples.map(({ line }) => line)),
  ...readdirSync(FOLDER)
    .filter((file) => file.endsWith('.log'))
    .flatMap((file) => readFileSync(join(FOLDER, file), 'utf8').split('\n'))
    .filter((line) => line !== ''),
];

/** One of each notation of a time that a header, an envelope or a value has. */
const TIMES = [
  '2024-03-01T10:00:00Z',
  '2024-03-01 10:00:00,123',
  '2024/03/01 10:00:00.123456 +0100',
  '2024-3-1T9:05:01',
  '240301 9:05:01',
  '240301  9:05:01',
  '081109 203615',
  '20240301 10:00:00',
  '0412 12:24:03.589075',
  '0000 00:00:1736163964.08',
  '0412/122403.589075',
  '01 Mar 10:00:00',
  '01-Mar-2024::10:00:00',
  '01/Mar/2024:10:00:00 +0000',
  '17/06/09 20:10:40',
  '03-17 16:13:38.811',
  '01Mar2024 10:00:00.123',
  '3/1/2024, 9:05:01 PM',
  '3/1/2024 9:05 PM',
  '9:05PM',
  '10:00 AM',
  '10:00:00',
  'Fri Mar 01 10:00:00.123 2024',
  'Mar  1 10:00:00',
  'Mar 01, 2024 9:05:01 PM',
  '1709287200',
  '1709287200.123',
  '1.7092872e+09',
  '1709287200123456789',
  '0.123',
  '12.5s',
  '0.0s',
  '17',
  '0042',
  '1e9',
  '17092872E2',
  '5',
] as const;

/** Behind or before these the rest of a line may be read as one. */
const AROUND = [
  '',
  '<27>',
  'web-1  | ',
  '[pod/p-7/app] ',
  '2024-03-01T10:00:00Z stderr F ',
  '2024-03-01T10:00:00.123456789Z ',
  'Nov  1 10:00:00 host app[7]: ',
  'app-7d9f8-x2x4z app ',
  '\u001e',
  '\u001b[31m',
  '[APP] ',
];

const CUTS = ['', ' ', ':', '.', '\u001b[0m', ' relevel.rule=x relevel.was=error', '\\u0031', '\t', 's', 'E', '1', '"'];

const digitsAt = (line: string): number => line.search(/\d/u);

/** A line of a format, or what is left of it when its time is another, something stands before it, or bytes are put in or taken out. */
export const textLine: fc.Arbitrary<string> = fc
  .record({
    line: fc.constantFrom(...TEXT_LINES),
    around: weighted<string>([4, ''], ...AROUND.map((each) => [0.4, each] as [number, string])),
    time: fc.option(fc.constantFrom(...TIMES), { freq: 2 }),
    isValue: weighted([5, false], [1, true]),
    at: fc.nat(120),
    cut: weighted([6, 0], [1, 1], [1, 3], [1, 8]),
    put: weighted<string>([6, ''], ...CUTS.map((each) => [0.5, each] as [number, string])),
  })
  .map(({ line, around, time, isValue, at, cut, put }) => {
    if (time !== null && isValue)
      return `${around}${at % 2 === 0 ? `{"level":"error","ts":"${time}","msg":"${put}"}` : `level=error ts="${time}" msg=x`}`;
    const timed = time === null ? line : withTime(line, time);
    return around + timed.slice(0, at) + put + timed.slice(at + cut);
  });

/** The line with another text in place of the first run of what times are made of. */
function withTime(line: string, time: string): string {
  const start = digitsAt(line);
  if (start === -1) return line;
  const rest = /^[\d:.,/TZ+-]+(?: [\d:.,]{5,}Z?)?/u.exec(line.slice(start))![0];
  return line.slice(0, start) + time + line.slice(start + rest.length);
}
