import type { Member, Value } from './values.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/gu;

/** The members of the one object that `text` is, doubles and all, in order; nothing if it is not one. */
export function readJson(text: string): readonly Member[] | undefined {
  try {
    // The judge of what is JSON. What it returns has lost doubles, spellings and digits, hence the second reading.
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  } catch {
    return undefined;
  }
  const value = readValue([...text.matchAll(TOKEN)].map(([token]) => token)).value;
  return value.kind === 'object' ? value.members : undefined;
}

interface Read {
  readonly value: Value;
  readonly raw: string;
}

/** Takes one value off the front of `tokens`, which are those of valid JSON. */
function readValue(tokens: string[]): Read {
  const raw = tokens.shift()!;
  if (raw === '{') return readObject(tokens);
  if (raw === '[') return readList(tokens);
  if (raw.startsWith('"')) return { raw, value: { kind: 'text', text: unquote(raw), untyped: false } };
  if (raw === 'null') return { raw, value: { kind: 'null' } };
  if (raw === 'true' || raw === 'false') return { raw, value: { kind: 'boolean', value: raw === 'true' } };
  return { raw, value: { kind: 'number', digits: raw } };
}

function readObject(tokens: string[]): Read {
  const members: Member[] = [];
  let raw = '{';
  for (;;) {
    const token = tokens.shift()!;
    raw += token;
    if (token === '}') return { raw, value: { kind: 'object', members } };
    if (token === ',') continue;
    tokens.shift(); // the colon
    const read = readValue(tokens);
    members.push({ name: unquote(token), ...read });
    raw += `:${read.raw}`;
  }
}

function readList(tokens: string[]): Read {
  let raw = '[';
  while (tokens[0] !== ']') raw += tokens[0] === ',' ? tokens.shift()! : readValue(tokens).raw;
  return { raw: raw + tokens.shift()!, value: { kind: 'list' } };
}

/** A quoted token of valid JSON is valid JSON, and a text. */
const unquote = (token: string): string => JSON.parse(token) as string;
