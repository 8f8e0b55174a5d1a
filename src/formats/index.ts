import type { Kernel } from '../kernel/kernel.ts';
import type { LogRecord } from '../record/record.ts';
import { readJson } from './json.ts';
import { readLogfmt } from './logfmt.ts';
import { readText } from './text.ts';

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
      return readJson(kernel, record);
    case 'logfmt':
      return readLogfmt(kernel, record);
    case 'text':
      return readText(record) || record.opaque('no header of a text logger');
    case 'auto':
      return readAny(kernel, record);
  }
}

function readAny(kernel: Kernel, record: LogRecord): boolean {
  const { bytes, end } = record;
  let at = record.start;
  while (at < end && bytes[at]! <= 0x20) at += 1;
  if (at === end) return record.opaque('empty');
  if (bytes[at] === OPEN_OBJECT) return readJson(kernel, record);
  if ((at === record.start || bytes[record.start] === ESCAPE) && readText(record)) return true;
  // A header that was none may have left its time.
  record.reset(bytes, record.start, end);
  return readLogfmt(kernel, record);
}
