/** More of a line is not looked at. */
const LONGEST = 256;

/** What lines begin with that go on with the one before: stack traces of Java, .NET, Node, Python and Go, and closing brackets. */
const BEGINNINGS = [
  String.raw`[ \t]`,
  'at ',
  'Caused by: ',
  'Suppressed: ',
  String.raw`Traceback \(most recent call last\):`,
  String.raw`\.\.\. \d+ more`,
  // a qualified exception, and those of Python and Node
  String.raw`(?:[a-zA-Z_$][\w$]*\.)+[A-Z][\w$]*(?:: |$)`,
  String.raw`[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit|Iteration)(?:: |$)`,
  // Go: a frame, and what stands around frames
  String.raw`[\w./*()-]+\.[\w.()*]+\((?:0x|\{|\.\.\.)`,
  'created by ',
  String.raw`goroutine \d+ `,
  String.raw`\[signal `,
  String.raw`[)\]}]+[,;]?$`,
];
const CONTINUES = new RegExp(`^(?:${BEGINNINGS.join('|')})`, 'u');

/** Whether a line that no format reads goes on with the line before it. `isIndented`: only if it begins with white space. */
export function continues(bytes: Buffer, start: number, end: number, isIndented: boolean): boolean {
  if (start >= end) return false;
  const first = bytes[start]!;
  if (first === 0x20 || first === 0x09) return true;
  return !isIndented && CONTINUES.test(bytes.latin1Slice(start, Math.min(end, start + LONGEST)));
}
