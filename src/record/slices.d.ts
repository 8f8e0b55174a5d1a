/** Node's own decoders of a part of a buffer: `toString` without its checks of arguments. Documented in none, used by all of Node. */
interface Buffer {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}
