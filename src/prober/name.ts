/**
 * The text of an interface's name, which to the kernel is bytes: any but `/`, `:` and white space. It is read as UTF-8, a byte that
 * is none written as `\x80`. No two names share a text: where one is escaped, or looks as if, so is its backslash.
 */
export function textOfName(bytes: Uint8Array): string {
  const whole = Buffer.from(bytes);
  const plain = whole.toString();
  if (!ESCAPE.test(plain) && Buffer.from(plain).equals(whole)) return plain;
  let text = '';
  for (let at = 0; at < whole.length;) {
    const char = charAt(whole, at);
    text += char === undefined || char === '\\' ? `\\x${whole[at]!.toString(16).padStart(2, '0')}` : char;
    at += char === undefined ? 1 : Buffer.byteLength(char);
  }
  return text;
}

/** The bytes of a name that `textOfName` wrote. */
export function bytesOfName(text: string): Buffer {
  // By its one group, `split` puts what was escaped between what was not.
  return Buffer.concat(text.split(ESCAPE).map((part, i) => Buffer.from(part, i % 2 === 0 ? 'utf8' : 'hex')));
}

const ESCAPE = /\\x([\da-f]{2})/u;

/** The one character that begins at `at`; `undefined` where the bytes there are no UTF-8. */
function charAt(bytes: Buffer, at: number): string | undefined {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    const part = bytes.subarray(at, at + length);
    const char = part.toString();
    if (Buffer.from(char).equals(part)) return char;
  }
  return undefined;
}
