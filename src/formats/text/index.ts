import type { Kernel } from '../../kernel/kernel.ts';
import type { Level } from '../../record/level.ts';
import type { LogRecord } from '../../record/record.ts';
import type { TextFormat } from '../../record/text-format.ts';
import { namesOf } from './header-names.ts';
import { SHIPPED } from './shipped.ts';
import { TextReader } from './reader.ts';
import { mayHoldTime } from './time-shape.ts';

const OPEN_OBJECT = 0x7b;

const shipped = new TextReader(SHIPPED);

/** Of the operator's formats, made once for each list of them. */
const readers = new WeakMap<readonly TextFormat[], TextReader>();

/** Reads a line that begins with the header of a text logger. False if no format that ships fits. */
export const readText = (kernel: Kernel, record: LogRecord): boolean => shipped.read(kernel, record);

/** As `TextReader.levelAlike`, of a line that nothing stands around. With formats of an operator's it does not know. */
export const levelAlike = (record: LogRecord, bytes: Buffer, note: number, end: number): Level | -1 =>
  record.names.formats.length > 0 || record.envelope !== undefined || bytes[0] === OPEN_OBJECT
    ? -1
    : shipped.levelAlike(record, bytes, note, end);

/** The fields that a header of this format may have, though their names do not stand in the line. */
export function partsOf(format: string, own: readonly TextFormat[] = []): ReadonlySet<string> {
  return new Set([...own, ...SHIPPED].filter(({ name }) => name === format).flatMap(namesOf));
}

/** The same by the operator's formats, of which there are some. */
export const readOwnText = (kernel: Kernel, record: LogRecord): boolean => ownReader(record).read(kernel, record);

/** Whether the operator's formats may read a line that begins as this one does. */
export function mayBeOwnText(record: LogRecord): boolean {
  const { bytes, start, end, names } = record;
  return names.formats.length > 0 && start < end && ownReader(record).mayBegin(bytes[start]!);
}

/** Whether a line may have a time of its own, in whatever format or envelope. It may say yes wrongly, never no wrongly. */
export const mayBeTimed = (bytes: Uint8Array, start: number, end: number, own: readonly TextFormat[]): boolean =>
  mayHoldTime(bytes, start, end, shipped.countEnds) ||
  (own.length > 0 && mayHoldTime(bytes, start, end, readerOf(own).countEnds));

const ownReader = ({ names: { formats } }: LogRecord): TextReader => readerOf(formats);

function readerOf(formats: readonly TextFormat[]): TextReader {
  let reader = readers.get(formats);
  if (reader === undefined) readers.set(formats, (reader = new TextReader(formats)));
  return reader;
}
