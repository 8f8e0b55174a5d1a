import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { restoreLine } from '../../src/engine/edit/restore.ts';
import { scratch } from '../cli/host.ts';
import { poll } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/relevel.js');
const DEMO = join(ROOT, 'dist/demo.mjs');
const HOSTS = join(ROOT, 'fixtures/ioctl');

/** A pipe takes so much before it is full, and a socket more. */
const PIPE_BYTES = 65_536;

beforeAll(() => {
  for (const path of [PROGRAM, DEMO]) if (!existsSync(path)) throw new Error(`${path} is not there; npm run build makes it`);
});

/** Runs a bash command, in which `relevel` stands for the built program. It is killed after the test, with all it started. */
async function run(command: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> {
  const script = `relevel() { '${process.execPath}' '${PROGRAM}' "$@"; }\n${command}`;
  const child = spawn('bash', ['--norc', '-c', script], {
    env: { PATH: process.env['PATH'], HOSTS, NODE: process.execPath, PROGRAM, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // all of them have ended
    }
  });
  const closed = once(child, 'close').then(([code]) => Number(code));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, out, err };
}

interface Piped {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** `repeats` of each summary. */
  readonly repeats: readonly number[];
}

const linesOf = (output: string): string[] => output.split('\n').slice(0, -1);

const REPEATS = /"repeats":(\d+)|relevel\.repeats=(\d+)/u;

/** `relevel probe … | relevel`, with the words that stand for the prober's. */
async function pipe(prober: string): Promise<Piped> {
  const path = join(scratch(), 'before');
  const { code, out, err } = await run(`${prober} | tee "$BEFORE" | relevel`, { BEFORE: path });
  expect([code, err]).toEqual([0, '']);
  const before = linesOf(readFileSync(path, 'utf8'));
  const after = linesOf(out);
  const repeats = after.flatMap((line) => {
    const [, member, pair] = REPEATS.exec(line) ?? [];
    return member === undefined && pair === undefined ? [] : [Number(member ?? pair)];
  });
  return { before, after, repeats };
}

/** Nothing is lost: what is not a summary can be undone to a line that went in, in order, and summaries count the others. */
function expectConserved({ before, after, repeats }: Piped): void {
  const passed = after.filter((line) => !REPEATS.test(line)).map((line) => restoreLine(Buffer.from(line))?.toString() ?? line);
  let next = 0;
  for (const line of before) if (line === passed[next]) next += 1;
  expect(next).toBe(passed.length);
  expect(passed.length + repeats.reduce((sum, count) => sum + count, 0)).toBe(before.length);
}

const TICKS = 20;
const RHYTHM = `--every 20ms --count ${TICKS}`;
const replay = (host: string, args: string): string => `relevel probe --replay "$HOSTS/${host}.json" ${RHYTHM} ${args}`;

