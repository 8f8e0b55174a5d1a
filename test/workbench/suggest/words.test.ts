import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wordsOf } from '../../../src/workbench/suggest/words.ts';

const forms: readonly [message: string, form: string][] = [
  ['', ''],
  ['connection reset by peer', 'connection reset by peer'],
  ['retry 3 of 5', 'retry <*> of <*>'],
  ['took   12 ms', 'took <*>'],
  ['took 12 ms, then 3 s more', 'took <*>, then <*> more'],
  ['size 12 KB', 'size <*>'],
  ['block blk_-69 is 1.5', 'block <*> is <*>'],
  ['cannot open /etc/app/conf.d: no such file', 'cannot open <*>: no such file'],
  ['GET https://example.org/a?b=c failed', 'GET <*> failed'],
  ['read/write failed', 'read/write failed'],
  ['user=alice ip=10.0.0.1', 'user=<*> ip=<*>'],
  ['user="alice b" left', 'user="<*>" left'],
  ['ws=WorkSource{a b} left', 'ws=<*>} left'],
  ['r24 = 5', 'r24 = <*>'],
  ['mail to bob@example.org', 'mail to <*>'],
  ['dial db.example.internal', 'dial <*>'],
  ['dial tcp 10.0.0.1:5432: refused', 'dial tcp <*>: refused'],
  ['open through proxy.example:8080', 'open through <*>'],
  ['chdir(pwd) failed', 'chdir(<*>) failed'],
  ['ids [1, 2, 3]', 'ids [<*>]'],
  ['at Sun Jul 3 23:16:09 2005', 'at <*>'],
  ['Sun is shining', 'Sun is shining'],
  ['mac 00:1a:2b:3c:4d:5e is new', 'mac <*> is new'],
  ['depth.......0', 'depth.......<*>'],
  ['java.io.IOException: reset', 'java.io.IOException: reset'],
];

test.each(forms)('%j is %j', (message, form) => {
  expect(wordsOf(message).form).toBe(form);
});

test('its words, and what stands between them, are the message, but for values that hold blanks', () => {
  const word = fc.constantFrom('a', 'b7', '/x/y', '10.0.0.1:80', '3 ms', ',', '[', ']', '"', 'é', ':');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (parts) => {
      const message = parts.join(' ');
      const { between, spans } = wordsOf(message);
      const whole = spans.map(({ start, end }, at) => between[at]! + message.slice(start, end)).join('') + between.at(-1)!;
      expect(whole).toBe(message);
    }),
  );
});

test.each([
  ['words', 'a '],
  ['digits', '1'],
  ['values', 'a="'],
  ['opened values', 'a={'],
  ['paths', '/a'],
  ['hex bytes', 'ab:'],
  ['leaders', '..'],
  ['calls', 'f('],
])('a long message of %s takes no longer than it should', (_, part) => {
  const timeOf = (count: number): number => {
    const message = part.repeat(count);
    const begun = process.cpuUsage().user;
    for (let i = 0; i < 20; i += 1) wordsOf(message);
    return process.cpuUsage().user - begun;
  };
  timeOf(1_000);
  expect(timeOf(400_000)).toBeLessThan(500_000); // µs, for 20: more of a message is not looked at
});
