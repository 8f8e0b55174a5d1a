/**
 * What `relevel` should write, by sections 4 and 5 of the design, written to be obviously right: the whole
 * input at hand, everything looked through again for every line, no bound on anything.
 *
 * Where the design leaves it open, this is what an on-call user would expect:
 *
 * reading
 * - The first message or time name that is there is the one, also if its value is unusable; a line whose time is unusable has
 *   none. JSON strings are times only as RFC 3339; below a ms is cut off.
 * - A number of the program's own counts as the standard one below it on pino's, Python's and OpenTelemetry's scales.
 * - A number beside a name of the level is changed too if it says the same on the scale of Monolog, Python or syslog.
 * - The CR of a CRLF belongs to the line's end, not to `$line` or the message. Text headers have no fields.
 * - The names of level, message and time are always among those that the rules read, as are those in every condition (of an
 *   event, if something names it), `by` and template of the file, and the `a` of a path `a.b`.
 * - A JSON line is annotated if it has `relevel` at the top, any other if it has a `relevel.rule` pair.
 * - Broken logfmt is ambiguous if a quote is to blame, opaque if a value has no key.
 * - A time that an inner line takes from a line of another container is that line's: containers of a stream have one order.
 * - An opaque line has `$line` and `$source`, and what words before it name, only; its time (never its own) is that of the last timed line.
 * - Text tests need a text: a JSON number has none. A list reference stands for its members. In logfmt `1.0` fits 1.
 *
 * records
 * - A rule wants a head if it lets lines wait or folds them and matches the head, whatever rule judges it; or if it looks at `$line`, and
 *   may match the head with whatever goes on with it. What goes on with any other line is a line of its own.
 * - A record is judged in its head's place among the lines of its source, however late it is complete: those behind it wait for it.
 * - It has the time and the arrival of its head. Budgets and `until` go by the clock when it is complete.
 * - It spans 500 lines and 64 KiB at most, with what came between its lines; one that would span more is never folded.
 * - What goes on with a head is of the same container and stream; any line goes on with, or ends, the record of a head of none. If nothing
 *   stands around a head, nothing does around what goes on with it.
 *
 * judging
 * - A `when` names critical in any test of a level, its own or an event's that it stands on, but not under a `not`.
 * - Opaque, ambiguous, annotated and protected lines are judged by no rule, so they may decide waits of any.
 * - Opaque lines can be protected and be events by any condition that holds of a line without fields, such as a `not`.
 * - `until` is the last day, in UTC, on which the rule is awake. Open waits and lookbacks do not care whether it is.
 * - A replay without times decides nothing before its end: the comparisons are false.
 *
 * waiting
 * - Clock deadlines pass in order of their moments; at one moment waits before groups, each in order of arrival or opening.
 *   The clock then shows that moment, for the budget.
 * - A failure that an annotated or ambiguous line brings is remembered for lookbacks too, a success of theirs is not.
 *
 * repeating
 * - While a line is decided by another, "the line that is being looked at" is the other: its group's summary comes before the
 *   other, behind all that is held. In relaxed order a summary leaves when its group closes.
 * - `by: [{ field: msg, mask: all }]` asks for no message; any other `by` on msg does, of which an empty one is a value. Masks
 *   are in `repeat.ts`. Of a line with neither key nor message, the key is what is said to be missing.
 * - A budget is per rule, over all sources. It counts lines to which something applied; when it is used up, also a first without
 *   `then` touches no group. One begun by a line without a time begins at the time of the first line that has one.
 * - A summary takes its texts from its last folded line and the event that decided that line.
 *
 * changing
 * - A missing field, null, object or list is an empty text in a template. A line without a message gets none.
 */
