/** What becomes of what is read. None of these is called before `openInput` has returned. */
export interface InputHandlers {
  /** Takes a chunk, never empty. The bytes are only lent: the buffer is used again. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Nothing will follow. */
  readonly onEnd: () => void;
  /** Nothing will follow; the error is the system's. */
  readonly onError: (error: unknown) => void;
}

export interface Input {
  /** No chunk comes after this until `resume`; also from within `onChunk`. */
  pause(): void;
  resume(): void;
  /** Nothing comes after this. The descriptor that was given stays open. */
  close(): void;
  /** Chunks so far. */
  readonly reads: number;
}
