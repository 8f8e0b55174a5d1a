import type { Random } from './random.ts';

/** One probe of a hypervisor's device. A success and a failure of the same process share host and pid. */
interface Probe {
  readonly hostname: string;
  readonly pid: number;
  readonly outcome: 'ready' | 'unavailable';
}

/** How one kind of program writes down what happens to it. Times are in ms since 1970; lines come without newline. */
export interface Dialect {
  /** What a healthy service says all day: no rule cares for it. */
  ordinary(time: number, random: Random): string;
  /** A real error. Some look like what a rule lowers, and none is. */
  failure(time: number, random: Random): string;
  /** An interface without ethtool statistics: a shipped rule fits. */
  unsupported(time: number, name: string, random: Random): string;
  /** A shipped rule fits the `unavailable`, and awaits the `ready`. */
  probe(time: number, probe: Probe): string;
}

/** Names of hosts and pods, as Kubernetes makes them. */
export const HOSTS = [
  'aks-nodepool1-38472915-vmss000003',
  'api-7d9f8b6c5-x2x9k',
  'checkout-59d6c8f7b4-q8wzn',
  'worker-6b7c9d5f88-4hj2m',
];

export const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
export const PATHS = ['/v1/orders', '/v1/users', '/v1/carts', '/v2/search', '/internal/metrics', '/v1/payments/refunds'];

export const peerOf = (random: Random): string => `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
