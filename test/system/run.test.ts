import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fileWith, scratch } from '../cli/host.ts';
import { runningOf, type Running } from './running.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** A process may take this long to start, where others keep the machine busy. */

const RULES = `
version: 1
rules:
  - id: probe
    when: { msg: { contains: 'Error creating' } }
    await: { success: [{ device: /dev/kvm, outcome: ready }], within: 60s, by: [pid] }
    then: { level: debug }
`;
const TROUBLE = '{"level":50,"pid":7,"msg":"Error creating MSHV"}';
const READY = '{"level":30,"pid":7,"device":"/dev/kvm","outcome":"ready"}';
const LOWERED = /^\{"level":20,"pid":7,"msg":"Error creating MSHV","relevel":\{"rule":"probe","was":"50",.*\}\}\n$/u;

/** Runs a bash command, in which `relevel` stands for the built program. It is killed after the test, with all it started. */
function run(command: string, env: NodeJS.ProcessEnv = {}): Running {
  const program = `'${process.execPath}' '${PROGRAM}'`;
  const script = command.replaceAll('relevel', program);
  const child = spawn('bash', ['--norc', '-c', script], {
    env: { PATH: process.env['PATH'], RULES: fileWith(RULES, 'rules.yaml'), TROUBLE, READY, ...env },
    detached: true,
  });
  return runningOf(child);
}

const endings: readonly [claim: string, command: string, code: number | NodeJS.Signals, out: string, err: string][] = [
  ['both outputs', `exec relevel run -- sh -c 'echo one; echo two >&2'`, 0, 'one\n', 'two\n'],
  ['a code', `exec relevel run -- sh -c 'exit 3'`, 3, '', ''],
  ['the last code', `exec relevel run -- sh -c 'exit 255'`, 255, '', ''],
  [
    'no such command',
    'exec relevel run -- no-such-command',
    127,
    '',
    'relevel: error: no-such-command: no such command on the PATH\n',
  ],
  ['no such file', 'exec relevel run -- /gone', 127, '', 'relevel: error: /gone: cannot run: no such file or directory\n'],
  [
    'a script whose interpreter is not there',
    'exec relevel run -- "$SCRIPT"',
    127,
    '',
    'relevel: error: $SCRIPT: its interpreter, or its loader, is not there\n',
  ],
  [
    'what may not be run',
    'exec relevel run -- /etc/passwd',
    126,
    '',
    'relevel: error: /etc/passwd: cannot run: permission denied\n',
  ],
  ['a folder', 'exec relevel run -- /etc', 126, '', 'relevel: error: /etc: cannot run: permission denied\n'],
  ['a last line without a newline', `exec relevel run -- printf 'a\\nb'`, 0, 'a\nb', ''],
  ['stdin', `echo typed | relevel run -- cat`, 0, 'typed\n', ''],
  ['a closed stdin', `exec relevel run -- cat <&-`, 0, '', ''],
  ['the environment', `WORD=said exec relevel run -- sh -c 'echo $WORD'`, 0, 'said\n', ''],
  ['arguments that look like options', `exec relevel run -- printf '%s\\n' --shadow -- -r`, 0, '--shadow\n--\n-r\n', ''],
  // A socket could not be opened by its name.
  ['outputs by their names', `exec relevel run -- sh -c 'echo a >/dev/stdout; echo b >/dev/stderr'`, 0, 'a\n', 'b\n'],
  ['both outputs in one', `relevel run -- sh -c 'echo a; echo b >&2; echo c' 2>&1 | sort`, 0, 'a\nb\nc\n', ''],
  ['a reader that leaves', `{ relevel run -- yes; echo "code $?" >&2; } | head -1`, 0, 'y\n', 'code 141\n'],
  [
    'a reader that leaves, and a command that minds it not',
    `{ relevel run -- sh -c 'trap "" PIPE; while echo y 2>/dev/null; do :; done; echo on >&2; exit 5'; echo "code $?" >&2; } | head -1`,
    0,
    'y\n',
    'on\ncode 5\n',
  ],
  [
    'a full disk',
    `relevel run -- sh -c 'echo lost; echo on >&2' >/dev/full | cat`,
    0,
    '',
    'on\nrelevel: error: stdout: cannot write: no space left on device; 5 bytes were not written\n',
  ],
  [
    'bad rules, and the command runs',
    `exec relevel run -r "$BAD" --off x -- sh -c 'echo "$TROUBLE"; exit 4'`,
    4,
    `${TROUBLE}\n`,
    '$BAD:1:10: ',
  ],
  ['bad rules, and it does not run', `exec relevel run --on-error fail -r "$BAD" -- echo ran`, 2, '', '$BAD:1:10: '],
  ['bad flags, and it does not run', `exec relevel run --xyzzy -- echo ran`, 2, '', 'relevel: error: unknown option "--xyzzy"\n'],
];

