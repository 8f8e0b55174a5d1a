import type { Socket } from 'node:net';
import { Backlog } from './backlog.ts';
import type { OutputListener, Outgoing } from './output.ts';
import { keepConnected, type Connection, type Loss, type PeerAddress } from './peer-connection.ts';
import { unacknowledged } from './peer-queue.ts';

/** Bytes sent again after a reset, at least, though the peer's kernel had them: they may not have been read. */
const AGAIN = 256 * 1024;

/** A line of which more than this has been sent is not begun anew on the next connection, but goes on there. */
const LONGEST_LINE = 1024 * 1024;

/** ms between two looks at what was acknowledged, while something was not. */
const LOOK = 100;
const LAST_LOOK = 5;

const NEWLINE = 0x0a;

export interface PeerOutputOptions {
  readonly address: PeerAddress;
  /** How it is called in messages. */
  readonly name: string;
  /** Bytes that may wait before `full`. */
  readonly highWater: number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** The beginning of an outage, and its end. */
  readonly onTrouble: (message: string) => void;
  readonly onRecovery: (message: string) => void;
}

/**
 * Bytes on their way to a peer that comes and goes. While it is away they wait, and past `highWater` whoever feeds us
 * stops reading; nothing is given up.
 *
 * Each connection begins at the start of a line: the one in which the first byte stands that the peer is not known
 * to have. It has what its kernel acknowledged; where the connection was reset, it need not have read that, and the
 * last 256 KiB are sent again. So lines may come twice, and what was acknowledged, unread and more than that is lost
 * with a peer that dies: a plain stream has no way to know.
 */
export class PeerOutput implements Outgoing {
  readonly #options: PeerOutputOptions;
  readonly #backlog = new Backlog();
  readonly #connection: Connection;
  #socket: Socket | undefined;
  #listener: OutputListener | undefined;
  /** Places in the stream: handed to the socket; taken by the kernel; known to be the peer's. Only the last never falls. */
  #sent = 0;
  #taken = 0;
  #settled = 0;
  #endsLine = true;
  #look: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isOut = false;
  #ending: (() => void) | undefined;

  constructor(options: PeerOutputOptions) {
    this.#options = options;
    this.#connection = keepConnected({
      address: options.address,
      random: options.random,
      onUp: (socket) => this.#goOn(socket),
      onLost: (how, socket) => this.#stop(how, socket),
      onTrouble: (why) => {
        if (!this.#isOut) options.onTrouble(`${options.name}: ${why}; it is tried again, and lines wait`);
        this.#isOut = true;
      },
    });
  }

  get name(): string {
    return this.#options.name;
  }

  listen(listener: OutputListener): void {
    this.#listener = listener;
  }

  /** Bytes that the peer is not known to have. */
  get waiting(): number {
    return this.#backlog.end - this.#settled;
  }

  get delivered(): number {
    return this.#settled;
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  get full(): boolean {
    return this.#backlog.end - this.#taken > this.#options.highWater;
  }

  get endsLine(): boolean {
    return this.#endsLine;
  }

  readonly failure = undefined;

  write(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    this.#endsLine = bytes[end - 1] === NEWLINE;
    this.#backlog.append(bytes, start, end);
  }

  flush(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#sent !== this.#taken || this.#sent === this.#backlog.end) return;
    const run = this.#backlog.runAt(this.#sent);
    this.#sent += run.length;
    const end = this.#sent;
    socket.write(run, (error) => {
      if (error === null || error === undefined) this.#took(socket, end);
    });
  }

  /** Waits until the peer has all, however long that takes. */
  async end(): Promise<void> {
    this.flush();
    if (this.waiting > 0) {
      await new Promise<void>((resolve) => {
        this.#ending = resolve;
        this.#lookSoon();
      });
    }
    await this.#connection.end();
  }

  /** Ends at once. Says in words what the peer is not known to have; undefined where it has all. */
  abandon(): string | undefined {
    const { waiting } = this;
    clearTimeout(this.#look);
    this.#connection.destroy();
    if (waiting === 0) return undefined;
    const lines = this.#backlog.linesFrom(this.#settled);
    return `${this.#options.name}: ${lines === 1 ? '1 line was' : `${lines} lines were`} not delivered, ${waiting} bytes`;
  }

  #goOn(socket: Socket): void {
    const { name, onRecovery } = this.#options;
    const again = this.#backlog.linesFrom(this.#sent) - this.#backlog.linesFrom(this.#settled);
    if (this.#isOut) onRecovery(`${name}: connected${again > 0 ? `; ${again} lines are sent again` : ''}`);
    this.#isOut = false;
    this.#socket = socket;
    this.flush();
  }

  async #stop(how: Loss, socket: Socket): Promise<void> {
    this.#socket = undefined;
    clearTimeout(this.#look);
    this.#look = undefined;
    // What came in the peer's last moment is to be known too. What we send from here on it refuses.
    if (how === 'closed') await this.#settle(socket, this.#taken);
    const { start } = this.#backlog;
    const from = how === 'closed' ? this.#settled : Math.max(start, this.#settled - AGAIN);
    this.#sent = this.#backlog.lineStart(from);
    this.#taken = this.#sent;
  }

  #took(socket: Socket, end: number): void {
    if (this.#socket !== socket) return;
    const wasFull = this.full;
    this.#taken = end;
    if (this.#options.address.kind === 'unix') this.#settleTo(end);
    else this.#lookSoon();
    this.flush();
    if (wasFull && !this.full) this.#listener?.onRoom();
  }

  #lookSoon(): void {
    if (this.#look !== undefined || this.#isLooking || this.#taken <= this.#settled) return;
    this.#look = setTimeout(
      () => {
        this.#look = undefined;
        const socket = this.#socket;
        if (socket === undefined) return;
        this.#isLooking = true;
        void this.#settle(socket, this.#taken).finally(() => {
          this.#isLooking = false;
          if (this.#socket !== undefined) this.#lookSoon();
        });
      },
      this.#ending === undefined ? LOOK : LAST_LOOK,
    );
  }

  /** `taken`: by the kernel, before it is asked what of that is left. */
  async #settle(socket: Socket, taken: number): Promise<void> {
    if (this.#options.address.kind === 'unix') return this.#settleTo(taken);
    const left = await unacknowledged(socket);
    if (left !== undefined) this.#settleTo(taken - left);
  }

  #settleTo(place: number): void {
    if (place <= this.#settled) return;
    this.#settled = place;
    const spare = place - AGAIN;
    if (spare > this.#backlog.start) {
      const line = this.#backlog.lineStart(spare);
      this.#backlog.dropTo(spare - line > LONGEST_LINE ? spare : line);
    }
    if (this.waiting === 0) this.#ending?.();
  }
}
