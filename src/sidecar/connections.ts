import type { Socket } from 'node:net';

/** At a time. More than a few, so that a burst does not push out a probe before its request has been read. */
const MOST_CONNECTIONS = 64;

/** Bytes of answers that their askers have not taken yet, of all connections; the newest answer may be longer by itself. */
const MOST_UNSENT = 4 * 1024 * 1024;

/**
 * The connections of a server that must answer probes whatever else connects to it. If there are too many, or too much is
 * kept for slow readers, the oldest one is dropped, first of those that ask for nothing: no request yet, half of one, or none after the last.
 */
export class Connections {
  /** By how long they have been so. */
  readonly #idle = new Set<Socket>();
  /** Whose request is being answered, in the order of the requests, and how long the answer is. */
  readonly #asking = new Map<Socket, number>();

  add(socket: Socket): void {
    this.#idle.add(socket);
    socket.on('close', () => {
      this.#idle.delete(socket);
      this.#asking.delete(socket);
    });
    if (this.#idle.size + this.#asking.size > MOST_CONNECTIONS) this.#dropOldest();
  }

  /** A request is to be answered. False, and the connection is dropped, if the one before it still is: who sends a thousand at once would have us keep a thousand answers. */
  begin(socket: Socket): boolean {
    if (socket.destroyed) return false;
    if (this.#asking.has(socket)) {
      socket.destroy();
      return false;
    }
    this.#idle.delete(socket);
    this.#asking.set(socket, 0);
    return true;
  }

  /** An answer of so many bytes is about to be sent. */
  send(socket: Socket, bytes: number): void {
    if (!this.#asking.has(socket)) return;
    this.#asking.set(socket, bytes);
    let unsent = 0;
    for (const each of this.#asking.values()) unsent += each;
    for (const [other, length] of this.#asking) {
      if (unsent <= MOST_UNSENT) return;
      if (other === socket || length === 0) continue;
      unsent -= length;
      this.#drop(other);
    }
  }

  /** An answer has been taken, or never will be. */
  end(socket: Socket): void {
    if (this.#asking.delete(socket) && !socket.destroyed) this.#idle.add(socket);
  }

  #dropOldest(): void {
    const [oldest] = this.#idle.size > 1 ? this.#idle : this.#asking.keys(); // the newest of all is idle, too
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(socket: Socket): void {
    this.#idle.delete(socket);
    this.#asking.delete(socket);
    socket.destroy();
  }
}