import { isAwaiting, Waits } from './await.ts';
import { Budgets } from './budgets.ts';
import { unchanged } from './changes.ts';
import { asks, captured, fits, mayFit, namesCritical, type Seen } from './conditions.ts';
import type { Arrival, Ending, Expected, Noted, Options, Release } from './expected.ts';
import { earliest, isJudgeable, type Line } from './line.ts';
import { Output } from './output.ts';
import { origin } from './envelope.ts';
import { hasDouble, readLine } from './record.ts';
import { Lowering } from './repeat.ts';
import { Turns, type Entry } from './records.ts';
import { readRules, type Rule } from './rules.ts';
import { instantAt, nearestYear, offsetAt, tableOf, UTC_TABLE, type Moment } from './times.ts';

/** The output, source by source, each in order. */
export function interpret(rulesYaml: string, input: readonly Arrival[], options: Options): Expected[] {
  return explain(rulesYaml, input, options).expected;
}

/** The output, and what happened on the way. */
export function explain(
  rulesYaml: string,
  input: readonly Arrival[],
  options: Options,
): { readonly expected: Expected[]; readonly endings: readonly Ending[]; readonly releases: readonly Release[] } {
  const rules = readRules(rulesYaml);
  const live = options.clock === 'live';
  const zone = tableOf(rules.zone) ?? options.zone ?? UTC_TABLE;
  let now = -Infinity;
  /** What came, and of that what was looked at. */
  const came: Line[] = [];
  const before: Line[] = [];
  const turns = new Map<string, Turns>();
  const noted: Noted[] = [];
  const output = new Output(options.order);
  const lowering = new Lowering(
    output,
    new Budgets((line) => (live ? { ms: now, clock: 'the wall', guessed: false } : line.time)),
    noted,
  );
  const waits = new Waits(rules, output, lowering, noted, options.clock);

  input.forEach((arrival, index) => {
    if (live) passClock(arrival);
    if (arrival.line === undefined) return;
    const line = lineOf(arrival, index);
    came.push(line);
    output.arrive(line);
    turnsOf(line.stream).take(line);
  });
  for (const each of turns.values()) each.closeAll();
  const { exit } = options;
  if (exit !== undefined) for (const stream of new Set(came.map((line) => line.stream))) waits.exit(exit, stream, now);
  waits.endAll();
  lowering.closeAll();
  const endings = noted.filter((each) => typeof each === 'string');
  const releases = noted.filter((each) => typeof each !== 'string');
  return { expected: output.items(), endings, releases };

  function turnsOf(stream: string): Turns {
    let own = turns.get(stream);
    if (own === undefined) turns.set(stream, (own = new Turns(live, wants, handle)));
    return own;
  }

  /** Whether a rule has a use for the lines that go on with this one. */
  function wants(line: Line): boolean {
    return (
      isJudgeable(line) &&
      line.content.level !== 'fatal' &&
      rules.rules.some(
        (rule) =>
          (rule.await !== undefined || rule.repeat !== undefined || asks('$line', rule.when, rules)) &&
          (line.content.level !== 'critical' || namesCritical(rule.when, rules)) &&
          mayFit(rule.when, line, rules),
      )
    );
  }

  function handle({ head, tail, isCut }: Entry): void {
    const text = [head, ...tail].map((each) => each.text).join('\n');
    const line = { ...head, text, tail, isCut };
    output.look(line);
    judge(line);
    output.look(undefined);
  }

  /** For each line, in this order. */
  function judge(line: Line): void {
    const isProtected = protects(line);
    const rule = isJudgeable(line) && !isProtected ? rules.rules.find((each) => judges(each, line)) : undefined;

    waits.passDeadlines(line);
    waits.decide(line, rule);
    if (isProtected) waits.releaseAll(line.source);
    if (rule === undefined || !isJudgeable(line)) output.write(line, unchanged(line));
    else if (isAwaiting(rule)) waits.begin(line, rule, before);
    else output.write(line, lowering.lower(line, rule, undefined, captured(rule.when, line, rules)));
    before.push(line);
  }

  function lineOf({ source: stream, at, line }: Extract<Arrival, { line: string }>, index: number): Line {
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
    const content = readLine(whole, rules.reading);
    const { around } = content;
    const from = origin(around);
    const isInside = content.kind === 'record' || from !== '' || around?.stream !== undefined;
    const text = isInside ? (around?.text ?? whole) : whole;
    const source = `${stream}${from}`;
    const shown = around?.stream === undefined ? source : `${source} stream=${around.stream}`;
    const trusted = content.kind === 'record' && !content.annotated && !content.guessed && !hasDouble(content, rules.namesRead);
    const own = ownTime(stream, content, at);
    const dated = own !== undefined && content.kind === 'record' && content.time?.yearless === false;
    const time = own ?? inherited(stream, at);
    const isWrapped = isInside && around !== undefined;
    const place = isWrapped && shown !== stream ? shown : undefined;
    const size = Buffer.byteLength(line) + 1;
    const alone = { tail: [], isCut: false, place, isWrapped, size };
    return { stream, source, shown, text, content, trusted, input: index, arrived: at, own, dated, time, ...alone };
  }

  function inherited(stream: string, at: number): Moment | undefined {
    const timed = lastOf(stream, ({ own }) => own !== undefined);
    return timed?.own ?? (live ? { ms: at, clock: 'arrival', guessed: false } : undefined);
  }

  /** In live, a time more than a minute ahead of the clock is none. */
  function ownTime(stream: string, content: Line['content'], at: number): Moment | undefined {
    if (content.kind === 'opaque' || content.time === undefined) return undefined;
    const { format, time } = content;
    const dated = lastOf(stream, (line) => line.dated)?.own?.ms;
    const near = dated ?? (live ? at : undefined);
    // Without anything that tells the year, all are near to the first of them.
    const first = came.find((line) => line.stream === stream && line.content.kind === 'record' && line.content.time?.yearless);
    const nearWall = near === undefined ? (first ? timeIn(first) : time.ms) : near + offsetAt(zone, near);
    const wall = time.yearless ? nearestYear(time.ms, nearWall) : time.ms;
    const ms = time.zone === 'none' ? instantAt(zone, wall) : wall;
    if (ms === undefined || (live && ms - at > 60_000)) return undefined;
    const guessed = time.yearless && near === undefined;
    return { ms, clock: `${time.by ?? format} ${time.name} ${time.zone}${guessed ? ' of some year' : ''}`, guessed };
  }

  function lastOf(stream: string, of: (line: Line) => boolean): Line | undefined {
    return came.findLast((line) => line.stream === stream && of(line));
  }

  function judges(rule: Rule, line: Line): boolean {
    const today = live ? now : line.time?.guessed === true ? undefined : line.time?.ms;
    const rests = rule.rests !== undefined && today !== undefined && today >= rule.rests;
    const isCritical = line.content.kind === 'record' && line.content.level === 'critical';
    return !rests && (!isCritical || namesCritical(rule.when, rules)) && fits(rule.when, line, rules);
  }

  function protects(line: Seen): boolean {
    const isFatal = line.content.kind === 'record' && line.content.level === 'fatal';
    return isFatal || rules.protect.some((condition) => fits(condition, line, rules));
  }

  function timeIn({ content }: Line): number {
    return content.kind === 'record' ? content.time!.ms : Number.NaN;
  }

  /** Lets the clock reach an arrival. A line that comes at a deadline comes before it is passed. */
  function passClock({ at, line }: Arrival): void {
    for (;;) {
      const open = [...turns.values()];
      const due = Math.min(waits.due(), lowering.due(), ...open.map((each) => each.due()));
      if (line === undefined ? due > at : due >= at) break;
      now = Math.max(now, due);
      const record = earliest(
        open.filter((each) => each.due() === due),
        (each) => each.dueLine(),
      );
      if (record !== undefined) record.closeNext();
      else if (waits.due() === due) waits.passNext();
      else lowering.closeNext();
    }
    now = Math.max(now, at);
  }
}
