import { constants } from 'node:os';
import { bytesOfName, textOfName } from './name.ts';
import type { Failure, NetInterface, Port } from './port.ts';

/** include/uapi/linux/sockios.h. */
const SIOCETHTOOL = 0x8946;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;

/** `struct ifreq` on 64-bit Linux: 16 bytes of name with its NUL, then a union that starts with the pointer to the data. */
const IFREQ_BYTES = 40;
const IFREQ_DATA = 16;
const IFNAMSIZ = 16;

/** `struct if_nameindex`: the index, padding, a pointer to the name. */
const NAMEINDEX_BYTES = 16;
const NAMEINDEX_NAME = 8;

/**
 * Opens the real door, by koffi. Throws an `Error` that says what is missing where the host is not
 * Linux on x64 or arm64, or koffi, an optional peer dependency, is not there.
 */
export async function openKernel(): Promise<Port> {
  const host = `${process.platform} on ${process.arch}`;
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    throw new Error(
      `cannot probe this host: probing needs Linux on x64 or arm64, this is ${host}; --replay plays a recorded host`,
    );
  }
  const koffi = await importKoffi();

  // The C library that Node itself is linked to. By name it would be libc.so.6 with glibc and
  // libc.musl-<machine>.so.1 with musl.
  const libc = koffi.load(null);
  const open = libc.func('open', 'int', ['str', 'int']);
  const close = libc.func('close', 'int', ['int']);
  const socket = libc.func('socket', 'int', ['int', 'int', 'int']);
  // Declared without `...`: Linux passes variadic arguments as others on x64 and arm64. The request is an
  // int with musl, which takes the low half of the register.
  const ioctlNumber = libc.func('ioctl', 'int', ['int', 'ulong', 'ulong']);
  const ioctlMemory = libc.func('ioctl', 'int', ['int', 'ulong', 'void *']);
  const nameIndex = libc.func('if_nameindex', 'void *', []);
  const freeNameIndex = libc.func('if_freenameindex', 'void', ['void *']);

  /** The bytes of a C string, before its NUL; koffi's own `str` has no place for what is not UTF-8. */
  const bytesAt = (text: unknown): Uint8Array => {
    const bytes: number[] = [];
    for (;;) {
      const byte = Number(koffi.decode(text, bytes.length, 'uint8'));
      if (byte === 0) return Uint8Array.from(bytes);
      bytes.push(byte);
    }
  };

  // In each of these, errno is read in the statement after the call: whatever runs between may change it.
  return {
    open(path, flags) {
      const fd = Number(open(path, flags));
      const errno = koffi.errno();
      return fd === -1 ? failure(errno) : { ok: true, value: { fd, name: path } };
    },

    socket() {
      const fd = Number(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      const errno = koffi.errno();
      return fd === -1 ? failure(errno) : { ok: true, value: { fd, name: 'socket' } };
    },

    ioctl(handle, request, argument) {
      const value = Number(ioctlNumber(handle.fd, request, argument));
      const errno = koffi.errno();
      return value === -1 ? failure(errno) : { ok: true, value };
    },

    ethtool(handle, name, data) {
      const bytes = bytesOfName(name);
      // Cut short it would be the name of another interface.
      if (bytes.length >= IFNAMSIZ) return failure(constants.errno.ENODEV);
      const ifreq = Buffer.alloc(IFREQ_BYTES);
      bytes.copy(ifreq);
      ifreq.writeBigUInt64LE(koffi.address(data), IFREQ_DATA);
      const value = Number(ioctlMemory(handle.fd, SIOCETHTOOL, ifreq));
      const errno = koffi.errno();
      return value === -1 ? failure(errno) : { ok: true, value };
    },

    // Not /sys/class/net, which shows the namespace that it was mounted in, nor `os.networkInterfaces`, which
    // leaves out those without an address.
    interfaces() {
      const list: unknown = nameIndex();
      const errno = koffi.errno();
      if (list === null) return failure(errno);
      const found: NetInterface[] = [];
      for (let at = 0; ; at += NAMEINDEX_BYTES) {
        const index = Number(koffi.decode(list, at, 'uint32'));
        if (index === 0) break;
        found.push({ name: textOfName(bytesAt(koffi.decode(list, at + NAMEINDEX_NAME, 'void *'))), index });
      }
      freeNameIndex(list);
      return { ok: true, value: found };
    },

    close(handle) {
      close(handle.fd);
    },
  } satisfies Port;
}

async function importKoffi(): Promise<typeof import('koffi')> {
  try {
    return await import('koffi');
  } catch (cause) {
    const remedy = 'install it beside relevel: npm install koffi (--global, if relevel is); --replay needs no koffi';
    throw new Error(`cannot probe this host: the package koffi is missing or does not load; ${remedy}`, { cause });
  }
}

/** Names by number. Where two names share one, the last in this list wins. */
const CODES = new Map<number, string>([
  ...Object.entries(constants.errno).map(([code, errno]) => [errno, code] as const),
  [constants.errno.EAGAIN, 'EAGAIN'],
  [constants.errno.EOPNOTSUPP, 'EOPNOTSUPP'],
  // The kernel's own, never meant to get out; drivers and the older mshv module let it.
  [524, 'ENOTSUPP'],
]);

const failure = (errno: number): Failure => ({ ok: false, errno, code: CODES.get(errno) ?? 'UNKNOWN' });
