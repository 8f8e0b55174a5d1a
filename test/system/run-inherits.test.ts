import { expect, test } from 'vitest';
import { fileWith } from '../cli/host.ts';
import { bash, PROGRAM } from './running.ts';

/** A process may take this long to start, where others keep the machine busy. */
const PATIENCE = { timeout: 60_000 };

/** What it ignores, and its soft limit. */
const SELF = `grep SigIgn /proc/self/status; awk '/^Max open files/ { print $4 }' /proc/self/limits`;

const inherited: readonly [claim: string, script: string, mask: string, limit: string][] = [
  ['an ignored SIGPIPE', `trap '' PIPE`, '0000000000001000', ''],
  ['other ignored signals', `trap '' HUP USR1 TERM`, '0000000000004201', ''],
  ['what a name that no shell knows stands beside', `trap '' PIPE; RELEVEL='env a.b=c'`, '0000000000001000', ''],
  ['a soft limit of open files', `ulimit -S -n 256`, '0000000000000000', '256'],
  ['both', `trap '' PIPE; ulimit -S -n 300`, '0000000000001000', '300'],
  ['both, beside a name that no shell knows', `trap '' PIPE; ulimit -S -n 300; RELEVEL='env a.b=c'`, '0000000000001000', '300'],
  ['nothing', ':', '0000000000000000', ''],
  [
    'what is asked for instead',
    `ulimit -S -n 256; OPTIONS='--child-ignore=SIGPIPE --child-nofile=100'`,
    '0000000000001000',
    '100',
  ],
  ['nothing, if nothing is asked for', `trap '' PIPE; OPTIONS='--child-ignore=none'`, '0000000000000000', ''],
];

test.each(inherited)('a command starts with %s, as without us', PATIENCE, async (_claim, script, mask, limit) => {
  const { ended, stdout, stderr } = bash(`${script}; $RELEVEL "$NODE" "$PROGRAM" run $OPTIONS -- sh -c "$SELF"; echo "code $?"`, {
    SELF,
    NODE: process.execPath,
    PROGRAM,
  });
  await ended;
  expect(stderr()).toBe('');
  const [ignored, soft, code] = stdout().trimEnd().split('\n');
  expect(ignored).toBe(`SigIgn:\t${mask}`);
  if (limit !== '') expect(soft).toBe(limit);
  expect(code).toBe('code 0');
});

test('the command is the process that was started: its id, its name, its environment', PATIENCE, async () => {
  const { ended, stdout } = bash(
    `ulimit -S -n 256; env -i PATH="$PATH" A=1 a.b=2 "$NODE" "$PROGRAM" run -- env; env -i A=1 "$NODE" "$PROGRAM" run -- /usr/bin/env; true`,
    { NODE: process.execPath, PROGRAM },
  );
  await ended;
  const lines = stdout()
    .split('\n')
    .filter((line) => !/^(?:PATH|_)=/u.test(line));
  expect(lines).toEqual(['A=1', 'a.b=2', 'A=1', '']);
});

const failures: readonly [claim: string, command: string, code: number, says: string][] = [
  ['no such command', 'no-such-command', 127, 'no-such-command: no such command on the PATH'],
  ['what may not be run', '/etc/passwd', 126, '/etc/passwd: cannot run: permission denied'],
  ['a script without its interpreter', '"$SCRIPT"', 127, 'its interpreter, or its loader, is not there'],
];

test.each(failures)('%s is still told by relevel', PATIENCE, async (_claim, command, code, says) => {
  const SCRIPT = fileWith('#!/gone\n', 'script');
  const { ended, stderr } = bash(`chmod +x "$SCRIPT"; ulimit -S -n 256; relevel run -- ${command}`, { SCRIPT });
  expect(await ended).toBe(code);
  expect(stderr()).toContain(says);
});

test('NODE_OPTIONS of the command may be others than ours', PATIENCE, async () => {
  const { ended, stdout } = bash(`relevel run -- sh -c 'echo "$NODE_OPTIONS"; env | grep -c ^RELEVEL_CHILD'`, {
    RELEVEL_CHILD_NODE_OPTIONS: '--max-old-space-size=99',
    NODE_OPTIONS: '--no-deprecation',
  });
  await ended;
  expect(stdout()).toBe('--max-old-space-size=99\n0\n');
});
