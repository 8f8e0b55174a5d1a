import type { TextFormat } from '../../record/text-format.ts';
import { parsePattern } from '../../record/text-pattern.ts';

/** Names of the parts of headers that ship. A test compares them with the patterns: taking those apart takes too long for a start. */
const SHIPPED_NAMES =
  'app channel class client code component connection context db elapsed event extra file function hostname instance jid kid line logger ' +
  'module myid name node pid pipeline plugin process progname query request request_id role shard span tag target thread threadName tid ' +
  'trace user';

const usual: ReadonlySet<string> = new Set(SHIPPED_NAMES.split(' '));

/** Fields that a line may have though their names do not stand in it. */
export function headerNames(own: readonly TextFormat[] = []): ReadonlySet<string> {
  return own.length === 0 ? usual : new Set([...usual, ...own.flatMap(namesOf)]);
}

/** The names of a format's parts. */
export function namesOf({ patterns }: TextFormat): readonly string[] {
  return patterns.flatMap((pattern) =>
    parsePattern(pattern).pieces.flatMap((piece) => (piece.kind === 'part' && isField(piece.name) ? [piece.name] : [])),
  );
}

const isField = (name: string): boolean => name !== '' && !['level', 'msg', 'time', 'pairs', 'json'].includes(name);
