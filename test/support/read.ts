import { readLine, type Format } from '../../src/formats/index.ts';
import { kernel } from './kernel.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';

/** Reads one line whose `fields` somebody asks for. */
export function read(line: string | Buffer, fields: readonly string[] = [], format: Format = 'auto'): LogRecord {
  const record = new LogRecord(new Names(fields));
  const bytes = typeof line === 'string' ? Buffer.from(line) : line;
  readLine(kernel, record, bytes, 0, bytes.length, format);
  return record;
}
