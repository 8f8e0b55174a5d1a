import type { Kernel } from '../kernel/kernel.ts';
import type { LogRecord } from '../record/record.ts';
import { readJson } from './json.ts';
import { readLogfmt } from './logfmt.ts';
import { readOwnText, readText } from './text/index.ts';

export type Format = 'auto' | 'json' | 'logfmt' | 'text';

const CR = 0x0d;
const ESCAPE = 0x1b;
const OPEN_OBJECT = 0x7b;

/**
 * Reads one line, given without its newline, into `record`. False where no format understands it;
 * then `record.why` says why. Never throws, whatever the bytes.
 */
export function readLine(kernel: Kernel, record: LogRecord, bytes: Buffer, start: number, end: number, format: Format): boolean {
  record.reset(bytes, start, end > start && bytes[end - 1] === CR ? end - 1 : end);
  switch (format) {
    case 'json':
      return named(record, readJson(kernel, record), 'json');
    case 'logfmt':
      return named(record, readLogfmt(kernel, record), 'logfmt');
    case 'text':
      return readAnyText(kernel, record) || record.opaque('no header of a text logger');
    case 'auto':
      return readAny(kernel, record);
  }
}

function readAny(kernel: Kernel, record: LogRecord): boolean {
  const { bytes, end } = record;
  let at = record.start;
  while (at < end && bytes[at]! <= 0x20 && bytes[at] !== ESCAPE) at += 1;
  if (at === end) return record.opaque('empty');
  if (record.names.formats.length > 0) {
    if (readOwnText(kernel, record)) return true;
    record.reset(bytes, record.start, end);
  }
  if (bytes[at] === OPEN_OBJECT) return named(record, readJson(kernel, record), 'json');
  if (readText(kernel, record)) return true;
  // A header that was none may have left its time.
  record.reset(bytes, record.start, end);
  return named(record, readLogfmt(kernel, record), 'logfmt');
}

function readAnyText(kernel: Kernel, record: LogRecord): boolean {
  const { bytes, start, end } = record;
  if (record.names.formats.length > 0) {
    if (readOwnText(kernel, record)) return true;
    record.reset(bytes, start, end);
  }
  return readText(kernel, record);
}

function named(record: LogRecord, isRead: boolean, format: string): boolean {
  if (isRead) record.format = format;
  return isRead;
}
