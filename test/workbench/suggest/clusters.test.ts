import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterForms } from '../../../src/workbench/suggest/clusters.ts';
import { formOf, wordsOf } from '../../../src/workbench/suggest/words.ts';

function templatesOf(messages: readonly string[]): string[] {
  const { clusters } = clusterForms([...new Map(messages.map((message) => [wordsOf(message).form, wordsOf(message)])).values()]);
  return clusters.map(({ words, between }) => formOf(words, between));
}

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];

test('names behind a word that names follow are a wildcard', () => {
  expect(templatesOf(NAMES.slice(0, 3).map((name) => `cannot find user ${name} here`))).toEqual(['cannot find user <*> here']);
});

test('two of them are not enough, nor are a few other words', () => {
  expect(templatesOf(['session opened for alice now', 'session opened for bob now'])).toHaveLength(2);
  expect(templatesOf(['vm started at once', 'vm paused at once', 'vm stopped at once'])).toHaveLength(3);
});

test('many words in one place are a wildcard anywhere', () => {
  expect(templatesOf(NAMES.map((name) => `${name} has left it`))).toEqual(['<*> has left it']);
});

test('a word in place of what is a wildcard in others belongs to them', () => {
  expect(templatesOf(['address unknown is not valid', 'address 10.0.0.1 is not valid'])).toEqual(['address <*> is not valid']);
});

test('two places that vary are found one after the other', () => {
  const messages = NAMES.slice(0, 4).flatMap((user) => NAMES.slice(4).map((host) => `login of user ${user} at host ${host}`));
  expect(templatesOf(messages)).toEqual(['login of user <*> at host <*>']);
});

test('what has hardly a constant word is left apart', () => {
  expect(templatesOf(NAMES.map((name) => `state ${name}`))).toHaveLength(NAMES.length);
});

test('which forms are together does not depend on their order', () => {
  const word = fc.constantFrom('user', 'alice', 'bob', 'carol', 'for', 'left', '7');
  const messages = fc.uniqueArray(
    fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' ')),
    {
      selector: (message) => wordsOf(message).form,
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(messages, (each) => {
      const together = (all: readonly string[]): string[] => {
        const { of } = clusterForms(all.map(wordsOf));
        const groups = new Map<number, string[]>();
        all.forEach((message, at) => groups.set(of[at]!, [...(groups.get(of[at]!) ?? []), message]));
        return [...groups.values()].map((group) => group.toSorted().join('|')).toSorted();
      };
      expect(together(each.toReversed())).toEqual(together(each));
    }),
  );
});
