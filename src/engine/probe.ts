/** A text to look for: its bytes, and the number of whoever asks for it. */
export interface Probe {
  readonly bytes: Uint8Array;
  /** Whether letters A to Z also stand for a to z. */
  readonly ignoreCase: boolean;
  readonly need: number;
}

/** A shorter probe would be found in every other line. */
export const MIN_PROBE = 3;
