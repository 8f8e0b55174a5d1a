import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../cli/host.ts';
import { bash } from './running.ts';

/** A process may take this long to start, where others keep the machine busy. */
const PATIENCE = { timeout: 30_000 };

const LINES = 'level=error msg="no rule cares"\n'.repeat(100);

const REFUSED =
  /^relevel: error: .*: is an input, and .* writes to the same file, which would grow without end; write to another file$/mu;
const SHARED = /^relevel: error: --archive: .* is the output too; folded lines belong into a file of their own$/mu;

// `ulimit -f` ends what would fill the disk.
const loops: readonly [claim: string, command: string, says: RegExp][] = [
  ['--output', 'exec relevel --output a.log a.log', REFUSED],
  ['--output by another name', 'exec relevel --output link.log a.log', REFUSED],
  ['stdout', 'exec relevel a.log >> a.log', REFUSED],
  ['stdin and stdout', 'exec relevel < a.log >> a.log', REFUSED],
  ['stdin and stdout, opened to be written over', 'exec relevel < a.log 1<> a.log', REFUSED],
  ['stdin and --output', 'exec relevel --output a.log < a.log', REFUSED],
  ['the second input', 'exec relevel b.log a.log >> a.log', REFUSED],
  ['an empty input behind one that is not', 'exec relevel a.log empty.log >> empty.log', REFUSED],
  ['an input that the output creates', 'exec relevel --output new.log a.log new.log', REFUSED],
  ['--archive', 'exec relevel --archive a.log a.log', REFUSED],
  ['--archive, of stdin', 'exec relevel --archive a.log < a.log', REFUSED],
  ['json-stream', 'exec relevel --format json-stream a.log >> a.log', REFUSED],
  ['restore', 'exec relevel restore a.log >> a.log', REFUSED],
  ['the stdin of a command', 'exec relevel run -- cat < a.log >> a.log', REFUSED],
  ['the stdin of a command, and --output', 'exec relevel run --output a.log -- cat < a.log', REFUSED],
  ['an archive that is the output', 'exec relevel --archive a.log --output a.log b.log', SHARED],
  ['an archive that is stdout', 'exec relevel --archive a.log b.log >> a.log', SHARED],
  ['an archive that is the output, of a command', 'exec relevel run --archive new.log --output ./new.log -- cat b.log', SHARED],
  ['an archive that is the output, of follow', 'exec relevel follow --archive new.log --output new.log b.log', SHARED],
];

/** `a.log` and `b.log` hold lines, `link.log` is another name of the first, `empty.log` is empty. */
function folder(): string {
  const path = scratch();
  writeFileSync(join(path, 'a.log'), LINES);
  writeFileSync(join(path, 'b.log'), LINES);
  writeFileSync(join(path, 'empty.log'), '');
  symlinkSync('a.log', join(path, 'link.log'));
  return path;
}

test.each(loops)('refuses to read what it writes: %s', PATIENCE, async (_claim, command, says) => {
  const FOLDER = folder();
  const { ended, stdout, stderr } = bash(`cd "$FOLDER"; ulimit -f 20000; ${command}`, { FOLDER });
  expect([await ended, stdout()]).toEqual([2, '']);
  expect(stderr()).toMatch(says);
  for (const name of ['a.log', 'b.log']) expect(readFileSync(join(FOLDER, name), 'utf8')).toBe(LINES);
});

const harmless: readonly [claim: string, command: string, name: string, text: string][] = [
  ['an empty file', 'relevel empty.log >> empty.log', 'empty.log', ''],
  ['a file that the shell has emptied', 'relevel a.log > a.log', 'a.log', ''],
  ['a file that was read to its end', '{ cat >/dev/null; relevel; } < a.log >> a.log', 'a.log', LINES],
  ['another file', 'relevel a.log >> b.log', 'b.log', LINES + LINES],
  ['a device', 'relevel a.log >/dev/null', 'a.log', LINES],
  ['the empty stdin of a command', "relevel run -- sh -c 'cat; echo x' < empty.log >> empty.log", 'empty.log', 'x\n'],
  ['one log for all three', 'relevel run -- echo x 0<> a.log >> a.log 2>&1', 'a.log', `${LINES}x\n`],
];

test.each(harmless)('does not refuse %s', PATIENCE, async (_claim, command, name, text) => {
  const FOLDER = folder();
  const { ended, stderr } = bash(`cd "$FOLDER"; ulimit -f 20000; ${command}`, { FOLDER });
  expect([await ended, stderr()]).toEqual([0, '']);
  expect(readFileSync(join(FOLDER, name), 'utf8')).toBe(text);
});

test('a half line at the end of a file that is refused stays as it is', PATIENCE, async () => {
  const FOLDER = folder();
  writeFileSync(join(FOLDER, 'half.log'), 'half');
  expect(await bash('cd "$FOLDER"; exec relevel --output half.log half.log', { FOLDER }).ended).toBe(2);
  expect(readFileSync(join(FOLDER, 'half.log'), 'utf8')).toBe('half');
  expect(existsSync(join(FOLDER, 'new.log'))).toBe(false);
});
