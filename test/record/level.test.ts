import { expect, test } from 'vitest';
import { LEVELS, levelOfName, levelOfNumber, numberOfLevel, type Level, type LevelName } from '../../src/record/level.ts';
import { PINO, spellLevel } from '../../src/record/scale.ts';

const level = (name: LevelName): Level => LEVELS.indexOf(name) as Level;

const names: readonly [name: string, level: LevelName | undefined][] = [
  ['error', 'error'],
  ['ERROR', 'error'],
  ['Warning', 'warn'],
  ['warn', 'warn'],
  ['err', 'error'],
  ['crit', 'fatal'],
  ['CRITICAL', 'fatal'],
  ['panic', 'fatal'],
  ['dpanic', 'fatal'],
  ['emerg', 'fatal'],
  ['notice', 'info'],
  ['informational', 'info'],
  ['ERRO', 'error'],
  ['DBG', 'debug'],
  ['E', 'error'],
  ['w', 'warn'],
  ['INFO+2', 'info'],
  ['WARN+1', 'warn'],
  ['ERROR+4', 'fatal'],
  ['DEBUG-4', 'trace'],
  ['DEBUG-1', 'trace'],
  ['', undefined],
  ['errors', undefined],
  ['50', undefined],
  ['__proto__', undefined],
];

test.each(names)('%j names %s', (name, expected) => {
  expect(levelOfName(name)).toBe(expected === undefined ? undefined : level(expected));
});

const numbers: readonly [number: number, level: LevelName][] = [
  [10, 'trace'],
  [35, 'info'],
  [30, 'info'],
  [59.9, 'error'],
  [60, 'fatal'],
  [1000, 'fatal'],
  [9, 'trace'],
  [0, 'trace'],
  [-5, 'trace'],
  [Infinity, 'fatal'],
];

test.each(numbers)('%d counts as %s', (number, expected) => {
  expect(levelOfNumber(number)).toBe(level(expected));
});

const spellings: readonly [like: string, to: LevelName, spelled: string][] = [
  ['50', 'debug', '20'],
  ['ERROR', 'debug', 'DEBUG'],
  ['error', 'warn', 'warn'],
  ['Error', 'debug', 'Debug'],
  ['E', 'debug', 'D'],
  ['e', 'warn', 'w'],
  ['ERRO', 'debug', 'DEBU'],
  ['ERR', 'debug', 'DBG'],
  ['err', 'debug', 'debug'],
  ['WRN', 'info', 'INF'],
  ['CRITICAL', 'warn', 'WARN'],
  ['ERROR+4', 'debug', 'DEBUG'],
];

test.each(spellings)('in the manner of %s, %s is %s', (like, to, spelled) => {
  expect(spellLevel(level(to), like, /^\d/u.test(like) ? PINO : undefined)).toBe(spelled);
});

test('every spelling that is written reads back as its level', () => {
  const likes = ['error', 'ERROR', 'Error', 'E', 'e', 'ERR', 'WRN', 'INFO', 'DEBU', 'ERRO', 'critical', 'notice', '50', 'WARN+2'];
  for (const like of likes) {
    for (const [index] of LEVELS.entries()) {
      const spelled = spellLevel(index as Level, like, /^\d/u.test(like) ? PINO : undefined);
      expect(/^\d/u.test(spelled) ? levelOfNumber(Number(spelled)) : levelOfName(spelled), `${like}: ${spelled}`).toBe(index);
    }
  }
  expect(LEVELS.map((_, index) => levelOfNumber(numberOfLevel(index as Level)))).toEqual([0, 1, 2, 3, 4, 5]);
});
