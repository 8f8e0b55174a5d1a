import type { TextFormat } from '../../record/text-format.ts';

/** What many programs write, each a little otherwise: a time, or capitals in a place of their own, tell that it is a header. */
export const GENERIC: readonly TextFormat[] = [
  {
    // zap's and others', with the tabs lost.
    name: 'dated-json',
    patterns: [
      '{time} {level} {logger:word} {file:word}:{line:digits} {msg} {json}',
      '{time} {level} {file:word}:{line:digits} {msg} {json}',
      '{time} {level} {msg} {json}',
    ],
    needsTail: true,
    samples: [
      {
        line: '2024-03-01T10:00:00.123Z INFO setup/main.go:12 starting manager {"port": 9443}',
        is: { level: 'info', msg: 'starting manager', file: 'setup/main.go', port: '9443' },
      },
    ],
  },
  {
    name: 'dated',
    patterns: [
      '{time} [{level}] {msg} {pairs}',
      '{time} [{level}]: {msg} {pairs}',
      '{time} <{level}> {msg}',
      '[{time}] [{level}] {msg}',
      '[{time}] [{level}]: {msg}',
      '[{time}][{level}] {msg}',
      '[{time}] {channel:word}.{level}: {msg}',
    ],
    samples: [{ line: '10:00:00.123 [error] GenServer terminating', is: { level: 'error', msg: 'GenServer terminating' } }],
  },
  {
    name: 'dated-plain',
    patterns: [
      '[{time}] {level}: {msg}',
      '{time} {level}: {msg}',
      '{time}: {level}: {msg}',
      '{time} {logger:word}: {level}: {msg}',
    ],
    plain: true,
    samples: [
      { line: '2024-03-01T10:00:00.123Z error: cannot connect', is: { level: 'error', msg: 'cannot connect' } },
      { line: '01-Mar-2024 10:00:00.123 general: warning: slow', is: { level: 'warn', logger: 'general', msg: 'slow' } },
    ],
  },
  {
    name: 'dated-capitals',
    patterns: [
      '{time} {level} {logger:word}: {msg}',
      '{time} {level}: {msg}',
      '{time} {logger:word} {level}: {msg}',
      '{time} {logger:dotted} {level} {msg}',
      '{time} {level} - {msg}',
      '{time} - {level} {msg}',
      '{time} | {level} | {msg}',
      '{time} {level} {msg} {pairs}',
      '[{time}] {level} - {msg}',
      '[{time}] {level} {msg}',
      '{time}:{level}:{logger:word}: {msg}',
      '[{level}] {time} {msg}',
      '{level} {time} {msg}',
      '{level} [{time}] {msg}',
      '{level}: {time}: {msg}',
    ],
    capitals: true,
    samples: [
      { line: '2024/03/01 10:00:00 WARN slow query took=2s', is: { level: 'warn', msg: 'slow query', took: '2s' } },
      {
        line: '17/06/09 20:10:40 ERROR executor.Executor: Exception in task 0.0',
        is: { level: 'error', logger: 'executor.Executor' },
      },
    ],
  },
  {
    name: 'bare',
    patterns: ['[{level}] {msg}', '{level}: {msg}'],
    capitals: true,
    samples: [
      { line: 'ERROR:    Exception in ASGI application', is: { level: 'error', msg: 'Exception in ASGI application' } },
      { line: '[WARN] slow', is: { level: 'warn', msg: 'slow' } },
    ],
  },
  {
    name: 'systemd-status',
    patterns: ['[{level}] {msg}'],
    levels: { FAILED: 'error', DEPEND: 'warn', INFO: 'info' },
    samples: [{ line: '[FAILED] Failed to start nginx.service - A high performance web server.', is: { level: 'error' } }],
  },
];