const count = (lines: readonly string[], pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;

/** How each voice spells a level, and an interface without statistics. */
const voices: readonly [args: string, levels: { error: RegExp; warn: RegExp; debug: RegExp }, nameOf: RegExp][] = [
  ['--format pino', { error: /"level":50/u, warn: /"level":40/u, debug: /"level":20/u }, /"interface":"(\w+)".*EOPNOTSUPP/u],
  [
    '--format ecs',
    { error: /"log.level":"error"/u, warn: /"log.level":"warn"/u, debug: /"log.level":"debug"/u },
    /"interface":"(\w+)".*EOPNOTSUPP/u,
  ],
  ['--format logfmt', { error: / level=error/u, warn: / level=warn/u, debug: / level=debug/u }, / interface=(\w+) .*EOPNOTSUPP/u],
  ['--as retina', { error: / level=error/u, warn: / level=warn/u, debug: / level=debug/u }, / ifacename=(\w+) .*not supported/u],
];

describe('on a host with KVM and virtual interfaces', () => {
  test.each(voices)('%s: one warning an interface, the rest folded and counted', async (args, { error, warn }, nameOf) => {
    const piped = await pipe(replay('recorded-cilium', args));
    expectConserved(piped);
    const { before, after, repeats } = piped;
    expect(count(before, error)).toBe(TICKS * (args === '--as retina' ? 5 : 6));
    expect(count(after, error)).toBe(0);
    const firsts = after.filter((line) => warn.test(line) && !REPEATS.test(line));
    const names = ['lo', 'cilium_vxlan', 'cni0', 'tun0', 'macvlan0'];
    expect(firsts.map((line) => nameOf.exec(line)?.[1])).toEqual(names);
    expect(after.slice(-5).map((line) => nameOf.exec(line)?.[1])).toEqual(names);
    expect(repeats).toEqual(names.map(() => TICKS - 1));
  });

  test.each(voices.slice(0, 3))('%s: MSHV is missing, which KVM excuses, and the line says so', async (args, { debug }) => {
    const { after } = await pipe(replay('recorded-cilium', args));
    const lowered = after.filter((line) => line.includes('/dev/mshv'));
    expect(lowered).toHaveLength(TICKS);
    for (const line of lowered) {
      expect(line).toMatch(debug);
      expect(line).toMatch(/probe-mshv.*kvm_ready (?:after )?\d+ ms.*\/dev\/kvm is ready/u);
    }
  });

  test('MSHV excuses KVM likewise', async () => {
    const piped = await pipe(replay('constructed-mshv', ''));
    expectConserved(piped);
    expect(count(piped.after, /"level":20.*"device":"\/dev\/kvm".*"rule":"probe-kvm".*mshv_ready/u)).toBe(TICKS);
    expect(count(piped.after, /"level":50/u)).toBe(0);
  });

  // Hyperlight logs no success: a second of silence is the good news, and for the last second it has not come yet.
  test.each(['hyperlight', 'hyperlight-0.3'])(
    '--as %s: silence lowers its lines, but for those of the last second',
    async (as) => {
      const piped = await pipe(replay('recorded-cilium', `--every 100ms --as ${as}`));
      expectConserved(piped);
      expect(piped.after[0]).toMatch(/^\[\S+ DEBUG .*relevel\.was=INFO.*relevel\.why="silence for 1000 ms"$/u);
      expect(piped.after.at(-1)).toBe(piped.before.at(-1));
      expect(piped.repeats).toEqual([]);
    },
  );

  test('a polite prober has no errors to lower, and each of its first warnings stays one', async () => {
    const piped = await pipe(replay('recorded-cilium', '--polite'));
    expectConserved(piped);
    expect([count(piped.before, /"level":50/u), count(piped.before, /"level":40/u)]).toEqual([0, 5]);
    expect([count(piped.after, /"level":40/u), piped.after.length]).toEqual([5, piped.before.length]);
  });
});

describe('with no hypervisor in reach', () => {
  const hosts: readonly (readonly [host: string, args: string])[] = [
    ...['constructed-none', 'recorded-nobody', 'constructed-kvm-version', 'constructed-kvm-no-user-memory'].map(
      (host) => [host, '--exclude "*"'] as const,
    ),
    ...['--format ecs', '--format logfmt', '--order kvm,mshv', '--as hyperlight', '--as hyperlight-0.3', '--polite'].map(
      (args) => ['constructed-none', `${args} --exclude "*"`] as const,
    ),
  ];

  test.each(hosts)('%s %s: every line stays, byte for byte', async (host, args) => {
    const { before, after } = await pipe(replay(host, args));
    expect(before.length).toBeGreaterThan(TICKS);
    expect(after).toEqual(before);
  });

  test('the interfaces are folded none the less', async () => {
    const piped = await pipe(replay('constructed-none', ''));
    expectConserved(piped);
    const errors = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('"level":50'));
    const kept = errors(piped.before).filter((line) => !line.includes('"interface"'));
    expect(kept).toHaveLength(3 * TICKS);
    expect(errors(piped.after)).toEqual(kept);
    expect(piped.repeats).toEqual([TICKS - 1, TICKS - 1]);
  });
});

/** Why this kernel cannot be probed here, if so. */
const noKernel = process.platform === 'linux' ? undefined : 'this is not Linux';

function noKvm(): string | undefined {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return 'this user cannot open /dev/kvm';
  }
}

