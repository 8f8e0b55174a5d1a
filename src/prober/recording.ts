import * as z from 'zod';
import { toDotPath } from 'zod/v4/core';
import { jsonFault } from './json-fault.ts';
import type { Answer, Handle, Port } from './port.ts';

const netInterface = z.object({ name: z.string(), index: z.int() });

/** One question to the kernel and its answer, as a recording holds them. */
const entry = z.object({
  /** The question, in words: `open /dev/kvm 0x80002`, `ioctl /dev/kvm 0xae03 3`, `ethtool eth0 0x1b 0x1 0x14`. */
  ask: z.string(),
  /** The kernel's `MAX_ERRNO` is the most. */
  errno: z.int().min(1).max(4095).optional(),
  code: z
    .string()
    .regex(/^[A-Z][A-Z\d]*$/u)
    .optional(),
  value: z.int().min(0).optional(),
  /** What the kernel left in ethtool's structure: base64, without the zeros at the end. */
  data: z.string().optional(),
  interfaces: z.array(netInterface).readonly().optional(),
});

const recording = z.object({
  /** What host this was, for people. */
  host: z.string(),
  entries: z.array(entry),
});

type Entry = z.infer<typeof entry>;
type Recording = z.infer<typeof recording>;

export interface Recorder {
  readonly port: Port;
  /** All that was asked and answered so far, as the text of a file: one answer a line. */
  text(): string;
}

/** Wraps `port` so that what passes through it can be played back. Keeps all of it in memory. */
export function recordPort(port: Port, host: string): Recorder {
  const entries: Entry[] = [];

  /** Keeps the answer, with what `told` makes of its value. */
  function keep<T>(ask: string, answer: Answer<T>, told: (value: T) => Omit<Entry, 'ask'>): Answer<T> {
    entries.push(answer.ok ? { ask, ...told(answer.value) } : { ask, errno: answer.errno, code: answer.code });
    return answer;
  }

  return {
    port: {
      open: (path, flags) => keep(asks.open(path, flags), port.open(path, flags), ({ fd }) => ({ value: fd })),
      socket: () => keep(asks.socket(), port.socket(), ({ fd }) => ({ value: fd })),
      ioctl: (handle, request, argument) =>
        keep(asks.ioctl(handle.name, request, argument), port.ioctl(handle, request, argument), (value) => ({ value })),
      ethtool(socket, name, data) {
        const ask = asks.ethtool(name, data);
        return keep(ask, port.ethtool(socket, name, data), (value) => ({ value, data: withoutZeros(data).toString('base64') }));
      },
      interfaces: () => keep(asks.interfaces(), port.interfaces(), (interfaces) => ({ interfaces })),
      close: (handle) => port.close(handle),
    },
    text() {
      const lines = entries.map((one) => `    ${JSON.stringify(one)}`);
      return `{\n  "host": ${JSON.stringify(host)},\n  "entries": [\n${lines.join(',\n')}\n  ]\n}\n`;
    },
  };
}

/**
 * A port that answers from a recording's `text`; `file` is its name, for messages. A question that was asked several times
 * is answered in the same order, and then for ever with the last answer, so that two recorded ticks can be played as ten.
 * Throws an `Error` where the text is no recording, and later where it holds no answer.
 */
export function replayPort(file: string, text: string): Port {
  const answers = new Map<string, Entry[]>();
  const { host, entries } = readRecording(file, text);
  for (const one of entries) {
    const of = answers.get(one.ask);
    if (of === undefined) answers.set(one.ask, [one]);
    else of.push(one);
  }

  function next<T>(ask: string, valueOf: (entry: Entry) => T | undefined): Answer<T> {
    const of = answers.get(ask);
    const found = of !== undefined && of.length > 1 ? of.shift() : of?.[0];
    if (found === undefined) throw new Error(`${file}: no answer to "${ask}" was recorded on ${host}`);
    if (found.errno !== undefined) return { ok: false, errno: found.errno, code: found.code ?? 'UNKNOWN' };
    const value = valueOf(found);
    if (value === undefined) throw new Error(`${file}: what was recorded for "${ask}" is neither an answer nor an errno`);
    return { ok: true, value };
  }

  return {
    open: (path, flags) => next(asks.open(path, flags), ({ value }) => asHandle(value, path)),
    socket: () => next(asks.socket(), ({ value }) => asHandle(value, 'socket')),
    ioctl: (handle, request, argument) => next(asks.ioctl(handle.name, request, argument), ({ value }) => value),
    ethtool(_socket, name, data) {
      return next(asks.ethtool(name, data), ({ data: left, value }) => {
        if (value === undefined) return undefined;
        data.fill(0);
        data.set(Buffer.from(left ?? '', 'base64').subarray(0, data.length));
        return value;
      });
    },
    interfaces: () => next(asks.interfaces(), ({ interfaces }) => interfaces),
    close() {},
  };
}

const asHandle = (fd: number | undefined, name: string): Handle | undefined => (fd === undefined ? undefined : { fd, name });

/** How a question is spelled. Room for an answer is no part of it. */
const asks = {
  open: (path: string, flags: number): string => `open ${path} ${hex(flags)}`,
  socket: (): string => 'socket',
  ioctl: (name: string, request: number, argument: number): string => `ioctl ${name} ${hex(request)} ${argument}`,
  ethtool: (name: string, data: Uint8Array): string => `ethtool ${name} ${words(data).map(hex).join(' ')}`,
  interfaces: (): string => 'interfaces',
};

const hex = (number: number): string => `0x${number.toString(16)}`;

function withoutZeros(data: Uint8Array): Buffer {
  const length = data.findLastIndex((byte) => byte !== 0) + 1;
  return Buffer.from(data.buffer, data.byteOffset, length);
}

/** The numbers that an ethtool structure begins with, up to the last that is not 0. */
function words(data: Uint8Array): number[] {
  const bytes = withoutZeros(data);
  const padded = Buffer.concat([bytes, Buffer.alloc(3)]);
  return Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => padded.readUInt32LE(i * 4));
}

function readRecording(file: string, text: string): Recording {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    const { line, column } = jsonFault(text);
    throw new Error(`${file}:${line}:${column}: no recording of a host: this is not JSON`, { cause });
  }
  const { data, error } = recording.safeParse(read);
  if (data !== undefined) return data;
  const [first, ...more] = error.issues;
  const place = toDotPath(first!.path); // there is one, else it had been read
  const others = more.length === 0 ? '' : `; and ${more.length} more like it`;
  throw new Error(`${file}: no recording of a host: ${place === '' ? '' : `${place}: `}${first!.message}${others}`);
}
