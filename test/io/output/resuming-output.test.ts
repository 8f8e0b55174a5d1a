import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputError, type Outgoing } from '../../../src/io/output/output.ts';
import { ResumingOutput } from '../../../src/io/output/resuming-output.ts';

/** A file on a disk that has room for so many bytes. */
class Disk {
  text = '';
  room: number;
  code = 'ENOSPC';

  constructor(room: number) {
    this.room = room;
  }

  /** An output as `Output` is: after a failure it takes nothing any more, and counts. `again`: it begins a line. */
  open(again: boolean): Outgoing {
    let gathered = '';
    let unwritten = 0;
    let endsLine = true;
    let error: Error | undefined;
    const flush = (): void => {
      const fits = error === undefined ? gathered.slice(0, this.room) : '';
      this.text += fits;
      this.room -= fits.length;
      unwritten += gathered.length - fits.length;
      if (fits.length < gathered.length) error ??= Object.assign(new Error('full'), { code: this.code });
      gathered = '';
    };
    if (again && this.text !== '' && !this.text.endsWith('\n')) {
      gathered = '\n';
      flush();
    }
    return {
      name: 'disk',
      listen: () => {},
      waiting: 0,
      delivered: 0,
      connected: true,
      full: false,
      get endsLine() {
        return endsLine;
      },
      get failure() {
        return error && new OutputError('disk', error, unwritten);
      },
      write: (bytes, start, end) => {
        endsLine = bytes[end - 1] === 0x0a;
        if (error !== undefined) unwritten += end - start;
        else gathered += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      },
      flush,
      end: async () => {
        if (error !== undefined) throw new OutputError('disk', error, unwritten);
      },
    };
  }
}

function resuming(disk: Disk) {
  let now = 0;
  const resumed: number[] = [];
  const output = new ResumingOutput({
    name: 'disk',
    first: disk.open(false),
    again: () => disk.open(true),
    now: () => now,
    onResumed: (lost) => resumed.push(lost),
  });
  const write = (text: string, ms: number): void => {
    now += ms;
    const bytes = Buffer.from(text);
    output.write(bytes, 0, bytes.length);
    output.flush();
  };
  return { output, resumed, write };
}

test('goes on at a line where there is room again, and says what is lost', async () => {
  const disk = new Disk(9);
  const { output, resumed, write } = resuming(disk);
  write('whole\n', 0);
  write('torn line\nlost\n', 10);
  expect(output.failure?.message).toMatch(/^disk: cannot write: .*; 12 bytes were not written$/u);
  write('lost too\nto', 500);
  disk.room = 100;
  write('o\nnot tried before a second is over\n', 200);
  write('torn again', 200);
  write(', and its end\nkept', 400);
  expect(output.failure).toBeUndefined();
  write(' whole\n', 0);
  await output.end();
  expect(disk.text).toBe('whole\ntor\nkept whole\n');
  expect(resumed).toEqual([12 + 11 + 36 + 24]);
});

test('gives up where nothing can be mended, and says in the end what is lost', async () => {
  const gone = new Disk(0);
  gone.code = 'EBADF';
  const { output, write } = resuming(gone);
  write('a\n', 0);
  gone.room = 100;
  write('b\n', 5000);
  await expect(output.end()).rejects.toThrow('4 bytes were not written');
  expect(gone.text).toBe('');

  const full = new Disk(0);
  const other = resuming(full);
  other.write('a\n', 0);
  other.write('b\n', 5000);
  other.write('c\n', 5000);
  await expect(other.output.end()).rejects.toThrow(/^disk: cannot write: .*; 6 bytes were not written$/u);
});

test('whatever comes, and whenever there is room, all lines on the disk are whole, but for what a torn one has left', () => {
  let kept = 0;
  let lost = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.array(fc.nat({ max: 3 }), { maxLength: 4 }),
          fc.boolean(),
          fc.constantFrom(0, 400, 1100),
          fc.constantFrom(0, 0, 5, 40),
        ),
        { maxLength: 30 },
      ),
      (steps) => {
        const disk = new Disk(20);
        const { output, resumed, write } = resuming(disk);
        let count = 0;
        let sent = '';
        for (const [lengths, isWhole, ms, room] of steps) {
          const text = lengths.map((length) => `<${'x'.repeat(length)}${(count += 1)}>${isWhole ? '\n' : ''}`).join('');
          disk.room += room;
          sent += text;
          if (text !== '') write(text, ms);
        }
        const lines = sent.split('\n');
        let behind = -1;
        for (const line of disk.text.split('\n')) {
          const place = lines.findIndex((each, i) => i > behind && each === line);
          if (place !== -1) behind = place;
          else if (line !== '') expect(lines.some((each) => each.startsWith(line))).toBe(true);
          if (place !== -1 && line !== '') kept += 1;
        }
        const missing = resumed.reduce((sum, each) => sum + each, output.failure?.unwritten ?? 0);
        // A newline of ours ends a torn line.
        const added = disk.text.length - (sent.length - missing);
        expect(added).toBeGreaterThanOrEqual(0);
        expect(added).toBeLessThanOrEqual(steps.length);
        lost += missing;
      },
    ),
    { numRuns: 1000 },
  );
  expect(kept).toBeGreaterThan(500);
  expect(lost).toBeGreaterThan(500);
});
