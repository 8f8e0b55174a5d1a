import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import { drawStory, type Story } from '../../demo/story.ts';

const line = (level: string, msg: string, more: object = {}): string =>
  JSON.stringify({ level, time: '2026-03-01T10:00:00.000Z', host: 'db-1', msg, ...more });

const story: Story = {
  before: [line('error', 'lost'), line('error', 'stays'), line('warn', 'again'), line('warn', 'again'), '  at \u001b[2J'],
  after: [
    line('info', 'lost', { relevel: { why: 'success after 640 ms' } }),
    line('error', 'stays'),
    line('warn', 'again'),
    line('warn', 'again', { relevel: { repeats: 1 } }),
    '  at \u001b[2J',
  ],
};

describe.each([30, 40, 80, 100])('in %i columns', (columns) => {
  const drawn = drawStory(story, { columns, colours: picocolors.createColors(false) });

  test('no line is too long, and nothing reaches the terminal unescaped', () => {
    expect(Math.max(...drawn.map((one) => one.length))).toBeLessThanOrEqual(columns);
    expect(drawn.join('\n')).not.toContain('\u001b');
  });

  test('each line shows its level, before and after', () => {
    expect(drawn.filter((one) => one.includes('ERROR → INFO   db-1: l'))).toHaveLength(1);
    expect(drawn.filter((one) => one.includes('ERROR          db-1: s'))).toHaveLength(1);
    expect(drawn.join(' ')).toContain('5 lines with 2 errors');
  });
});

test('says why a line changed, and what a summary stands for', () => {
  const text = drawStory(story, { columns: 100, colours: picocolors.createColors(false) }).join('\n');
  expect(text).toContain('db-1: lost (success after 640 ms)');
  expect(text).toContain('WARN           db-1: a summary of 1 lines like the one above');
});
