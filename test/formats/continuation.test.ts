import { describe, expect, test } from 'vitest';
import { Continuation, mayContinue } from '../../src/formats/continuation.ts';

/** Which of the lines go on with the one before the first of them. */
function takenOf(lines: readonly string[], isIndented = false): boolean[] {
  const continuation = new Continuation();
  continuation.begin(isIndented);
  return lines.map((line) => {
    const bytes = Buffer.from(line);
    const isTaken = continuation.takes(bytes, 0, bytes.length);
    if (isTaken) expect(mayContinue(bytes[0]!, isIndented), line).toBe(true);
    return isTaken;
  });
}

const traces: readonly (readonly [language: string, lines: readonly string[]])[] = [
  [
    'Java',
    [
      'java.lang.IllegalStateException: no pool',
      '\tat com.acme.Pool.get(Pool.java:12)',
      'Caused by: java.io.IOException: Connection refused',
      '\t... 14 more',
      '... 3 more',
    ],
  ],
  [
    'Python',
    ['Traceback (most recent call last):', '  File "app.py", line 3, in <module>', '    raise Lost("x")', 'app.errors.Lost: x'],
  ],
  ['Python, an exception of one word', ['Traceback (most recent call last):', '  File "a.py", line 1, in f', 'StopHere']],
  [
    'Go, a panic',
    [
      'goroutine 1 [running]:',
      'main.run(0xc000012345, {0x1, 0x2})',
      '\t/src/main.go:9 +0x1d',
      'created by main.main in goroutine 1',
    ],
  ],
  [
    'Go, frames without arguments',
    ['main.main', '\t/src/main.go:9', 'net/http.(*conn).serve', '\t/go/server.go:1', 'runtime.goexit'],
  ],
  ['Go, frames with empty ones', ['runtime/debug.Stack()', '\t/go/stack.go:26 +0x5e', 'main.main()', '\t/src/main.go:9 +0x1d']],
  [
    'Node',
    ['TypeError: connect ECONNREFUSED 127.0.0.1:80', '    at TCPConnectWrap.afterConnect (node:net:1)', '  errno: -111,', '}'],
  ],
  ['.NET', ['System.IO.IOException: gone', '   at A.B.C() in /a.cs:line 7', '--- End of stack trace from previous location ---']],
  ['Rust', ['Caused by:', '    0: connection refused', 'stack backtrace:', '   0: std::panicking::begin_panic']],
  ['klog', ['\tcannot reach the server', ' >']],
  ['Celery', ['Trying again in 2.00 seconds... (1/100)']],
];

describe('a line goes on with the one before it', () => {
  test.each(traces)('%s', (_, lines) => {
    expect(takenOf(lines)).toEqual(lines.map(() => true));
  });

  test('behind a JSON or logfmt line only if it is indented', () => {
    expect(takenOf(['    at f (a.js:1)', 'Error: x', '}'], true)).toEqual([true, false, false]);
  });
});

test.each([
  '',
  '2024-03-01 10:00:00 ERROR x',
  '{"level":50}',
  'all done',
  'server started: port 80',
  'done: 3',
  'web-1 | at x',
  'files/a b.c',
])('%j goes on with no line', (line) => {
  expect(takenOf([line])).toEqual([false]);
});

test('what Python calls an exception is one only behind its frames', () => {
  expect(takenOf(['Lost: x'])).toEqual([false]);
  expect(takenOf(['Traceback (most recent call last):', '  File "a.py", line 1, in f', 'Lost: x', 'Lost: y'])).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('behind an empty line a trace goes on with the exception that led to it', () => {
  const continuation = new Continuation();
  continuation.begin(false);
  const takes = (line: string): boolean => continuation.takes(Buffer.from(line), 0, line.length);
  const behind = (line: string): boolean => continuation.takesBehindEmpty(Buffer.from(line), 0, line.length);
  expect(continuation.maySkip).toBe(false);
  expect(['Traceback (most recent call last):', '  File "a.py", line 1, in f', 'KeyError: 1'].map(takes)).toEqual([
    true,
    true,
    true,
  ]);
  expect(continuation.maySkip).toBe(true);
  expect(behind('Traceback (most recent call last):')).toBe(false);
  expect(behind('During handling of the above exception, another exception occurred:')).toBe(true);
  expect(behind('Traceback (most recent call last):')).toBe(true);
  expect(['  File "a.py", line 9, in g', 'Lost: x'].map(takes)).toEqual([true, true]);
});