function noOtherUser(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may become another user';
  if (spawnSync('setpriv', ['--version']).error !== undefined) return 'there is no setpriv; install util-linux';
  if (existsSync('/dev/kvm') && (statSync('/dev/kvm').mode & 0o006) !== 0) return 'anyone may open /dev/kvm on this machine';
  return undefined;
}

describe('on the real kernel', () => {
  test('each interface without statistics is warned of once', async ({ skip }) => {
    skip(noKernel !== undefined, noKernel);
    const piped = await pipe(`relevel probe --order none ${RHYTHM}`);
    expectConserved(piped);
    const failing = count(piped.before.slice(0, piped.before.length / TICKS), /"code":"EOPNOTSUPP"/u);
    expect(failing).toBeGreaterThan(0); // lo is one
    expect(count(piped.after, /"level":50/u)).toBe(0);
    expect(count(piped.after, /"level":40/u)).toBe(2 * failing);
    expect(piped.repeats).toEqual(Array.from({ length: failing }, () => TICKS - 1));
  });

  test('MSHV is missing, which KVM excuses', async ({ skip }) => {
    skip(noKvm() !== undefined, noKvm());
    skip(existsSync('/dev/mshv'), 'this host has /dev/mshv');
    const piped = await pipe(`relevel probe --deep --exclude "*" ${RHYTHM}`);
    expectConserved(piped);
    expect(count(piped.before, /"level":50/u)).toBe(TICKS);
    expect(count(piped.after, /"level":20.*"device":"\/dev\/mshv".*"rule":"probe-mshv".*kvm_ready/u)).toBe(TICKS);
  });

  test('as another user, who may not open /dev/kvm, every error stays, byte for byte', async ({ skip }) => {
    skip(noOtherUser() !== undefined, noOtherUser());
    const { before, after } = await pipe(
      `setpriv --reuid=65534 --regid=65534 --clear-groups "$NODE" "$PROGRAM" probe --exclude "*" ${RHYTHM}`,
    );
    expect(count(before, /"level":50/u)).toBe(3 * TICKS);
    expect(after).toEqual(before);
  });
});

/** A folder with these of ours, where koffi does not load. An empty one in it: there might be one further up. */
function withoutKoffi(...paths: string[]): string {
  const folder = scratch();
  for (const path of paths) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  mkdirSync(join(folder, 'node_modules/koffi'), { recursive: true });
  return folder;
}

