import type { Kernel } from '../../kernel/kernel.ts';
import { LEVELS } from '../../record/level.ts';
import { Names } from '../../record/names.ts';
import { LogRecord } from '../../record/record.ts';
import type { TextFormat, TextSample } from '../../record/text-format.ts';
import { instantOfText, spellInstant } from '../../record/time.ts';
import { readLine } from '../index.ts';

/** What was expected of a sample, and what was read. */
export interface SampleFault {
  readonly name: string;
  readonly expected: string;
  /** `undefined` if the line has no such field. */
  readonly got: string | undefined;
}

/** Reads a sample as a line is read, with the operator's formats, and tells what is not as the sample says. `$format` is the format's name. */
export function sampleFaults(kernel: Kernel, { line, is }: TextSample, formats?: readonly TextFormat[]): readonly SampleFault[] {
  const names = new Names(Object.keys(is), { formats });
  const record = new LogRecord(names);
  const bytes = Buffer.from(line);
  readLine(kernel, record, bytes, 0, bytes.length, 'auto');
  return Object.entries(is).flatMap(([name, expected]) => {
    const got = valueOf(record, name);
    const wanted = name === 'time' ? instantText(expected) : expected;
    return got === wanted ? [] : [{ name, expected, got }];
  });
}

/** A time as it is read: to the millisecond, in UTC. */
function instantText(written: string): string {
  const bytes = Buffer.from(written);
  return spellInstant(instantOfText(bytes, 0, bytes.length))?.toString() ?? written;
}

function valueOf(record: LogRecord, name: string): string | undefined {
  switch (name) {
    case '$format':
      return record.format;
    case 'level':
      return record.level === -1 ? undefined : LEVELS[record.level];
    case 'msg':
      return record.msgSlot === -1 ? undefined : record.spelling(record.msgSlot);
    case 'time':
      return Number.isNaN(record.time) ? undefined : spellInstant(record.time)?.toString();
    default: {
      const slot = record.find(record.names.slotsOf(name));
      return slot === -1 ? undefined : record.spelling(slot);
    }
  }
}
