import { describe, expect, test } from 'vitest';
import { SHIPPED } from '../../../src/formats/text/shipped.ts';
import { TextReader } from '../../../src/formats/text/reader.ts';
import { Names } from '../../../src/record/names.ts';
import { LogRecord } from '../../../src/record/record.ts';
import { kernel } from '../../support/kernel.ts';
import { read } from '../../support/read.ts';

/** What a reader may lose its way in, behind a header or instead of one. */
const REPEATED = [' a=b', '{"a":', '"} ', ' "\\"', ' [x] ', ': ', ' (', '\t', 'a', '} []', ' relevel.rule=', '\x1b[1m', ' - '];

const headers = SHIPPED.map(({ name, samples }) => {
  const { line, is } = samples[0]!;
  const at = is['msg'] === undefined ? line.length : line.indexOf(is['msg']);
  return [name, line.slice(0, at)] as const;
});

const reader = new TextReader(SHIPPED);
const record = new LogRecord(new Names(['a', 'logger']));

/** How many bytes the reader looks at, each time counted. */
function looks(line: string): number {
  let count = 0;
  const bytes = Buffer.from(line);
  const counted = new Proxy(bytes, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'function') return value.bind(target) as unknown;
      count += 1;
      return value;
    },
  });
  record.reset(counted, 0, bytes.length);
  reader.read(kernel, record);
  return count;
}

describe.each([...headers, ['no header', ''] as const])('%s', (_, header) => {
  test('looks at each byte of a long line a fixed number of times', () => {
    for (const each of REPEATED) {
      const [short, long] = [200, 1600].map((times) => looks(header + each.repeat(times)));
      expect(long! / short!, JSON.stringify(each)).toBeLessThan(10);
    }
  });

  test('takes every beginning of a line, and 64 KiB of it', () => {
    for (let end = 0; end <= header.length; end += 1) read(header.slice(0, end));
    for (const each of REPEATED) read((header + each.repeat(64 * 1024)).slice(0, 64 * 1024));
  });
});