test.each(endings)('%s', PATIENCE, async (_claim, command, code, out, err) => {
  const script = fileWith('#!/gone\n', 'script');
  const bad = fileWith('version: 2\n', 'bad.yaml');
  const { ended, stdout, stderr } = run(`chmod +x "$SCRIPT"; ${command}`, { SCRIPT: script, BAD: bad });
  expect(await ended).toBe(code);
  expect(stdout()).toBe(out);
  const expected = err.replace('$SCRIPT', script).replace('$BAD', bad);
  const sorted = (text: string): string[] => text.split('\n').toSorted(); // of two that write at a time, none is first
  if (err === '' || stderr().length === expected.length) expect(sorted(stderr())).toEqual(sorted(expected));
  else expect(stderr()).toContain(expected);
});

/** The errors of a job that ends well are lowered, those of one that does not are raised. */
const EXITS = `
version: 1
rules:
  - id: job
    when: { level: error }
    await: { success: [{ $exit: 0 }], failure: [{ $exit: { gt: 0 } }], within: 10m }
    then: { level: info }
    else: { level: fatal, note: 'code \${event.$exit}' }
`;
const FAILED = 'level=error msg=failed';

const exits: readonly [claim: string, script: string, level: string, why: string][] = [
  ['a job that ends well', `echo ${FAILED}; exit 0`, 'info', 'exit 0'],
  ['a job that fails', `echo ${FAILED}; exit 3`, 'fatal', 'exit 3'],
  ['a job that dies of a signal of its own', `echo ${FAILED}; kill -9 $$`, 'fatal', 'exit 137'],
  ['a job that wrote much before', `echo ${FAILED}; seq 20000; exit 3`, 'fatal', 'exit 3'],
  ['a job that closes its outputs and goes on', `echo ${FAILED}; exec >&- 2>&-; sleep 0.3; exit 4`, 'fatal', 'exit 4'],
  ['a job whose last line has no newline', `printf "${FAILED}"; exit 3`, 'fatal', 'exit 3'],
  ['a job whose outputs another process holds open', `echo ${FAILED}; sleep 60 & exit 3`, 'fatal', 'exit 3'],
];

test.each(exits)('knows how %s ends', PATIENCE, async (_claim, script, level, why) => {
  const { ended, stdout } = run(`relevel run --grace 100ms -r "$EXITS" -- sh -c '${script}'; exit 0`, {
    EXITS: fileWith(EXITS, 'exits.yaml'),
  });
  await ended;
  const [head] = stdout().split('\n');
  expect(head).toMatch(
    new RegExp(`^level=${level} msg=failed relevel\\.rule=job relevel\\.was=error relevel\\.why="${why} after \\d+ ms"`, 'u'),
  );
});

test('takes neither a signal that it passed on for a failure, nor the code for one', PATIENCE, async () => {
  const EXITING = fileWith(EXITS, 'exits.yaml');
  for (const script of [
    `echo ${FAILED}; echo ready >&2; exec sleep 60`,
    `trap "exit 143" TERM; echo ${FAILED}; echo ready >&2; while :; do sleep 0.05; done`,
  ]) {
    const { child, ended, stdout, stderr } = run(`exec relevel run -r "$EXITING" -- sh -c '${script}'`, { EXITING });
    await expect.poll(stderr, poll).toContain('ready\n');
    process.kill(child.pid!, 'SIGTERM');
    await ended;
    expect(stdout()).toBe(`${FAILED}\n`);
  }
});

