import { expect, test } from 'vitest';
import { rulesJsonSchema } from '../../src/rules/schema.ts';

/** Every map of named keys in a JSON Schema, with the path to it. */
function* keysIn(schema: unknown, path = ''): Generator<readonly [path: string, key: Record<string, unknown>]> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [name, part] of Object.entries(schema as Record<string, object>)) {
    if (name === 'properties')
      for (const [key, each] of Object.entries(part)) yield [`${path}/${key}`, each as Record<string, unknown>];
    yield* keysIn(part, `${path}/${name}`);
  }
}

const schema = rulesJsonSchema() as Record<string, unknown>;

test('the JSON Schema is of the draft that editors read', () => {
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    additionalProperties: false,
    required: ['version'],
  });
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
});

test('the JSON Schema describes every key', () => {
  const keys = Array.from(keysIn(schema));
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter(([, key]) => typeof key['description'] !== 'string').map(([path]) => path)).toEqual([]);
});

test('the JSON Schema knows the words of the language', () => {
  const { condition, conditionMap, field } = schema['$defs'] as Record<
    string,
    { properties?: object; additionalProperties?: object }
  >;
  expect(condition).toMatchObject({ $ref: '#/$defs/conditionMap' });
  expect(Object.keys(conditionMap!.properties!)).toEqual(['all', 'any', 'not', 'is', 'fields', 'level']);
  expect(conditionMap!.additionalProperties).toEqual({ $ref: '#/$defs/field' });
  expect(JSON.stringify(field)).toContain('starts_with');
});
