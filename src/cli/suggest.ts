import { closeSync, constants, existsSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import type { PumpEngine } from '../io/pump-engine.ts';
import type { PumpInput } from '../io/pump.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import { quote } from '../rules/quote.ts';
import type { Fetch } from '../workbench/suggest/facts.ts';
import { jsonOf, reportOf } from '../workbench/suggest/report.ts';
import { rulesTextOf } from '../workbench/suggest/rules-text.ts';
import { Suggestions } from '../workbench/suggest/suggest.ts';
import { defineCommand } from './command.ts';
import { sayProblems, type Diagnostics } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { rulesOrFound } from './found-rules.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { inputsOf } from './inputs.ts';
import { move } from './move.ts';
import { ENVELOPE, LINE_FORMAT, LOG_FORMAT, READ_OPTIONS, RULES, set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { print } from './print.ts';
import { settingsOf, type Asked } from './settings.ts';
import { anyText, yesOrNo } from './values.ts';

const LF = 0x0a;

/** Of a line that is longer, its length is enough. */
const LONGEST = 256 * 1024;
/** So much of an input that cannot be read again is kept, for examples. */
const KEPT = 32 * 1024 * 1024;

type SuggestAsked = Asked & { write?: string; json?: boolean };

const OPTIONS: readonly Option<SuggestAsked>[] = [
  {
    name: 'write',
    value: 'file',
    isTypedOnly: true,
    help: 'write the proposed rules into this new file; read each of them before you use it',
    take: set('write', anyText),
  },
  { name: 'json', isTypedOnly: true, help: 'print JSON', take: set('json', yesOrNo) },
  {
    ...RULES,
    help: 'rules that you have, beside those that ship: nothing is proposed for what they match (default: ./relevel.yaml if it is there)',
  },
  LINE_FORMAT,
  ENVELOPE,
  ...READ_OPTIONS,
  LOG_FORMAT,
];

export const suggest = defineCommand<SuggestAsked>({
  manual: {
    name: 'suggest',
    summary: 'look through a log, and propose rules for it',
    words: '[file ...]',
    about: `Reads logs (or stdin) and proposes rules for warnings and errors: for those that are followed
by a success, with the time to wait for it and the fields that must be equal; and for those
that repeat. It prints what it counted for and against each proposal. If a rule that ships
matches already, it names that rule. It applies nothing, and proposes nothing for logins,
permissions and the like.`,
    examples: [
      ['relevel suggest app.log', 'what deserves a rule'],
      ['relevel suggest --write rules.yaml app.log', 'write these rules into a file'],
    ],
    after: `Rules in ./relevel.yaml are used if it is there. Tokens, passwords, keys and addresses of mail
are masked in what is written; others may remain.

Exit status: 0 done; 1 failed while running; 2 usage error, or rules with a problem.`,
  },
  options: OPTIONS,
  blank: () => ({}),
  run: runSuggest,
});

async function runSuggest({ asked, words, placeOf }: Parsed<SuggestAsked>, host: Host): Promise<Exit> {
  const diagnostics = await openDiagnostics(settingsOf(asked).logFormat, host);
  const exit = await look(asked, words, placeOf, host, diagnostics);
  await diagnostics.end();
  return exit;
}

async function look(
  asked: SuggestAsked,
  words: readonly string[],
  placeOf: (name: string) => string,
  host: Host,
  diagnostics: Diagnostics,
): Promise<Exit> {
  const { write } = asked;
  if (write !== undefined && existsSync(write)) {
    diagnostics.say('error', `--write: ${quote(write)} is there already; name another file`);
    return REFUSED;
  }
  const own = rulesOrFound(asked.rules, diagnostics).filter((name) => name !== 'builtin');
  const loaded = await loadRuleSet({ rules: [...own, 'builtin'], off: [], read: asked.read, placeOf });
  if (loaded.ruleSet === undefined) {
    sayProblems(loaded, diagnostics);
    return REFUSED;
  }
  const settings = settingsOf(asked);
  const { format, envelope = 'auto' } = settings;
  const suggestions = new Suggestions({ format, envelope, read: loaded.ruleSet.read });
  const inputs = inputsOf(words, host.stdin);
  const engine = new LookingEngine(suggestions);
  const moved = await move(
    inputs,
    engine,
    { ...settings, shadow: false, output: undefined, archive: undefined },
    host,
    diagnostics,
  );
  if (moved.kind !== 'done') return moved;
  const findings = suggestions.findings(loaded.ruleSet, fetchFrom(inputs, engine));
  const { reading } = suggestions;
  suggestions.close();
  // None of the files could be read, and that was said.
  if (reading.sources.length === 0) return moved;
  const rules = rulesTextOf(findings, reading.sources);
  const exit = await print((asked.json === true ? jsonOf : reportOf)(findings, reading, rules), host);
  if (write !== undefined && exit.kind === 'done') {
    if (rules.written.length === 0) {
      diagnostics.say('info', `nothing to write, so ${quote(write)} was not made`);
    } else {
      try {
        writeFileSync(write, rules.text, { flag: 'wx' });
      } catch (error) {
        diagnostics.say('error', `cannot write ${quote(write)}: ${(error as Error).message}`);
        return FAILED;
      }
      const count = rules.written.length;
      diagnostics.say(
        'info',
        `${count} rule${count === 1 ? '' : 's'} written to ${quote(write)}; check ${count === 1 ? 'it' : 'them'}: relevel check ${quote(write)}`,
      );
    }
  }
  return moved.unread > 0 ? moved : exit;
}

/** Stands where an engine is asked for: cuts lines, and has them looked at. */
class LookingEngine implements PumpEngine {
  /** The beginning of each input that comes through a pipe, by its place. */
  readonly kept: (Buffer | undefined)[] = [];
  readonly #suggestions: Suggestions;
  #room = Buffer.alloc(0);

  constructor(suggestions: Suggestions) {
    this.#suggestions = suggestions;
  }

  source(name: string): ReturnType<PumpEngine['source']> {
    const suggestions = this.#suggestions;
    suggestions.begin(name);
    const place = this.kept.push(undefined) - 1;
    const input = (): ReturnType<ReturnType<PumpEngine['source']>['input']> => {
      let carried: Buffer[] = [];
      let length = 0;
      let offset = 0;
      const parts: Buffer[] = [];
      let keeping = 0;
      return {
        pushFilled: (filled) => {
          const chunk = this.#room.subarray(0, filled);
          if (name === 'stdin' && keeping < KEPT) {
            parts.push(Buffer.from(chunk));
            keeping += filled;
          }
          let at = 0;
          for (let newline = chunk.indexOf(LF); newline !== -1; newline = chunk.indexOf(LF, at)) {
            if (length === 0) {
              suggestions.take(chunk, at, newline, offset + at);
            } else {
              const line = Buffer.concat([...carried, chunk.subarray(at, newline)]);
              suggestions.take(line, 0, line.length, offset - length);
              carried = [];
              length = 0;
            }
            at = newline + 1;
          }
          if (at < filled) {
            if (length <= LONGEST) carried.push(Buffer.from(chunk.subarray(at)));
            length += filled - at;
          }
          offset += filled;
        },
        end: () => {
          if (length > 0) {
            const line = Buffer.concat(carried);
            suggestions.take(line, 0, line.length, offset - length);
          }
          suggestions.end();
          this.kept[place] = Buffer.concat(parts);
        },
      };
    };
    return { input, end: () => {} };
  }

  room(size: number): Uint8Array {
    if (this.#room.length < size) this.#room = Buffer.allocUnsafeSlow(size);
    return this.#room;
  }

  nextDue(): number {
    return Infinity;
  }

  advance(): void {}

  standDown(): void {}
}

/** Reads lines again: from their files, or from what was kept. */
function fetchFrom(inputs: readonly PumpInput[], { kept }: LookingEngine): Fetch {
  return ({ source, offset, length }) => {
    const { name, fd } = inputs[source]!;
    const bytes = kept[source];
    if (fd !== undefined && !fstatSync(fd).isFile())
      return bytes === undefined || offset + length > bytes.length ? undefined : bytes.subarray(offset, offset + length);
    return readAgain(name, fd, offset, length);
  };
}

function readAgain(name: string, fd: number | undefined, offset: number, length: number): Buffer | undefined {
  let opened: number | undefined;
  try {
    opened = fd === undefined ? openSync(name, constants.O_RDONLY | constants.O_NONBLOCK) : undefined;
    const bytes = Buffer.alloc(length);
    const read = readSync(opened ?? fd!, bytes, 0, length, offset);
    return read === length ? bytes : undefined;
  } catch {
    // It is gone, or cannot be read twice: then there is no example.
    return undefined;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}
