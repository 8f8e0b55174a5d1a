import fc from 'fast-check';
import { stream } from './streams.ts';

/** How a runtime writes what a container says. */
export type Runtime = 'cri' | 'docker';

/** A line that a container wrote, as its runtime does: in one piece or in several, each a line, newline included. */
export interface Said {
  readonly text: string;
  readonly stream: 'stdout' | 'stderr';
  readonly pieces: readonly string[];
  /** As one, in the time of the last piece. */
  readonly whole: string;
}

/** What lies in a container's log: pieces in order for each stream, between each other as it happened. */
export interface Container {
  readonly runtime: Runtime;
  readonly lines: readonly Said[];
  /** All pieces as they stand in the file, each with the number of its line. */
  readonly file: readonly { readonly line: number; readonly piece: string }[];
}

/** As docker's encoder does, but that `odd` characters are spelled otherwise. */
export function dockerString(text: string, odd: (at: number) => boolean = () => false): string {
  let out = '';
  for (const [at, char] of [...text].entries()) {
    const code = char.codePointAt(0)!;
    const hex = `\\u${code.toString(16).padStart(4, '0')}`;
    if (odd(at) && code < 0x80) out += char === '/' ? '\\/' : hex;
    else if (char === '"' || char === '\\') out += `\\${char}`;
    else if (char === '\n' || char === '\r') out += char === '\n' ? '\\n' : '\\r';
    else out += code < 0x20 || '<>&\u2028\u2029'.includes(char) ? hex : char;
  }
  return out;
}

const timeOf = (count: number): string => new Date(Date.UTC(2026, 10, 21) + count * 10).toISOString().replace('Z', '000001Z');

function frame(runtime: Runtime, text: string, of: { stream: string; time: string; isLast: boolean }): string {
  const { stream: name, time, isLast } = of;
  if (runtime === 'cri') return `${time} ${name} ${isLast ? 'F' : 'P'} ${text}\n`;
  return `{"log":"${dockerString(text)}${isLast ? '\\n' : ''}","stream":"${name}","time":"${time}"}\n`;
}

/** Lines as a program writes them. */
export const texts: fc.Arbitrary<string[]> = stream.map((arrivals) =>
  arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [arrival.line.replaceAll('\n', ' ')])),
);

/** Where lines are cut: shares of their lengths. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });
const how = fc.record({ stream: fc.constantFrom('stdout' as const, 'stderr' as const), cuts });

export const container: fc.Arbitrary<Container> = fc
  .tuple(
    fc.constantFrom('cri' as const, 'docker' as const),
    texts,
    fc.array(how, { minLength: 1, maxLength: 12 }),
    fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
  )
  .map(([runtime, said, hows, turns]) => {
    const pending = { stdout: [] as [number, string, boolean][], stderr: [] as [number, string, boolean][] };
    const parts = said.map((text, line) => {
      const { stream: name, cuts: shares } = hows[line % hows.length]!;
      const chars = [...text];
      const ends = [...shares.map((share) => Math.floor(share * chars.length)).sort((a, b) => a - b), chars.length];
      ends.forEach((end, i) => pending[name].push([line, chars.slice(ends[i - 1] ?? 0, end).join(''), i === ends.length - 1]));
      return { text, stream: name, pieces: [] as string[], whole: '' };
    });
    const file: { line: number; piece: string }[] = [];
    for (let count = 0; pending.stdout.length + pending.stderr.length > 0; count += 1) {
      const first = turns[count % turns.length]! ? 'stdout' : 'stderr';
      const other = first === 'stdout' ? 'stderr' : 'stdout';
      const name = pending[first].length > 0 ? first : other;
      const [line, text, isLast] = pending[name].shift()!;
      const time = timeOf(count);
      const piece = frame(runtime, text, { stream: name, time, isLast });
      file.push({ line, piece });
      parts[line]!.pieces.push(piece);
      if (isLast) parts[line]!.whole = frame(runtime, parts[line]!.text, { stream: name, time, isLast });
    }
    return { runtime, lines: parts, file };
  });