describe('the process', () => {
  test('ends quietly where its reader leaves', async () => {
    const { out, err } = await run(`{ ${replay('recorded-cilium', '--count 1000000')}; echo "code $?" >&2; } | head -1`);
    expect([linesOf(out).length, err]).toEqual([1, 'code 0\n']);
  });

  test('keeps what it recorded where its reader leaves', async () => {
    const path = join(scratch(), 'host.json');
    await run(`${replay('recorded-cilium', '--record "$FILE" --count 1000')} | head -1`, { FILE: path });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      entries: expect.arrayContaining([{ ask: 'open /dev/mshv 0x80800', errno: 2, code: 'ENOENT' }]) as unknown,
    });
  });

  test('does not wait for ever for a reader that stands still', async () => {
    const args = ['probe', '--replay', join(HOSTS, 'recorded-cilium.json'), '--every', '1ms', '--grace', '200ms'];
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exit = once(child, 'exit');
    const err = text(child.stderr);
    // Nobody reads its stdout: it writes what fits there, and then, for many ticks, nothing.
    let before = -1;
    let looks = 0;
    await expect
      .poll(() => {
        const written = Number(/^wchar: (\d+)$/mu.exec(readFileSync(`/proc/${child.pid}/io`, 'utf8'))![1]);
        looks = written > PIPE_BYTES && written === before ? looks + 1 : 0;
        before = written;
        return looks;
      }, poll)
      .toBeGreaterThan(20);
    child.kill('SIGTERM');
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(await err).toMatch(/^relevel: warn: ended by SIGTERM; \d+ bytes were not written\n$/u);
  });

  test('loses no line to a slow reader', async () => {
    const { out } = await run(`${replay('recorded-cilium', '--every 1ms --count 1000')} | { sleep 1; wc -l; }`);
    expect(Number(out)).toBe(9 * 1000);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly on %s, between two ticks', async (signal) => {
    const args = ['probe', '--replay', join(HOSTS, 'recorded-cilium.json'), '--every', '1h'];
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const out = text(child.stdout);
    await once(child.stdout, 'readable');
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
    expect(linesOf(await out)).toHaveLength(9);
  });

  test('ends on SIGTERM in the middle of a tick, where nothing else holds it up', async () => {
    const folder = scratch();
    const names = Array.from({ length: 100_000 }, (_, i) => `veth${i}`);
    const entries = [
      { ask: 'interfaces', interfaces: names.map((name, i) => ({ name, index: i + 1 })) },
      { ask: 'socket', value: 3 },
      ...names.map((name) => ({ ask: `ethtool ${name} 0x3`, errno: 95, code: 'EOPNOTSUPP' })),
    ];
    writeFileSync(join(folder, 'many.json'), JSON.stringify({ host: 'constructed: many interfaces', entries }));
    const { out, err } = await run(
      `cd '${folder}'
       "$NODE" "$PROGRAM" probe --replay many.json --order none > out & until [ -s out ]; do :; done
       kill -TERM $!; wait $!; echo "code $?"; wc -l < out; tail -c 1 out | od -An -c`,
    );
    const [code, lines, last] = linesOf(out);
    expect([err, code, last?.trim()]).toEqual(['', 'code 0', String.raw`\n`]);
    expect(Number(lines)).toBeLessThan(names.length);
  });

  test('says what is missing where koffi is, and still plays a recorded host', async () => {
    const folder = withoutKoffi('dist');
    const env = { PROGRAM: join(folder, 'dist/relevel.js') };
    const { code, out, err } = await run('"$NODE" "$PROGRAM" probe', env);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^relevel: error: cannot probe this host: .*npm install koffi .*--replay needs no koffi\n$/u);
    expect((await run('"$NODE" "$PROGRAM" probe --replay "$HOSTS/recorded-cilium.json"', env)).code).toBe(0);
  });
});

