/** Tests of a part of some bytes that need no string. All offsets are exclusive at the end. */
export type BytesTest = (bytes: Uint8Array, start: number, end: number, wanted: Uint8Array) => boolean;

export const equalsBytes: BytesTest = (bytes, start, end, wanted) => end - start === wanted.length && isAt(bytes, start, wanted);

export const startsWithBytes: BytesTest = (bytes, start, end, wanted) =>
  end - start >= wanted.length && isAt(bytes, start, wanted);

export const endsWithBytes: BytesTest = (bytes, start, end, wanted) =>
  end - start >= wanted.length && isAt(bytes, end - wanted.length, wanted);

export const containsBytes: BytesTest = (bytes, start, end, wanted) => {
  const first = wanted[0];
  const last = end - wanted.length;
  for (let at = start; at <= last; at += 1) if (bytes[at] === first && isAt(bytes, at, wanted)) return true;
  return false;
};

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i += 1) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** The number that up to fourteen digits spell; -1 where something else stands there. */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 14) return -1;
  let number = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte < 0x30 || byte > 0x39) return -1;
    number = number * 10 + byte - 0x30;
  }
  return number;
}
