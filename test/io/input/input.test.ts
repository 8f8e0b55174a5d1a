import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInput } from '../../../src/io/input/input.ts';
import { kindOf } from '../../../src/io/input/kinds.ts';
import { emptyFifo, fifo, openUntilEnd, scratch } from '../scratch.ts';

/** All that comes from `fd`, with a pause after each chunk of at most `size` bytes. */
function readAll(fd: number, size: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let paused = false;
    const input = openInput(fd, new Uint8Array(size), {
      onChunk: (chunk) => {
        expect(paused).toBe(false);
        text += Buffer.from(chunk).toString('latin1');
        paused = true;
        input.pause();
        setImmediate(() => {
          paused = false;
          input.resume();
        });
      },
      onEnd: () => resolve(text),
      onError: reject,
    });
  });
}

const LINES = 'one\ntwo\nthree';

test('reads a file from where it stands', async () => {
  const path = join(scratch(), 'lines.log');
  writeFileSync(path, LINES);
  expect(await readAll(openUntilEnd(path, 'r'), 4)).toBe(LINES);
});

test('reads a FIFO to its end', async () => {
  const { path, reader } = fifo();
  const writer = openSync(path, 'w');
  const all = readAll(reader, 4);
  writeSync(writer, LINES);
  closeSync(writer);
  expect(await all).toBe(LINES);
});

test('leaves the flags of the pipe that it was given alone', async () => {
  const both = openUntilEnd(emptyFifo(), constants.O_RDWR);
  const flags = (): string | undefined => /flags:\s*(\d+)/u.exec(readFileSync(`/proc/self/fdinfo/${both}`, 'utf8'))?.[1];
  const before = flags();
  await new Promise<void>((resolve) => {
    const input = openInput(both, new Uint8Array(16), {
      onChunk: () => {
        input.close();
        resolve();
      },
      onEnd: () => {},
      onError: () => {},
    });
    setImmediate(() => setImmediate(() => writeSync(both, 'x'))); // after it found the pipe empty
  });
  expect(flags()).toBe(before);
});

test('ends /dev/null at once', async () => {
  expect(await readAll(openUntilEnd('/dev/null', 'r'), 4)).toBe('');
});

test('says that a directory is one', async () => {
  await expect(readAll(openUntilEnd('/', 'r'), 4)).rejects.toMatchObject({ code: 'EISDIR' });
});

test('keeps what a device gave until it may hand it on', async () => {
  const chunk = await new Promise((resolve, reject) => {
    const input = openInput(openUntilEnd('/dev/zero', 'r'), new Uint8Array(8), {
      onChunk: (bytes) => {
        input.close();
        resolve(bytes.length);
      },
      onEnd: reject,
      onError: reject,
    });
    input.pause();
    setTimeout(() => input.resume(), 5);
  });
  expect(chunk).toBe(8);
});

const kinds: readonly [path: string, kind: string][] = [
  ['/', 'file'],
  ['/etc/passwd', 'file'],
  ['/dev/null', 'device'],
];

test.each(kinds)('%s is a %s', (path, kind) => {
  expect(kindOf(openUntilEnd(path, 'r'))).toBe(kind);
});