test.each(['exec relevel', 'timeout -s INT 2 relevel follow --from start'])(
  '%s says that it sees no process end',
  PATIENCE,
  async (command) => {
    const { ended, stdout, stderr } = run(`${command} -r "$EXITS" "$LOG"`, {
      EXITS: fileWith(EXITS, 'exits.yaml'),
      LOG: fileWith(`${FAILED}\n`, 'app.log'),
    });
    await ended;
    expect(stdout()).toBe(`${FAILED}\n`);
    expect(stderr()).toContain('lowers nothing here: its "success" is the end of the process, which only "relevel run" sees');
  },
);

test.each([
  ['run', 'relevel run -r "$SHADOW" --shadow-log "$ROWS" -- cat "$LOG"'],
  ['follow', 'timeout -s INT 2 relevel follow -r "$SHADOW" --shadow-log "$ROWS" --from start "$LOG"'],
])('%s writes what a rule in shadow would do, and leaves the line', PATIENCE, async (_command, command) => {
  const rows = join(scratch(), 'rows');
  const rule = '{ id: tried, shadow: true, when: { level: error }, then: { level: info } }';
  const { ended, stdout } = run(command, {
    SHADOW: fileWith(`version: 1\nrules: [${rule}]\n`, 'shadow.yaml'),
    LOG: fileWith(`${FAILED}\n`, 'app.log'),
    ROWS: rows,
  });
  await ended;
  expect(stdout()).toBe(`${FAILED}\n`);
  expect(readFileSync(rows, 'utf8')).toMatch(/:1: ERROR → INFO · tried · level=error msg=failed\n$/u);
});

test('says at a terminal, and only there, that it recognized nothing', PATIENCE, async () => {
  const SCRIPT = fileWith(`exec '${process.execPath}' '${PROGRAM}' run -- echo hello\n`, 'script');
  const shown = run(`script -qec 'sh "$SCRIPT"' /dev/null`, { SCRIPT });
  await shown.ended;
  expect(shown.stdout()).toMatch(/^hello\r\n.*none of the first 1 lines is recognized/su);
  expect(shown.stdout()).toContain('no rule matched any of the 1 lines');
  const piped = run('sh "$SCRIPT"', { SCRIPT });
  await piped.ended;
  expect(piped.stdout() + piped.stderr()).toBe('hello\n');
});

/** All that end a process and that a shell can send. */
const DEADLY = Object.keys(constants.signals).filter(
  (name) => !/^SIG(CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|WINCH|IOT|POLL|CLD)$/u.test(name),
) as NodeJS.Signals[];

test.each(DEADLY)('dies of %s where the command does', PATIENCE, async (signal) => {
  const number = constants.signals[signal];
  const { ended, stdout } = run(`relevel run -- sh -c 'ulimit -c 0; echo last; kill -${number} $$; sleep 60'; echo "code $?"`);
  await ended;
  expect(stdout()).toBe(`last\ncode ${128 + number}\n`);
});

test('is seen to die of a signal, not to exit with a number', PATIENCE, async () => {
  expect(await run(`exec relevel run -- sh -c 'kill -TERM $$'`).ended).toBe('SIGTERM');
});

/** Says each signal that it hears, and goes on. A shell answers between two commands, so that none may be long. */
const HEARING = `
for s in TERM INT HUP QUIT USR1 USR2 ALRM PWR WINCH CONT; do trap "echo $s" $s; done
echo ready
while :; do sleep 0.05; done`;

