import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Output, OutputError } from '../../../src/io/output/output.ts';
import { emptyFifo, fifo, openUntilEnd, scratch } from '../scratch.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Numbered lines, so that an order that is wrong shows. */
const lines = (count: number): Uint8Array => bytesOf(Array.from({ length: count }, (_, i) => `line ${i}\n`).join(''));

const outputTo = (fd: number, highWater = 1024): Output => new Output({ fd, name: 'stdout', highWater });

function writeAll(output: Output, bytes: Uint8Array): void {
  output.write(bytes, 0, bytes.length);
  output.flush();
}

/** What is in a non-blocking pipe now. */
function take(fd: number): string {
  const buffer = Buffer.alloc(1 << 20);
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer));
  } catch {
    return '';
  }
}

test('writes short runs and long ones to a file in their order', async () => {
  const path = join(scratch(), 'out.log');
  const output = outputTo(openUntilEnd(path, 'w'));
  const long = lines(10_000);
  output.write(bytesOf('x short x'), 2, 8);
  output.write(long, 0, long.length);
  output.write(bytesOf('end'), 0, 3);
  expect(output.endsLine).toBe(false);
  await output.end();
  expect(readFileSync(path, 'latin1')).toBe(`short ${Buffer.from(long).toString('latin1')}end`);
});

test('keeps what a pipe does not take, says that it is full, and writes it in order as room comes', async () => {
  const { path, reader } = fifo();
  const output = outputTo(openUntilEnd(path, 'r+'));
  let room = 0;
  output.listen({ onRoom: () => (room += 1), onFailure: () => {} });
  const first = lines(20_000);
  const second = bytesOf('then this\n');
  writeAll(output, first);
  writeAll(output, second);
  expect(output.full).toBe(true);
  expect(output.waiting).toBeGreaterThan(1024);

  let seen = '';
  const end = output.end();
  while (output.waiting > 0) {
    seen += take(reader);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await end;
  seen += take(reader);
  expect(seen).toBe(Buffer.concat([first, second]).toString('latin1'));
  expect(room).toBe(1);
});

test('says that there is room also where a socket takes a part at a time', async () => {
  const path = join(scratch(), 'socket');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  const client = connect(path); // non-blocking, as one that is shared with another program may be
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], unknown];
  const {
    _handle: { fd },
  } = client as unknown as { _handle: { fd: number } };
  const output = outputTo(fd, 256 * 1024);
  const room = new Promise<void>((resolve) => output.listen({ onRoom: resolve, onFailure: () => {} }));
  const all = lines(100_000);
  writeAll(output, all);
  expect(output.full).toBe(true);

  let seen = 0;
  peer.on('data', (chunk: Buffer) => (seen += chunk.length));
  await room;
  await output.end();
  client.end();
  await once(peer, 'end');
  expect(seen).toBe(all.length);
  peer.destroy();
  server.close();
});

test('says what is wrong with the disk, and how much is lost', async () => {
  const output = outputTo(openUntilEnd('/dev/full', 'w'));
  writeAll(output, bytesOf('12345\n'));
  writeAll(output, bytesOf('678\n'));
  await expect(output.end()).rejects.toBeInstanceOf(OutputError);
  expect(output.failure?.message).toBe('stdout: cannot write: no space left on device; 10 bytes were not written');
  expect(output.failure?.readerLeft).toBe(false);
});

test('counts the rest of a long run as lost too', () => {
  const output = outputTo(openUntilEnd('/dev/full', 'w'));
  const long = lines(10_000);
  writeAll(output, long);
  expect(output.failure?.unwritten).toBe(long.length);
});

test('tells a reader that left from a fault', () => {
  const path = emptyFifo();
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const output = outputTo(openUntilEnd(path, 'w'));
  writeAll(output, bytesOf('one\n'));
  expect(output.failure).toBeUndefined();
  closeSync(reader);
  writeAll(output, bytesOf('two\n'));
  expect(output.failure?.readerLeft).toBe(true);
});
