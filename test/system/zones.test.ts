import { expect, test } from 'vitest';
import { fileWith } from '../cli/host.ts';
import { PATIENCE } from '../support/patience.ts';
import { klogIn } from '../support/zones.ts';
import { bash } from './running.ts';

const RULES = `
version: 1
rules:
  - id: waits
    when: { msg: { contains: cannot } }
    await: { success: [{ msg: { contains: well } }], failure: [{ msg: { contains: gave up } }], within: 1h, by: [], silence: success }
    then: { level: info }
    else: { level: error }
`;

/** What the built program writes, of what a shell command pipes into it. */
async function filtered(zone: string, command: string, options = ''): Promise<{ out: string; err: string }> {
  const running = bash(`${command} | relevel -r "$RULES" ${options}`, { TZ: zone, RULES: fileWith(RULES, 'rules.yaml') });
  expect(await running.ended).toBe(0);
  return { out: running.stdout(), err: running.stderr() };
}

const says = (...lines: string[]): string => lines.map((line) => `printf '%s\\n' '${line}'`).join('; sleep 0.2; ');

test.each(['America/New_York', 'Asia/Kolkata', 'UTC'])(
  'on a host in %s, klog waits for its own clock',
  PATIENCE,
  async (zone) => {
    const now = Date.now() - 2000;
    const json = (msg: string): string => JSON.stringify({ level: 'info', time: new Date(now).toISOString(), msg });
    const lines = [klogIn(zone, now, 'W', 'cannot'), json('other'), klogIn(zone, now + 1000, 'I', 'other'), json('gave up')];
    const { out, err } = await filtered(zone, `{ ${says(...lines)}; }`);
    expect(out.split('\n')[0]).toMatch(/^E\d.*cannot relevel.rule=waits relevel.was=W relevel.why="failure after \d+ ms"$/u);
    // Once, though two lines have such times; ICU may call the zone by an older name.
    expect(err).toMatch(/^relevel: info: times without a zone are read as local time \([\w/]+\)\n$/u);
  },
);

test.each(['America/New_York', 'Asia/Kolkata', 'UTC'])(
  'in replay, a file gives the same on a host in %s',
  PATIENCE,
  async (zone) => {
    const lines = [
      'ts=2024-03-01T10:00:00 level=warn msg=cannot',
      'ts=2024-03-01T10:00:01,5 level=info msg=well',
      '{"level":"warn","time":"2024-03-01T10:00:00Z","msg":"cannot"}',
    ];
    const { out, err } = await filtered(zone, 'true', `--clock replay '${fileWith(`${lines.join('\n')}\n`)}'`);
    expect(out.split('\n')).toEqual([
      'ts=2024-03-01T10:00:00 level=info msg=cannot relevel.rule=waits relevel.was=warn relevel.why="success after 1500 ms"',
      ...lines.slice(1),
      '',
    ]);
    expect(err).toBe('relevel: info: times without a zone are read as UTC\n');
  },
);

const hours: readonly [claim: string, zone: string, day: string, from: string, to: string, why: string][] = [
  ['that is there twice has no times', 'America/New_York', '2024-11-03', '00:10:00', '01:30:00', 'success after 0 ms'],
  ['that is left out has none', 'America/New_York', '2024-03-10', '01:10:00', '02:30:00', 'success after 0 ms'],
  ['is as any other elsewhere', 'UTC', '2024-11-03', '00:10:00', '01:30:00', 'silence for 3600000 ms'],
  ['is not what clocks were set by', 'America/New_York', '2024-11-03', '00:30:00', '02:00:00', 'silence for 3600000 ms'],
];

test.each(hours)('an hour %s (%s)', PATIENCE, async (_, zone, day, from, to, why) => {
  const lines = [`ts=${day}T${from} level=warn msg=cannot`, `ts=${day}T${to} level=info msg=well`];
  const { out } = await filtered(zone, `{ ${says(...lines)}; }`);
  expect(out.split('\n')[0]).toBe(
    `${lines[0]!.replace('warn', 'info')} relevel.rule=waits relevel.was=warn relevel.why="${why}"`,
  );
});

test('by the order of lines, a file without times is decided', PATIENCE, async () => {
  const file = fileWith('level=warn msg=cannot\nlevel=info msg=well\n');
  const { out: none } = await filtered('UTC', 'true', `'${file}'`);
  expect(none).toBe('level=warn msg=cannot\nlevel=info msg=well\n');
  const { out, err } = await filtered('UTC', 'true', `--clock order '${file}'`);
  expect(out.split('\n')[0]).toBe('level=info msg=cannot relevel.rule=waits relevel.was=warn relevel.why="success came"');
  expect(err).toBe(
    'relevel: info: --clock order: if times cannot be compared, the order of lines decides, and "within" means nothing\n',
  );
});