test('passes each signal on, once, and takes none for itself', PATIENCE, async () => {
  const { child, stdout, stderr } = run(`exec relevel run -- bash --norc -c "$HEARING"`, { HEARING });
  await expect.poll(stdout, poll).toBe('ready\n');
  let heard = 'ready\n';
  for (const name of ['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'ALRM', 'PWR', 'WINCH', 'CONT', 'TERM']) {
    child.kill(`SIG${name}` as NodeJS.Signals);
    heard += `${name}\n`;
    await expect.poll(stdout, poll).toBe(heard);
  }
  expect(stderr()).toBe('');
});

test('a stop stops the command too, and it goes on after it', PATIENCE, async () => {
  // With job control, or they would be in a group that nobody could wake, which the kernel stops for no SIGTSTP.
  const { stdout } = run(`set -m; relevel run -- sh -c 'echo $PPID $$; while echo on; do sleep 0.05; done' & read stop`);
  await expect.poll(stdout, poll).toMatch(/^\d+ \d+\non\n/u);
  const pids = stdout().split('\n')[0]!.split(' ').map(Number);
  onTestFinished(() => void process.kill(-pids[0]!, 'SIGKILL')); // a group of their own
  const states = (): string[] => pids.map((pid) => /State:\s*(\w)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!);
  process.kill(pids[0]!, 'SIGTSTP');
  await expect.poll(states, poll).toEqual(['T', 'T']);
  const before = stdout().length;
  process.kill(pids[0]!, 'SIGCONT');
  await expect.poll(() => stdout().length, poll).toBeGreaterThan(before);
});

test('a key says it once, to the command itself', PATIENCE, async () => {
  const hearing = `
    process.on('SIGINT', () => console.log('heard')).on('SIGTERM', () => process.exit(9));
    setInterval(() => {}, 1000);
    console.log('ready ' + process.ppid + '.');`;
  const node = `'${process.execPath}'`;
  const script = fileWith(`exec ${node} '${PROGRAM}' run -- ${node} -e "$HEARING"\n`, 'script');
  const { child, ended, stdout } = run(`exec script -qec "exec bash $SCRIPT" /dev/null`, { HEARING: hearing, SCRIPT: script });
  await expect.poll(stdout, poll).toMatch(/ready \d+\./u);
  child.stdin!.write('\u0003');
  await expect.poll(stdout, poll).toContain('heard');
  child.stdin!.write('\u0003');
  await expect.poll(() => stdout().match(/heard/gu)?.length, poll).toBe(2);
  process.kill(Number(/ready (\d+)/u.exec(stdout())?.[1]), 'SIGTERM'); // that no key sends
  expect(await ended).toBe(9);
  expect(stdout().match(/heard/gu)).toHaveLength(2);
});

test('a failure on one output and a success on the other find each other', PATIENCE, async () => {
  const { child, ended, stdout, stderr } = run(
    `exec relevel run -r "$RULES" -- sh -c 'echo "$TROUBLE" >&2; echo said; read go; echo "$READY"'`,
  );
  await expect.poll(stdout, poll).toBe('said\n');
  expect(stderr()).toBe(''); // it is held
  child.stdin!.end('go\n');
  expect(await ended).toBe(0);
  expect(stdout()).toBe(`said\n${READY}\n`);
  expect(stderr()).toMatch(LOWERED);
});

test('of what was written before the rules were there, the errors come first', PATIENCE, async () => {
  const { stdout, stderr } = run(
    `mkfifo "$DIR/rules.yaml"
    (until [ -e "$DIR/written" ]; do sleep 0.02; done; cat "$RULES" >"$DIR/rules.yaml") &
    exec relevel run -r "$DIR/rules.yaml" -- sh -c 'echo "$TROUBLE" >&2; echo "$READY"; : >"$DIR/written"; read go'`,
    { DIR: scratch() },
  );
  await expect.poll(stdout, poll).toBe(`${READY}\n`);
  await expect.poll(stderr, poll).toMatch(LOWERED);
});

test('the clock ends a wait while the command is silent', PATIENCE, async () => {
  const rules = fileWith(RULES.replace('within: 60s', 'within: 100ms, silence: success'), 'rules.yaml');
  const { stdout } = run(`exec relevel run -r "$QUICK" -- sh -c 'echo "$TROUBLE"; exec sleep 60'`, { QUICK: rules });
  await expect.poll(stdout, poll).toContain('"level":20');
});

test('what is held when the command ends leaves unchanged, before we end', PATIENCE, async () => {
  const { ended, stdout } = run(`exec relevel run -r "$RULES" -- sh -c 'echo "$TROUBLE"; echo behind; kill -KILL $$'`);
  expect(await ended).toBe('SIGKILL');
  expect(stdout()).toBe(`${TROUBLE}\nbehind\n`);
});

const WRITER = `
for (let i = 0; i < 100_000; i += 1000) {
  const lines = (name) => Array.from({ length: 1000 }, (_, j) => name + ' ' + (i + j) + '\\n').join('');
  for (const [fd, name] of [[1, 'out'], [2, 'err']]) {
    const bytes = Buffer.from(lines(name));
    for (let at = 0; at < bytes.length;) at += require('node:fs').writeSync(fd, bytes, at);
  }
}
require('node:fs').writeSync(2, 'last');
`;

const numbered = (name: string): string => Array.from({ length: 100_000 }, (_, i) => `${name} ${i}\n`).join('');

test.each(['-r "$RULES"', '--shadow', '-r /gone'])(
  'loses nothing of two outputs at a time, with %s',
  PATIENCE,
  async (options) => {
    const { ended, stdout, stderr } = run(`exec relevel run ${options} -- '${process.execPath}' -e "$WRITER"`, { WRITER });
    expect(await ended).toBe(0);
    const own = /^relevel: .*\n/gmu; // never in the middle of a line
    expect(stdout() === numbered('out')).toBe(true);
    expect(stderr().replace(own, '') === `${numbered('err')}last`).toBe(true);
  },
);

test('a command whose filter was killed learns that nobody reads, and what was written stays', PATIENCE, async () => {
  const told = join(scratch(), 'told');
  const { child, stdout } = run(
    `exec relevel run -r "$RULES" -- sh -c 'trap "echo told >$TOLD; exit" PIPE; echo one; while sleep 0.05; do echo more; done'`,
    { TOLD: told },
  );
  await expect.poll(stdout, poll).toContain('one\n');
  child.kill('SIGKILL');
  await expect.poll(() => existsSync(told), poll).toBe(true);
  expect(stdout()).toMatch(/^one\n(?:more\n)*$/u);
});

test('the last words of a command that was killed in the middle of a line stay as they are', PATIENCE, async () => {
  const { ended, stdout, stderr } = run(
    `exec relevel run -r "$RULES" -- sh -c 'printf "one\nhalf a li"; printf "half an er" >&2; kill -KILL $$'`,
  );
  expect(await ended).toBe('SIGKILL');
  expect([stdout(), stderr()]).toEqual(['one\nhalf a li', 'half an er']);
});

test('two outputs in one do not cut into each other', PATIENCE, async () => {
  const { ended, stdout } = run(`relevel run -- '${process.execPath}' -e "$WRITER" 2>&1 | cat`, { WRITER });
  expect(await ended).toBe(0);
  // Its end may be seen before the last of the other: then that follows, and the line is ended for it.
  expect(stdout().replace(/^err.*\n|^last\n?/gmu, '') === numbered('out')).toBe(true);
  expect(
    stdout()
      .replace(/^out.*\n/gmu, '')
      .replace(/last\n$/u, 'last') === `${numbered('err')}last`,
  ).toBe(true);
});

test('a reader that stands still stops one output, not the other', PATIENCE, async () => {
  const { child, stderr } = run(
    `exec relevel run -- sh -c 'yes & while echo on >&2; do sleep 0.05; done' > >(sleep 60 >/dev/null)`,
  );
  await expect.poll(stderr, poll).toContain('on\n');
  const peak = (): number => Number(/VmHWM:\s*(\d+)/u.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
  const before = stderr().length;
  await expect.poll(() => stderr().length, poll).toBeGreaterThan(before + 30);
  expect(peak()).toBeLessThan(200 * 1024); // KiB
});

test('appends both outputs to a file', PATIENCE, async () => {
  const path = join(scratch(), 'app.log');
  const { ended, stdout, stderr } = run(`for i in 1 2; do relevel run --output "$FILE" -- sh -c 'echo a; echo b >&2'; done`, {
    FILE: path,
  });
  expect(await ended).toBe(0);
  expect(readFileSync(path, 'utf8').split('\n').toSorted().join('')).toBe('aabb');
  expect(stdout() + stderr()).toBe('');
});

test('runs nothing where the file of --output cannot be opened', PATIENCE, async () => {
  const { ended, stdout, stderr } = run(`exec relevel run --output /gone/app.log -- echo ran`);
  expect(await ended).toBe(1);
  expect([stdout(), stderr()]).toEqual(['', 'relevel: error: /gone/app.log: cannot open: no such file or directory\n']);
});

// Where another process holds the outputs open

const HELD = 'relevel: warn: sh has ended, but other processes hold its outputs open: what they write from now on is lost\n';

test('takes what such a process writes until it ends too', PATIENCE, async () => {
  const { child, ended, stdout } = run(
    `exec relevel run --grace 60s -- sh -c 'exec 3<&0; (read go <&3; echo late) & echo $$; exit 6'`,
  );
  await expect.poll(stdout, poll).toMatch(/^\d+\n$/u);
  await expect.poll(() => existsSync(`/proc/${stdout().trim()}`), poll).toBe(false);
  child.stdin!.end('go\n');
  expect(await ended).toBe(6);
  expect(stdout()).toMatch(/^\d+\nlate\n$/u);
});

test('lets go of it after the grace period', PATIENCE, async () => {
  const { ended, stdout, stderr } = run(
    `exec relevel run --grace 100ms -r "$RULES" -- sh -c 'sleep 60 & echo "$TROUBLE"; exit 6'`,
  );
  expect(await ended).toBe(6);
  expect([stdout(), stderr()]).toEqual([`${TROUBLE}\n`, HELD]);
});

test('lets go of it though it writes without end', PATIENCE, async () => {
  const { ended, stderr } = run(`relevel run --grace 100ms -- sh -c 'yes & exit 6' | tail -1; exit "\${PIPESTATUS[0]}"`);
  expect(await ended).toBe(6);
  expect(stderr()).toBe(HELD);
});

test('a signal lets go of it at once', PATIENCE, async () => {
  const { child, ended, stdout } = run(`exec relevel run --grace 60s -- sh -c 'sleep 60 & echo $$; exit 6'`);
  await expect.poll(stdout, poll).toMatch(/^\d+\n$/u);
  await expect.poll(() => existsSync(`/proc/${stdout().trim()}`), poll).toBe(false);
  child.kill('SIGTERM');
  // The same group has told the command, which is gone, and us: what comes before we know of its end is passed on to nobody.
  await expect.poll(() => child.exitCode ?? child.kill('SIGTERM'), poll).not.toBe(true);
  // A second one may find a write of ours under way, and then the end is the signal's own: to a shell 143 too.
  expect([6, 143, 'SIGTERM']).toContain(await ended);
});

test('a second signal ends it though its reader stands still', PATIENCE, async () => {
  const { child, ended, stderr } = run(
    `exec relevel run -- sh -c 'head -c 200000 /dev/zero; echo gone >&2; exit 6' > >(sleep 60 >/dev/null 2>&1)`,
  );
  await expect.poll(stderr, poll).toBe('gone\n');
  await expect.poll(() => child.exitCode === null && child.kill('SIGTERM'), poll).toBe(false);
  expect(await ended).toBe(143);
  expect(stderr()).toMatch(/^gone\nrelevel: warn: ended by SIGTERM before all was written; \d+ bytes were not written\n$/u);
});

test('with the process id 1, tells the signal by its number', PATIENCE, async ({ skip }) => {
  const { ended, stdout, stderr } = run(
    `unshare --user --map-root-user --pid --fork relevel run -- sh -c 'kill -TERM $$'; echo "code $?"`,
  );
  await ended;
  skip(stderr().includes('unshare'), stderr());
  expect(stdout()).toBe('code 143\n');
});
