import { kindOf } from '../io/input/kinds.ts';
import { LOCAL } from '../io/zone.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import { UTC, zoneNamed, type Zone } from '../record/zone.ts';
import type { Reading } from '../rules/rule.ts';
import { defineCommand } from './command.ts';
import { sayProblems } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { REFUSED, type Exit, type Host } from './host.ts';
import { clockFor, inputsOf } from './inputs.ts';
import { LineEngine, type LineReading } from './line-engine.ts';
import { move } from './move.ts';
import { ENVELOPE, LINE_FORMAT, LOG_FORMAT, READ_OPTIONS, RULES, set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { LineUnderstanding, renderJson, type Place, type Understood } from '../workbench/read-line.ts';
import { Shapes } from './read-shapes.ts';
import { settingsOf, type Asked } from './settings.ts';
import { oneOf } from './values.ts';

const CR = 0x0d;

/** A longer line, in bytes, is not read. */
const LONGEST = 1024 * 1024;

type ReadAsked = Asked & { only?: 'opaque' };

const OPTIONS: readonly Option<ReadAsked>[] = [
  {
    name: 'only',
    value: 'what',
    help: 'opaque: list only the lines that no format recognizes, grouped by shape, with how many there are',
    take: set('only', oneOf('opaque')),
  },
  { ...RULES, help: 'rules files, for what they say under "read"' },
  LINE_FORMAT,
  ENVELOPE,
  ...READ_OPTIONS,
  LOG_FORMAT,
];

export const read = defineCommand<ReadAsked>({
  manual: {
    name: 'read',
    summary: 'show how lines are understood: format, envelope, level, message, time, fields',
    words: '[file ...]',
    about: `Shows for each line how relevel understands it: format, envelope, level, message, time and
fields; of a line that no format recognizes, why. Prints a table on a terminal, else one JSON
object per line. Reads files one after the other, or stdin, also as "-". It changes nothing.`,
    examples: [
      ['relevel read app.log', 'each line'],
      ['relevel read --only opaque app.log', 'only what relevel does not recognize'],
    ],
    after: 'Exit status: 0 done; 1 failed while running; 2 usage error, or rules with a problem.',
  },
  options: OPTIONS,
  blank: () => ({}),
  run: runRead,
});

async function runRead({ asked, words, placeOf }: Parsed<ReadAsked>, host: Host): Promise<Exit> {
  const settings = settingsOf(asked);
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const loaded = asked.rules === undefined ? undefined : await loadRuleSet({ ...settings, placeOf });
  if (loaded !== undefined && loaded.ruleSet === undefined) {
    sayProblems(loaded, diagnostics);
    await diagnostics.end();
    return REFUSED;
  }
  const inputs = inputsOf(words, host.stdin);
  const reading = loaded?.ruleSet?.read ?? asked.read;
  const zone = zoneOf(reading, clockFor(inputs));
  const { format, envelope = 'auto' } = settings;
  const understanding = new LineUnderstanding({ format, envelope, read: reading, zone, now: host.now() });
  const drawing = await drawingFor(host, inputs.length > 1);
  const writing = asked.only === 'opaque' ? groupsOf(drawing) : linesOf(drawing);
  const engine = new LineEngine(readingOf(understanding, writing), LONGEST);
  const exit = await move(inputs, engine, settings, host, diagnostics);
  await diagnostics.end();
  return exit;
}

function zoneOf(reading: Reading | undefined, clock: 'live' | 'replay'): Zone {
  const named = reading?.zone;
  if (named === undefined) return clock === 'live' ? LOCAL : UTC;
  return named === 'local' ? LOCAL : (zoneNamed(named) ?? UTC);
}

/** What is written of lines: at each, and at the end of an input. */
interface Writing {
  readonly line: (understood: Understood, place: Place, text: string) => string;
  readonly end: (source: string) => string;
}

interface Drawing {
  readonly line: Writing['line'];
  readonly shapes: (shapes: Shapes, source: string) => string;
}

const linesOf = ({ line }: Drawing): Writing => ({ line, end: () => '' });

function groupsOf({ shapes: draw }: Drawing): Writing {
  let shapes = new Shapes();
  return {
    line: ({ why, continues }, { line }, text) => {
      if (why !== undefined && continues === undefined) shapes.add(text, why, line);
      return '';
    },
    end: (source) => {
      const drawn = draw(shapes, source);
      shapes = new Shapes();
      return drawn;
    },
  };
}

async function drawingFor(host: Host, areMany: boolean): Promise<Drawing> {
  if (kindOf(host.stdout) !== 'terminal') {
    return {
      line: (understood, { source, line }, text) => renderJson(understood, { source: areMany ? source : undefined, line }, text),
      shapes: (shapes, source) =>
        shapes.inOrder
          .map(({ lines, why, first, shape, example }) => {
            const told = { lines, why, first, shape, example };
            return `${JSON.stringify(areMany ? { source, ...told } : told)}\n`;
          })
          .join(''),
    };
  }
  const { ReadTable } = await import('./read-table.ts');
  const width = Number(host.env['COLUMNS']) || (process.stdout.columns ?? 120);
  const table = new ReadTable(width, (host.env['NO_COLOR'] ?? '') === '');
  return { line: (...of) => table.row(...of), shapes: (shapes) => table.shapes(shapes.inOrder, shapes.others) };
}

/** Hands the lines of each input to a writing, with their places. */
function readingOf(understanding: LineUnderstanding, writing: Writing): LineReading {
  let source = '';
  let number = 0;
  return {
    begin: (name) => {
      source = name;
      number = 0;
      understanding.begin();
    },
    line: (line) => {
      number += 1;
      const end = line.at(-1) === CR ? line.length - 1 : line.length;
      const understood = line.length <= LONGEST ? understanding.inOrder(number, line, 0, line.length) : TOO_LONG;
      return writing.line(understood, { source, line: number }, line.utf8Slice(0, Math.min(end, LONGEST)));
    },
    end: () => writing.end(source),
  };
}

const TOO_LONG: Understood = {
  format: undefined,
  why: 'too long',
  envelope: undefined,
  level: undefined,
  msg: undefined,
  time: undefined,
  fields: [],
  mark: undefined,
};
