import { connect, type Socket } from 'node:net';
import { codeOf, reasonOf } from '../fault.ts';

/** Who takes lines at the other end of a stream socket. */
export type PeerAddress =
  { readonly kind: 'tcp'; readonly host: string; readonly port: number } | { readonly kind: 'unix'; readonly path: string };

/** ms between two tries: doubled from the first to the last, and spread, so that many of us do not call at once. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 10_000;

/** ms. A connection that lasted so long was a good one: the next wait is the first again. */
const GOOD = 10_000;

/** ms. Some networks answer nothing at all. */
const CONNECT_WITHIN = 10_000;

/** ms of silence after which the kernel asks whether the other end is still there. */
const KEEP_ALIVE = 30_000;

/**
 * How a connection was lost. `closed`: the peer ended it, and had read what its kernel had acknowledged. `reset`: it may
 * not have, as where it was killed with something unread.
 */
export type Loss = 'closed' | 'reset';

export interface ConnectionOptions {
  readonly address: PeerAddress;
  /** From 0 to 1. */
  readonly random: () => number;
  /** To be written to from now on. */
  readonly onUp: (socket: Socket) => void;
  /** Not to be written to any more; it is still there until the promise is settled. */
  readonly onLost: (how: Loss, socket: Socket) => Promise<void>;
  /** Why there is no connection: each time. */
  readonly onTrouble: (why: string) => void;
}

export interface Connection {
  /** Says farewell; resolves when the peer has answered, or soon. */
  readonly end: () => Promise<void>;
  /** At once. */
  readonly destroy: () => void;
}

/** Connects, and again whenever the connection is lost, until it is told to end. */
export function keepConnected({ address, random, onUp, onLost, onTrouble }: ConnectionOptions): Connection {
  let socket: Socket | undefined;
  let wait = FIRST_WAIT;
  let retry: NodeJS.Timeout | undefined;
  let over = false;

  const again = (): void => {
    if (over) return;
    retry = setTimeout(attempt, wait * (0.5 + random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };

  const attempt = (): void => {
    const where = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
    const current = connect({ ...where, allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE });
    socket = current;
    let state: 'connecting' | 'up' | 'down' = 'connecting';
    const late = setTimeout(() => fail('no answer'), CONNECT_WITHIN);
    let good: NodeJS.Timeout | undefined;

    const fail = (why: string): void => {
      state = 'down';
      clearTimeout(late);
      current.destroy();
      if (over) return;
      onTrouble(`cannot connect: ${why}`);
      again();
    };
    const lose = async (how: Loss, why: string): Promise<void> => {
      state = 'down';
      clearTimeout(good);
      if (!over) onTrouble(why);
      await onLost(how, current);
      current.destroy();
      again();
    };
    current.on('connect', () => {
      if (state === 'down') return;
      state = 'up';
      clearTimeout(late);
      good = setTimeout(() => (wait = FIRST_WAIT), GOOD).unref();
      current.resume(); // what a peer says is nothing to us, but its end is
      onUp(current);
    });
    current.on('end', () => {
      if (state === 'up') void lose('closed', 'the peer closed the connection');
    });
    current.on('error', (error) => {
      if (state === 'connecting') return fail(reasonOf(error));
      if (state === 'down') return;
      // A broken pipe of TCP comes behind the peer's own end; that of a unix socket tells nothing of what was not read.
      const isClosed = codeOf(error) === 'EPIPE' && address.kind === 'tcp';
      void lose(isClosed ? 'closed' : 'reset', `the connection is lost: ${reasonOf(error)}`);
    });
  };

  attempt();
  return {
    end: async () => {
      over = true;
      clearTimeout(retry);
      const last = socket;
      if (last === undefined || last.destroyed) return;
      await new Promise<void>((resolve) => {
        last.on('close', () => resolve());
        last.on('end', () => last.destroy());
        last.end();
        setTimeout(() => last.destroy(), FAREWELL).unref();
      });
    },
    destroy: () => {
      over = true;
      clearTimeout(retry);
      socket?.destroy();
    },
  };
}

/** ms. A peer need not answer a farewell. */
const FAREWELL = 500;
