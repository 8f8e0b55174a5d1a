/** Where one relevel listens, and another asks. */
export type Address =
  { readonly kind: 'tcp'; readonly host: string; readonly port: number } | { readonly kind: 'unix'; readonly path: string };

export const LOOPBACK = '127.0.0.1';

/** `sun_path` of `sockaddr_un` with its NUL; unix(7). Bytes. */
const LONGEST_PATH = 107;

const UNIX = 'unix:';
const TCP = /^(?:(?:\[(?<literal>[\da-f:.]+(?:%\w+)?)\]|(?<host>[\w.-]+)):)?(?<port>\d{1,5})$/iu;

/** Reads `port`, `host:port`, `[::1]:port` or `unix:path`; `undefined` where the text is none. Port 0 stands for any that is free. */
export function readAddress(text: string): Address | undefined {
  if (text.startsWith(UNIX)) {
    const path = text.slice(UNIX.length);
    return path === '' || path.includes('\0') || pathTooLong(text) !== undefined ? undefined : { kind: 'unix', path };
  }
  const { literal, host, port } = TCP.exec(text)?.groups ?? {};
  if (port === undefined || Number(port) > 65_535) return undefined;
  return { kind: 'tcp', host: literal ?? host ?? LOOPBACK, port: Number(port) };
}

/** Whether an IP address is one that only this host reaches. */
export const isLoopback = (ip: string): boolean => ip === '::1' || /^(?:::ffff:)?127\./u.test(ip);

/** What is expected of a socket's path that is longer than the system allows; `undefined` if the text is no such address. */
export function pathTooLong(text: string): string | undefined {
  const bytes = text.startsWith(UNIX) ? Buffer.byteLength(text.slice(UNIX.length)) : 0;
  if (bytes <= LONGEST_PATH) return undefined;
  return `a unix:path of at most ${LONGEST_PATH} bytes, which is the system's limit; this path has ${bytes}`;
}

/** As `readAddress` reads it. */
export function writeAddress(address: Address): string {
  if (address.kind === 'unix') return `${UNIX}${address.path}`;
  const { host, port } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
