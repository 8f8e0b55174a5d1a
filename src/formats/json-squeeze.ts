const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Takes the white space between tokens out of the text of a JSON value, piece by piece; all else stays. */
export class Squeeze {
  #inText = false;
  #escaped = false;

  /** The next bytes of the value, without it. */
  take(bytes: Uint8Array): Buffer {
    const squeezed = Buffer.allocUnsafe(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (!this.#inText && isSpace(byte)) continue;
      if (this.#escaped) this.#escaped = false;
      else if (this.#inText && byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inText = !this.#inText;
      squeezed[length++] = byte;
    }
    return squeezed.subarray(0, length);
  }
}

/** JSON's white space, and no other. */
export const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
