import type { Kernel } from '../../kernel/kernel.ts';
import type { LogRecord } from '../../record/record.ts';
import type { TextFormat } from '../../record/text-format.ts';
import { namesOf } from './header-names.ts';
import { SHIPPED } from './shipped.ts';
import { TextReader } from './reader.ts';

const shipped = new TextReader(SHIPPED);

/** Of the operator's formats, made once for each list of them. */
const readers = new WeakMap<readonly TextFormat[], TextReader>();

/** Reads a line that begins with the header of a text logger. False if no format that ships fits. */
export const readText = (kernel: Kernel, record: LogRecord): boolean => shipped.read(kernel, record);

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

function ownReader({ names: { formats } }: LogRecord): TextReader {
  let reader = readers.get(formats);
  if (reader === undefined) readers.set(formats, (reader = new TextReader(formats)));
  return reader;
}
