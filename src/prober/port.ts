/** An errno by its number, as Linux counts on x64 and arm64, and its name. */
export interface Failure {
  readonly ok: false;
  readonly errno: number;
  readonly code: string;
}

/** What the kernel answered. A refusal is an answer here, not an exception: hosts differ. */
export type Answer<T> = { readonly ok: true; readonly value: T } | Failure;

/** An open file or socket. The name says what it is to a recording, where its number means nothing. */
export interface Handle {
  readonly fd: number;
  readonly name: string;
}

export interface NetInterface {
  /** As `textOfName` writes it. */
  readonly name: string;
  /** A re-created interface keeps its name, never its index. */
  readonly index: number;
}

/** The one door to the kernel: the real one is in `kernel.ts`, a played one in `recording.ts`. */
export interface Port {
  open(path: string, flags: number): Answer<Handle>;

  /** A datagram socket, for `ethtool`. */
  socket(): Answer<Handle>;

  /** An ioctl that takes a number in place of a pointer. */
  ioctl(handle: Handle, request: number, argument: number): Answer<number>;

  /** `SIOCETHTOOL`: `data` is one of ethtool's structures and is changed in place. It must have room for what the kernel will write. */
  ethtool(socket: Handle, name: string, data: Uint8Array): Answer<number>;

  /** All interfaces of the network namespace that we are in. */
  interfaces(): Answer<readonly NetInterface[]>;

  close(handle: Handle): void;
}
