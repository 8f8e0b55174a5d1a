// What the kernel's static memory is made of. The kernel allocates nothing.
import { check, checkIn, declareArray } from './bounds.ts';
import { INPUT_MARGIN, INPUT_SIZE } from '../layout.ts';

/** An array of numbers in static memory: `ends[slot]` reads and writes it. */
@unmanaged
@final
export class Run<T> {
  [key: number]: T;

  @inline @operator('[]') get(index: i32): T {
    const at = this.at(index);
    checkIn(changetype<usize>(this), at, sizeof<T>());
    return load<T>(at);
  }

  @inline @operator('[]=') set(index: i32, value: T): void {
    const at = this.at(index);
    checkIn(changetype<usize>(this), at, sizeof<T>());
    store<T>(at, value);
  }

  /** The address of the number at this index. */
  @inline at(index: i32): usize {
    return changetype<usize>(this) + ((<usize>index) << alignof<T>());
  }

  /** The sixteen bytes from this index on. */
  @inline block(index: i32): v128 {
    const at = this.at(index);
    checkIn(changetype<usize>(this), at, 16);
    return v128.load(at);
  }

  @inline setBlock(index: i32, value: v128): void {
    const at = this.at(index);
    checkIn(changetype<usize>(this), at, 16);
    v128.store(at, value);
  }
}

/** An array of structs: `shapes[i].length`. */
@unmanaged
@final
export class Structs<T> {
  [key: number]: T;

  @inline @operator('[]') get(index: i32): T {
    const at = changetype<usize>(this) + <usize>index * offsetof<T>();
    checkIn(changetype<usize>(this), at, <i32>offsetof<T>());
    return changetype<T>(at);
  }
}

/** All that lies before the static memory (see `--memoryBase` in `build/kernel.ts`), so that an offset in it is an address. */
export const input = changetype<Run<u8>>(0);
declareArray(0, INPUT_SIZE + INPUT_MARGIN);

export namespace Char {
  export const TAB: u8 = 0x09;
  export const NEWLINE: u8 = 0x0a;
  export const RETURN: u8 = 0x0d;
  export const ESCAPE: u8 = 0x1b;
  export const LAST_CONTROL: u8 = 0x1f;
  export const SPACE: u8 = 0x20;
  export const QUOTE: u8 = 0x22;
  export const PLUS: u8 = 0x2b;
  export const COMMA: u8 = 0x2c;
  export const MINUS: u8 = 0x2d;
  export const DOT: u8 = 0x2e;
  export const SLASH: u8 = 0x2f;
  export const ZERO: u8 = 0x30;
  export const NINE: u8 = 0x39;
  export const COLON: u8 = 0x3a;
  export const EQUALS: u8 = 0x3d;
  export const AT: u8 = 0x40;
  export const LETTER_F: u8 = 0x46;
  export const LETTER_T: u8 = 0x54;
  export const LETTER_Z: u8 = 0x5a;
  export const BRACKET: u8 = 0x5b;
  export const BACKSLASH: u8 = 0x5c;
  export const UNDERSCORE: u8 = 0x5f;
  export const LETTER_A: u8 = 0x61;
  export const LETTER_M: u8 = 0x6d;
  export const LETTER_U: u8 = 0x75;
  export const BRACE: u8 = 0x7b;
  export const END_BRACE: u8 = 0x7d;
}

// Sixteen bytes at a time: in a mask, each byte is 0xff or 0.

export function is(bytes: v128, byte: u8): v128 {
  return i8x16.eq(bytes, i8x16.splat(byte));
}

/** Not `lt_u`: V8 makes twice as many instructions of that. */
export function isAtMost(bytes: v128, byte: u8): v128 {
  return i8x16.le_u(bytes, i8x16.splat(byte));
}

export function either(a: v128, b: v128): v128 {
  return v128.or(a, b);
}

/** A bit for each byte of a mask. */
export function bitsOf(mask: v128): u32 {
  return i8x16.bitmask(mask);
}

/** Which bit comes first; 32 if there is none. */
export function first(bits: u32): i32 {
  return <i32>ctz<u32>(bits);
}

/** Which bit comes first; 64 if there is none. */
export function first64(bits: u64): i32 {
  return <i32>ctz<u64>(bits);
}

/** Whether so many bytes are the same. Up to fifteen more are loaded, and do not count. */
export function isSame(a: usize, b: usize, length: i32): bool {
  for (let i = 0; i < length; i += 16) {
    check(a + i, 16);
    check(b + i, 16);
    const same = bitsOf(i8x16.eq(v128.load(a + i), v128.load(b + i)));
    const wanted: u32 = length - i >= 16 ? 0xffff : (1 << (length - i)) - 1;
    if ((same & wanted) != wanted) return false;
  }
  return true;
}

/** Offset of the newline at or after `at`, or `end`. */
export function lineEnd(at: i32, end: i32): i32 {
  while (at < end) {
    const bits = bitsOf(is(input.block(at), Char.NEWLINE));
    if (bits) return min(at + first(bits), end);
    at += 16;
  }
  return end;
}