describe('npm start', () => {
  const widest = (out: string): number => Math.max(...out.split('\n').map((line) => line.length));

  test('shows this host before and after, in one screen', async ({ skip }) => {
    skip(noKernel !== undefined, noKernel);
    const { code, out, err } = await run(`"$NODE" '${DEMO}'`, { RELEVEL_SHADOW: 'true' });
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('probe-ethtool  ');
    expect(out).toMatch(/ERROR lines: \d+ in, \d+ out\n/u);
    expect(out).not.toContain('\x1b');
    expect(widest(out)).toBeLessThanOrEqual(100);
    expect(linesOf(out).length).toBeLessThanOrEqual(50);
  });

  test("shows a story first, by the program itself, and ends with what to do with a log of one's own", async () => {
    const { code, out } = await run(`"$NODE" '${DEMO}'`);
    expect(code).toBe(0);
    for (const said of [
      '  ERROR → INFO   db-1: connection lost: ECONNRESET (success after 640 ms)\n',
      '  ERROR          db-2: connection lost: ECONNRESET\n',
      '  WARN           cache-1: a summary of 39 lines like the one above\n',
      '  46 lines with 3 errors became 8 lines with 2: the real ones.\n',
      'node dist/relevel.js -r rules.yaml --shadow --summary app.log',
    ])
      expect(out).toContain(said);
  });

  test('shows a recorded host: what changed, by which rule, and why', async () => {
    const { out } = await run(`"$NODE" '${DEMO}' "$HOSTS/recorded-cilium.json"`);
    expect(out).toContain('before: 45 lines, 30 of them ERROR              │ after: 30 lines, 0 of them ERROR\n');
    expect(out).toContain('ERROR lines: 30 in, 0 out\n  No line is lost: 45 in = 15 unchanged + 10 changed + 20 folded\n');
    expect(out).toContain(
      '  probe-ethtool  5× ERROR → WARN, 20 folded into 5 summaries\n      Virtual interfaces have no ethtool statistics; once is enough.\n',
    );
    // On a slow machine a tick may come so late that the answer of the one before still counts.
    expect(out).toMatch(
      / {2}probe-mshv {2}5× ERROR → DEBUG\n.*\n(?: {6}\d× kvm_ready (?:after )?\d+ (?:to \d+ )?ms(?: before)?; \/dev\/kvm is ready\n)+/u,
    );
  });

  test('says why errors stay, and what to do', async () => {
    const { out } = await run(`"$NODE" '${DEMO}' "$HOSTS/recorded-nobody.json"`);
    expect(out).toContain('5× ERROR /dev/kvm: KVM is not available (EACCES)\n');
    expect(out).toContain('To use KVM: add the user to the group that owns /dev/kvm');
  });

  test('ends quietly where its reader leaves', async () => {
    const { code, err } = await run(`set -o pipefail; "$NODE" '${DEMO}' "$HOSTS/recorded-nobody.json" | true`);
    expect([code, err]).toEqual([0, '']);
  });

  test('says what is wrong with a recording that it is to play', async () => {
    const { code, out, err } = await run(`"$NODE" '${DEMO}' /gone.json`);
    expect([code, out, err]).toEqual([1, '', 'relevel: error: /gone.json: cannot read: no such file or directory\n']);
  });

  test('needs no privileges', async ({ skip }) => {
    skip(noOtherUser() !== undefined, noOtherUser());
    const { code, out, err } = await run(`setpriv --reuid=65534 --regid=65534 --clear-groups "$NODE" '${DEMO}'`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`5× ERROR /dev/kvm: KVM is not available (${existsSync('/dev/kvm') ? 'EACCES' : 'ENOENT'})\n`);
  });

  test('leaves out what has no room', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `veth${i}`);
    const entries = [
      { ask: 'open /dev/mshv 0x80800', errno: 2, code: 'ENOENT' },
      { ask: 'open /dev/kvm 0x80002', errno: 2, code: 'ENOENT' },
      { ask: 'interfaces', interfaces: names.map((name, i) => ({ name, index: i + 1 })) },
      { ask: 'socket', value: 3 },
      ...names.map((name) => ({ ask: `ethtool ${name} 0x3`, errno: 95, code: 'EOPNOTSUPP' })),
    ];
    const path = join(scratch(), 'many.json');
    writeFileSync(path, JSON.stringify({ host: 'constructed: many interfaces', entries }));
    const { out } = await run(`"$NODE" '${DEMO}' '${path}'`);
    expect(out).toContain('… and 495 more lines like these\n');
    expect(linesOf(out).length).toBeLessThanOrEqual(50);
  });

  test('plays a recorded host where this one cannot be probed, and says so', async () => {
    const folder = withoutKoffi('dist', 'fixtures/ioctl');
    const { code, out } = await run(`"$NODE" '${folder}/dist/demo.mjs'`);
    expect(code).toBe(0);
    expect(out).toContain('This host was not asked: cannot probe this host: ');
    expect(out).toContain('ERROR lines: 30 in, 0 out\n');
  });
});
