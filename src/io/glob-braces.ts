/** Patterns that one pattern with braces may stand for, at most: `{a,b}` twenty times over is a million. */
const MOST = 1_000;

/**
 * The patterns that a pattern with braces stands for: `{a,b}.log` is `a.log` and `b.log`. Braces may be empty on one side
 * (`a.log{,.1}`), stand inside others, and hold whole folders. As in a shell, braces without a comma are letters, and so are
 * braces inside `[...]`. Throws if they are too many.
 */
export function expandBraces(pattern: string): string[] {
  const expanded: string[] = [];
  const expand = (text: string): void => {
    const braces = firstBraces(text);
    if (braces === undefined) {
      if (expanded.length === MOST) throw new Error(`the braces {...} stand for more than ${MOST} patterns`);
      expanded.push(text);
      return;
    }
    for (const choice of braces.choices) expand(text.slice(0, braces.start) + choice + text.slice(braces.end));
  };
  expand(pattern);
  return [...new Set(expanded)];
}

interface Braces {
  readonly start: number;
  /** Behind the closing one. */
  readonly end: number;
  readonly choices: readonly string[];
}

function firstBraces(text: string): Braces | undefined {
  for (let start = 0; start < text.length; start += 1) {
    if (text[start] === '[') start = closeOfBrackets(text, start);
    else if (text[start] === '{') {
      const braces = bracesAt(text, start);
      if (braces !== undefined) return braces;
    }
  }
  return undefined;
}

/** The braces that open at `start`; `undefined` if they do not close, or have no comma of their own. */
function bracesAt(text: string, start: number): Braces | undefined {
  const choices: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '[') at = closeOfBrackets(text, at);
    else if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) {
      choices.push(text.slice(from, at));
      from = at + 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth > 0) continue;
      if (choices.length === 0) return undefined;
      return { start, end: at + 1, choices: [...choices, text.slice(from, at)] };
    }
  }
  return undefined;
}

/** Where brackets that open at `start` close; `start` itself if they do not, and the bracket is a letter. */
export function closeOfBrackets(text: string, start: number): number {
  const close = text.indexOf(']', start + 2);
  return close === -1 || text.slice(start, close).includes('/') ? start : close;
}
