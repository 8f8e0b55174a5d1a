import { quote } from '../rules/quote.ts';
import { pathTooLong, readAddress, type Address } from '../sidecar/address.ts';
import type { Environment } from './environment.ts';
import type { Reader } from './values.ts';

export const address: Reader<Address> = {
  expected: 'a port, host:port or unix:path',
  expectedOf: pathTooLong,
  read: readAddress,
};

/** For the help of commands that ask. */
export const ADDRESS_ABOUT = `An address is a port of this host, host:port or unix:path, as after --listen; without one it
is that of RELEVEL_LISTEN.`;

type AddressAsked =
  | { readonly kind: 'address'; readonly address: Address }
  /** Safe to print. */
  | { readonly kind: 'wrong'; readonly problem: string };

/** Whom to ask: the one word, or else what the environment says. */
export function addressOf(words: readonly string[], env: Environment): AddressAsked {
  const [word, more] = words;
  if (more !== undefined) return { kind: 'wrong', problem: `${quote(more)} is one address too many` };
  const text = word ?? env['RELEVEL_LISTEN'] ?? '';
  if (text === '') return { kind: 'wrong', problem: `no address; say one, or set RELEVEL_LISTEN to ${address.expected}` };
  const found = address.read(text);
  const place = word === undefined ? 'RELEVEL_LISTEN: ' : '';
  return found === undefined
    ? { kind: 'wrong', problem: `${place}${quote(text)} is not ${pathTooLong(text) ?? address.expected}` }
    : { kind: 'address', address: found };
}
