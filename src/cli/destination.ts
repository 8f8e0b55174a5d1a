import { isIPv6 } from 'node:net';
import type { PeerAddress } from '../io/output/peer-connection.ts';
import { pathTooLong, readAddress } from '../sidecar/address.ts';
import type { Reader } from './values.ts';

/** Where lines go that do not go to stdout. */
export type Destination = { readonly kind: 'file'; readonly path: string } | PeerAddress;

const TCP = 'tcp://';

/** A file whose path looks like an address is `./tcp:…`. */
export const destination: Reader<Destination> = {
  expected: 'a file, tcp://host:port or unix:path',
  expectedOf: pathTooLong,
  read: (text) => {
    if (text === '' || text.includes('\0')) return undefined;
    if (text.startsWith(TCP)) return readTcp(text.slice(TCP.length));
    if (text.startsWith('unix:')) return readAddress(text);
    return /^[a-z][\w+.-]*:\/\//iu.test(text) ? undefined : { kind: 'file', path: text };
  },
};

/** Without a host it is not clear whom to call, and at port 0 nobody answers. */
function readTcp(text: string): Destination | undefined {
  const address = readAddress(text);
  if (address?.kind !== 'tcp' || address.port === 0 || !text.includes(':')) return undefined;
  const { host } = address;
  return host.includes(':') && !isIPv6(host) ? undefined : address;
}
