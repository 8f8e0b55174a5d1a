import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/**
 * How many of the bytes that the kernel took for a TCP connection its other end has not acknowledged; proc(5),
 * /proc/net/tcp, `tx_queue`. Undefined where the connection is gone. Without /proc, none: the kernel's word must do.
 */
export async function unacknowledged(socket: Socket): Promise<number | undefined> {
  const inode = inodeOf(socket);
  if (inode === undefined) return undefined;
  let table: string;
  try {
    table = await readFile(`/proc/net/${socket.remoteFamily === 'IPv6' ? 'tcp6' : 'tcp'}`, 'latin1');
  } catch {
    return 0;
  }
  return queueOf(table, inode);
}

function inodeOf(socket: Socket): string | undefined {
  // The handle is not documented, and as old as Node's own use of it.
  const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd: number } | null };
  if (handle === null || handle.fd < 0) return undefined;
  try {
    return String(fstatSync(handle.fd).ino);
  } catch {
    return undefined;
  }
}

/** `sl local remote st tx:rx tr:when retrnsmt uid timeout inode …` */
const ROW = /^\s*\d+: \S+ \S+ \S\S ([\dA-F]+):\S+ \S+ \S+ +\d+ +\d+ (\d+) /u;

/** Of the row with this inode. */
export function queueOf(table: string, inode: string): number | undefined {
  for (let at = table.indexOf(` ${inode} `); at !== -1; at = table.indexOf(` ${inode} `, at + 1)) {
    const [, queue, found] = ROW.exec(table.slice(table.lastIndexOf('\n', at) + 1, table.indexOf('\n', at))) ?? [];
    if (found === inode) return Number.parseInt(queue!, 16);
  }
  return undefined;
}
