import type { Failure } from './port.ts';

export type Hypervisor = 'mshv' | 'kvm';

export type Device = '/dev/mshv' | '/dev/kvm';

export interface Ready {
  readonly outcome: 'ready';
  readonly hypervisor: Hypervisor;
  readonly device: Device;
  readonly apiVersion: number | undefined;
  /** What KVM answered to each question for a capability, by its name. */
  readonly capabilities: ReadonlyMap<string, number>;
  /** Bytes that are shared with each vcpu. */
  readonly vcpuMmapSize: number | undefined;
  /** What this hypervisor can do without, but not all who use it. */
  readonly advice: string | undefined;
}

export interface Unavailable {
  readonly outcome: 'unavailable';
  readonly hypervisor: Hypervisor;
  readonly device: Device;
  readonly syscall: 'open' | 'ioctl';
  readonly why: Refused | { readonly kind: 'version' } | { readonly kind: 'capability'; readonly name: string };
  readonly apiVersion: number | undefined;
  /** What to do about it. */
  readonly advice: string;
}

/** `step` is the request by name, or the system call's where it is none. */
export interface Refused {
  readonly kind: 'refused';
  readonly step: string;
  readonly failure: Failure;
}

export type HypervisorFinding = Ready | Unavailable;

export interface StatisticsRead {
  readonly outcome: 'ready';
  readonly interface: string;
  readonly driver: string;
  /** In the driver's order; a counter beyond 2^53 is a bigint. */
  readonly statistics: ReadonlyMap<string, number | bigint>;
}

export interface Unsupported {
  readonly outcome: 'unsupported';
  readonly interface: string;
  readonly driver: string | undefined;
  readonly failure: Failure;
  /** True where the kernel was not asked again. */
  readonly remembered: boolean;
}

export interface Failed {
  readonly outcome: 'failed';
  /** `undefined` where not even the list of interfaces, or a socket to ask by, was to be had. */
  readonly interface: string | undefined;
  readonly driver: string | undefined;
  readonly step: string;
  /** `undefined` where the kernel answered, but not with what can be used. */
  readonly failure: Failure | undefined;
  /** The error's text as Go and the C library have it, or our own. */
  readonly why: string;
}

export type InterfaceFinding = StatisticsRead | Unsupported | Failed;

/** Texts as Go's `syscall.Errno` has them: those that a probe is likely to meet. */
const TEXTS: Readonly<Record<string, string>> = {
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or directory',
  EINTR: 'interrupted system call',
  EIO: 'input/output error',
  ENXIO: 'no such device or address',
  EAGAIN: 'resource temporarily unavailable',
  ENOMEM: 'cannot allocate memory',
  EACCES: 'permission denied',
  EFAULT: 'bad address',
  EBUSY: 'device or resource busy',
  EEXIST: 'file exists',
  ENODEV: 'no such device',
  EINVAL: 'invalid argument',
  ENFILE: 'too many open files in system',
  EMFILE: 'too many open files',
  ENOTTY: 'inappropriate ioctl for device',
  EAFNOSUPPORT: 'address family not supported by protocol',
  ENETDOWN: 'network is down',
  ETIMEDOUT: 'connection timed out',
  EOPNOTSUPP: 'operation not supported',
};

/** The text of an errno; `errno 133` where we know none, as Go writes it. */
export const textOf = ({ code, errno }: Failure): string => TEXTS[code] ?? `errno ${errno}`;
