import { expect, test } from 'vitest';
import { LEVELS, levelOfName, type Level, type LevelName } from '../../src/record/level.ts';
import {
  GOOGLE,
  LOGBACK,
  MONGODB,
  MONOLOG,
  OPENTELEMETRY,
  PINO,
  PYTHON,
  spellLevel,
  SYSLOG,
  type Scale,
} from '../../src/record/scale.ts';

const SCALES = [PINO, SYSLOG, GOOGLE, PYTHON, OPENTELEMETRY, MONOLOG, LOGBACK, MONGODB];

const level = (name: LevelName): Level => LEVELS.indexOf(name) as Level;

const names: readonly [name: string, level: LevelName | undefined][] = [
  ['error', 'error'],
  ['ERROR', 'error'],
  ['Warning', 'warn'],
  ['warn', 'warn'],
  ['err', 'error'],
  ['crit', 'critical'],
  ['CRITICAL', 'critical'],
  ['Alert', 'critical'],
  ['panic', 'fatal'],
  ['dpanic', 'fatal'],
  ['emerg', 'fatal'],
  ['notice', 'info'],
  ['success', 'info'],
  ['log', 'info'],
  ['severe', 'error'],
  ['eror', 'error'],
  ['dbug', 'debug'],
  ['DEBUG1', 'debug'],
  ['http', 'debug'],
  ['verbose', 'debug'],
  ['silly', 'trace'],
  ['FINE', 'trace'],
  ['FINEST', 'trace'],
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

const numbers: readonly [scale: Scale, number: number, level: LevelName | undefined][] = [
  // pino
  [PINO, 10, 'trace'],
  [PINO, 35, 'info'],
  [PINO, 30, 'info'],
  [PINO, 59.9, 'error'],
  [PINO, 60, 'fatal'],
  [PINO, 99, 'fatal'],
  [PINO, 100, undefined],
  [PINO, 9, undefined],
  [PINO, -5, undefined],
  [PINO, Infinity, undefined],
  [PINO, NaN, undefined],
  // syslog
  [SYSLOG, 0, 'fatal'],
  [SYSLOG, 1, 'critical'],
  [SYSLOG, 2, 'critical'],
  [SYSLOG, 3, 'error'],
  [SYSLOG, 4, 'warn'],
  [SYSLOG, 5, 'info'],
  [SYSLOG, 6, 'info'],
  [SYSLOG, 7, 'debug'],
  [SYSLOG, 8, undefined],
  [SYSLOG, 3.5, undefined],
  // Google
  [GOOGLE, 0, 'info'],
  [GOOGLE, 100, 'debug'],
  [GOOGLE, 200, 'info'],
  [GOOGLE, 300, 'info'],
  [GOOGLE, 400, 'warn'],
  [GOOGLE, 500, 'error'],
  [GOOGLE, 600, 'critical'],
  [GOOGLE, 700, 'critical'],
  [GOOGLE, 800, 'fatal'],
  [GOOGLE, 50, undefined],
  [GOOGLE, 900, undefined],
  // Python
  [PYTHON, 10, 'debug'],
  [PYTHON, 20, 'info'],
  [PYTHON, 25, 'info'],
  [PYTHON, 30, 'warn'],
  [PYTHON, 40, 'error'],
  [PYTHON, 50, 'critical'],
  [PYTHON, 60, undefined],
  [PYTHON, 5, undefined],
  // OpenTelemetry
  [OPENTELEMETRY, 1, 'trace'],
  [OPENTELEMETRY, 8, 'debug'],
  [OPENTELEMETRY, 9, 'info'],
  [OPENTELEMETRY, 13, 'warn'],
  [OPENTELEMETRY, 17, 'error'],
  [OPENTELEMETRY, 20, 'error'],
  [OPENTELEMETRY, 24, 'fatal'],
  [OPENTELEMETRY, 25, undefined],
  [OPENTELEMETRY, 0, undefined],
  // what stands beside a name
  [MONOLOG, 100, 'debug'],
  [MONOLOG, 550, 'critical'],
  [MONOLOG, 150, undefined],
  [LOGBACK, 40_000, 'error'],
  [LOGBACK, 1, undefined],
];

test.each(numbers)('on the scale of $name, %d is %s', (scale, number, expected) => {
  expect(scale.levelOf(number)).toBe(expected === undefined ? undefined : level(expected));
});

test.each(SCALES)('$name reads what it writes as that level, or as the nearest', ({ levelOf, written }) => {
  const read = written.map((spelled) => levelOf(/^\d/u.test(spelled) ? Number(spelled) : spelled)!);
  const known = new Set(read);
  read.forEach((each, wanted) => {
    if (known.has(wanted as Level)) expect(each).toBe(wanted);
    else expect(Math.abs(each - wanted)).toBe(Math.min(...[...known].map((other) => Math.abs(other - wanted))));
  });
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
  ['eror', 'debug', 'dbug'],
  ['EROR', 'trace', 'TRCE'],
  ['SEVERE', 'info', 'INFO'],
  ['ERROR+4', 'debug', 'DEBUG'],
];

test.each(spellings)('in the manner of %s, %s is %s', (like, to, spelled) => {
  expect(spellLevel(level(to), like, /^\d/u.test(like) ? PINO : undefined)).toBe(spelled);
});

test('every name that is written reads back as its level', () => {
  const likes = [
    'error',
    'ERROR',
    'Error',
    'E',
    'e',
    'ERR',
    'WRN',
    'INFO',
    'DEBU',
    'ERRO',
    'eror',
    'critical',
    'notice',
    'WARN+2',
  ];
  for (const like of likes) {
    // log15 has no level above critical, and nothing is raised to critical.
    for (const index of [0, 1, 2, 3, 4, ...(like === 'eror' ? [] : [6])]) {
      const spelled = spellLevel(index as Level, like, undefined);
      expect(levelOfName(spelled), `${like}: ${spelled}`).toBe(index);
    }
  }
});
