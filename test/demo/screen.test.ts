import { describe, expect, test } from 'vitest';
import { matchLines } from '../../demo/passages.ts';
import { drawScreen, type Facts } from '../../demo/screen.ts';

const line = (fields: object): string => `${JSON.stringify({ level: 50, time: 1, pid: 7, hostname: 'a', ...fields })}\n`;

const MSHV = line({ device: '/dev/mshv', outcome: 'unavailable', code: 'ENOENT', msg: 'MSHV is not available' });
const KVM = line({
  device: '/dev/kvm',
  outcome: 'unavailable',
  code: 'EACCES',
  advice: 'join the group kvm',
  msg: 'KVM is not available',
});
const NONE = line({ outcome: 'none', msg: 'no hypervisor was found' });
const hostile = (level: number): object => ({
  level,
  interface: 'v\x1b[31m',
  msg: 'ethtool statistics are not supported',
});
const ETH = line(hostile(50));
const warned = (members: object): string => line({ ...hostile(40), relevel: { rule: 'probe-ethtool', was: 50, ...members } });

/** Two ticks: the interface is warned of once, then folded; what no rule excuses stays. */
const facts: Facts = {
  ...matchLines(
    `${MSHV}${KVM}${NONE}${ETH}`.repeat(2),
    `${MSHV}${KVM}${NONE}${warned({})}${MSHV}${KVM}${NONE}${warned({ repeats: 1 })}`,
  ),
  counts: {
    linesIn: 8,
    unchanged: 6,
    changed: 1,
    folded: 1,
    rules: { 'probe-ethtool': { folded: 1, summaries: 1 } },
  } as unknown as Facts['counts'], // what it shows of them
  rules: [
    { id: 'probe-ethtool', why: 'Virtual interfaces have no ethtool statistics; once is enough.' },
  ] as unknown as Facts['rules'],
  command: 'relevel probe --every 600ms --count 2 | relevel',
  recorded: 'constructed: a host of words that have to be broken into lines somewhere',
  excuse: undefined,
  ticks: 2,
  columns: 100,
  colour: false,
};

const COMMANDS = /^ {2}\$ |^ {8}node dist|^ {2}Next: /u;

describe.each([40, 60, 79, 80, 100, 120])('in %i columns', (columns) => {
  const screen = drawScreen({ ...facts, columns });

  test('no line is too long, but for a command', () => {
    const lines = screen.split('\n').filter((one) => !COMMANDS.test(one));
    expect(Math.max(...lines.map((one) => one.length))).toBeLessThanOrEqual(columns);
  });

  test('each line stands before and after', () => {
    const [before, after] = [
      /ERROR \/dev\/mshv: /u,
      columns < 80 ? /^ {2}→ {5}ERROR \/dev\/mshv: /mu : /│ {5}ERROR \/dev\/mshv: /u,
    ];
    expect(screen).toMatch(before);
    expect(screen).toMatch(after);
    expect(screen).toMatch(/a summary/u);
    expect(screen.replaceAll(/\s+/gu, ' ')).toContain('No line is lost: 8 in = 6 unchanged + 1 changed + 1 folded');
  });

  test('nothing that a terminal would obey', () => {
    expect(screen).not.toContain('\x1b');
    expect(drawScreen({ ...facts, columns, colour: true })).toContain('\x1b[');
  });
});
