import { constants, existsSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, scratch } from '../cli/host.ts';
import { emptyFifo, openUntilEnd } from '../io/scratch.ts';
import { bash } from './running.ts';

/** A process may take this long to start, where others keep the machine busy. */
const PATIENCE = { timeout: 30_000 };
const poll = { ...PATIENCE, interval: 20 };

const waits = (path: string): string => `relevel: warn: ${path}: nobody reads it yet; it is tried again, and lines wait\n`;

/** Reads a FIFO from now on: what has come so far. */
function readerOf(path: string): () => string {
  const fd = openUntilEnd(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(1 << 16);
  let text = '';
  return () => {
    try {
      text += buffer.toString('utf8', 0, readSync(fd, buffer));
    } catch {
      // nothing for now
    }
    return text;
  };
}

test('run starts its command at once, and its lines come when somebody reads', PATIENCE, async () => {
  const [FIFO, STARTED] = [emptyFifo(), join(scratch(), 'started')];
  const { ended, stderr } = bash(`exec relevel run --output "$FIFO" -- sh -c 'echo one; : >"$STARTED"; echo two >&2; exit 3'`, {
    FIFO,
    STARTED,
  });
  await expect.poll(() => existsSync(STARTED), poll).toBe(true);
  await expect.poll(stderr, poll).toBe(waits(FIFO));
  const read = readerOf(FIFO);
  expect(await ended).toBe(3);
  expect(read().split('\n').toSorted()).toEqual(['', 'one', 'two']);
});

test('run passes SIGTERM on, and says at the end of --grace what nobody has read', PATIENCE, async () => {
  const FIFO = emptyFifo();
  const { child, ended, stderr } = bash(`exec relevel run --grace 50ms --output "$FIFO" -- sh -c 'echo one; exec sleep 60'`, {
    FIFO,
  });
  await expect.poll(stderr, poll).toBe(waits(FIFO));
  child.kill('SIGTERM');
  expect(await ended).toBe(1);
  expect(stderr()).toBe(`${waits(FIFO)}relevel: error: ${FIFO}: nobody reads it; 4 bytes were not written\n`);
});

test('a command that writes nothing needs no reader', PATIENCE, async () => {
  expect(await bash('exec relevel run --output "$FIFO" -- true', { FIFO: emptyFifo() }).ended).toBe(0);
});

test('a full buffer stops the command, as a slow reader would, and nothing is lost', PATIENCE, async () => {
  const FIFO = emptyFifo();
  const { ended, stdout, stderr } = bash(
    `{ relevel run --output "$FIFO" -- seq 200000 & } 2>/dev/null; sleep 1; cat "$FIFO" | sha256sum; wait`,
    { FIFO },
  );
  await ended;
  expect(stderr()).not.toContain('error');
  const { stdout: expected, ended: done } = bash('seq 200000 | sha256sum');
  await done;
  expect(stdout()).toContain(expected());
});

test('the filter waits too, hears SIGTERM, and ends by it', PATIENCE, async () => {
  const FIFO = emptyFifo();
  const { child, ended, stderr } = bash('exec relevel --grace 50ms --output "$FIFO"', { FIFO });
  child.stdin!.write('one\n');
  await expect.poll(stderr, poll).toBe(waits(FIFO));
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  expect(stderr()).toContain('relevel: warn: ended by SIGTERM before the end of the input; 4 bytes were not written\n');
});

test('the filter writes all as soon as somebody reads', PATIENCE, async () => {
  const FIFO = emptyFifo();
  const { child, ended, stderr } = bash('exec relevel --output "$FIFO"', { FIFO });
  child.stdin!.end('one\ntwo');
  await expect.poll(stderr, poll).toBe(waits(FIFO));
  const read = readerOf(FIFO);
  expect(await ended).toBe(0);
  expect(read()).toBe('one\ntwo');
});

test('follow waits too', PATIENCE, async () => {
  const FIFO = emptyFifo();
  const { child, ended, stderr } = bash('exec relevel follow --from start --output "$FIFO" "$FILE"', {
    FIFO,
    FILE: fileWith('one\n'),
  });
  await expect.poll(stderr, poll).toBe(waits(FIFO));
  const read = readerOf(FIFO);
  await expect.poll(read, poll).toBe('one\n');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('an archive that is a FIFO without a reader folds nothing, and hangs nowhere', PATIENCE, async () => {
  const FIFO = emptyFifo();
  const repeat = '{"level":50,"msg":"ethtool failed"}\n';
  const { ended, stdout, stderr } = bash('exec relevel -r "$RULES" --archive "$FIFO" "$IN"', {
    FIFO,
    RULES: join(import.meta.dirname, '../cli/rules.yaml'),
    IN: fileWith(repeat.repeat(5_000)),
  });
  expect(await ended).toBe(0);
  expect(stdout().match(/\n/gu)).toHaveLength(5_000);
  expect(stderr()).toContain(`${FIFO}: cannot keep folded lines: nobody reads it`);
});
