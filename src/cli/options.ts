import { ENVELOPES, type EnvelopeKind } from '../formats/envelope-kinds.ts';
import { zoneNamed } from '../record/zone.ts';
import { address } from './asked-address.ts';
import { destination } from './destination.ts';
import { DEFAULTS, type Asked, type LogFormat } from './settings.ts';
import { anyText, count, duration, noOrYes, oneOf, size, sizeOrNone, writeSize, yesOrNo, type Reader } from './values.ts';

/** One option: what the parser, the environment and the help know of it. Its variable is `RELEVEL_` and its name. */
export interface Option<A> {
  /** Without its dashes. */
  readonly name: string;
  readonly short?: string;
  /** What its value is called; without one it is a switch, which as `--name=false` is off. */
  readonly value?: string;
  /** May be given more than once; its variable holds a list, separated by commas or newlines. */
  readonly repeatable?: true;
  /** It has no variable: variables are for the options of streams. */
  readonly isTypedOnly?: true;
  readonly help: string;
  /** Takes a value in; where it cannot, it says what was expected. */
  readonly take: (asked: A, text: string) => string | undefined;
}

/** The last one said holds. */
export function set<Key extends string, Value>(key: Key, { expected, read, expectedOf }: Reader<Value>) {
  return (asked: { [Name in Key]?: Value | undefined }, text: string): string | undefined => {
    const value = read(text);
    if (value === undefined) return expectedOf?.(text) ?? expected;
    asked[key] = value;
    return undefined;
  };
}

function add(key: 'rules' | 'off') {
  return (asked: Asked, text: string): string | undefined => {
    if (text === '') return anyText.expected;
    asked[key] = [...(asked[key] ?? []), text];
    return undefined;
  };
}

/** Of lines alone. */
export const LINE_FORMAT: Option<Asked> = {
  name: 'format',
  value: 'format',
  help: 'format of the lines: auto, json, logfmt, text (default: auto, detected for each line)',
  take: (asked, text) => {
    const expected = set('format', FORMAT)(asked, text);
    return expected === undefined ? undefined : `${expected} (json-stream is for files and stdin)`;
  },
};

const path: Reader<string> = {
  expected: 'a path of names such as items or data.items',
  read: (text) => (/^[^.]+(?:\.[^.]+)*$/u.test(text) ? text : undefined),
};

const FORMAT = oneOf('auto', 'json', 'logfmt', 'text');

/** Of all that reads what stands inside an envelope. */
export const ENVELOPE: Option<{ envelope?: EnvelopeKind }> = {
  name: 'envelope',
  value: 'kind',
  help: `what collectors write around each line: ${ENVELOPES.join(', ')} (default: auto, detected for each line)`,
  take: set('envelope', oneOf(...ENVELOPES)),
};

/** A name under which lines have something. */
const key = (name: string, of: 'level' | 'msg' | 'time', what: string): Option<Asked> => ({
  name,
  value: 'name',
  repeatable: true,
  help: `a name of the ${what} in your lines, searched before the usual ones; as read.${of} in rules, and before it`,
  take: (asked, text) => {
    if (text === '') return anyText.expected;
    asked.read = { ...asked.read, [of]: [...(asked.read?.[of] ?? []), text] };
    return undefined;
  },
});

export const NAME_OPTIONS: readonly Option<Asked>[] = [
  key('level-key', 'level', 'level'),
  key('message-key', 'msg', 'message'),
  key('time-key', 'time', 'time'),
];

/** How lines are read, where the usual ways do not do: of all that reads lines. */
export const READ_OPTIONS: readonly Option<Asked>[] = [
  ...NAME_OPTIONS,
  {
    name: 'zone',
    value: 'zone',
    help: 'zone of times that name none: local, UTC, +02:00, or a name such as Europe/Berlin (default: local if the clock is live, else UTC)',
    take: (asked, text) => {
      if (text !== 'local' && zoneNamed(text) === undefined)
        return 'a zone; zones are local, UTC, an offset such as +02:00, or a name such as Europe/Berlin';
      asked.read = { ...asked.read, zone: text };
      return undefined;
    },
  },
];

/** Of what the filter wrote: the lines of JSON values are JSON. */
export const WRITTEN_FORMAT: Option<Asked> = {
  name: 'format',
  value: 'format',
  help: 'the --format that the lines were read with: auto, json, logfmt, text, json-stream (default: auto)',
  take: takeFormat,
};

/** Of files and stdin: they may hold JSON that is not a line each, of which lines are made. */
function takeFormat(asked: Asked, text: string): string | undefined {
  const isStream = text === 'json-stream';
  asked.framing = isStream ? 'json-stream' : 'lines';
  const expected = set('format', FORMAT)(asked, isStream ? 'json' : text);
  return expected === undefined ? undefined : `${expected}, json-stream`;
}

export const GRACE: Option<{ grace?: number }> = {
  name: 'grace',
  value: 'duration',
  help: `maximum time from the first SIGTERM, SIGINT, SIGHUP or similar signal to a forced exit (default: ${DEFAULTS.grace / 1000}s)`,
  take: set('grace', duration),
};

export const LOG_FORMAT: Option<{ logFormat?: LogFormat }> = {
  name: 'log-format',
  value: 'format',
  help: 'format of messages on stderr: text, json, ecs (default: text)',
  take: set('logFormat', oneOf('text', 'json', 'ecs')),
};

/** Of the filter alone, whose inputs may be JSON values. */
const RECORDS: Option<Asked> = {
  name: 'records',
  value: 'path',
  help: 'with --format json-stream: the path to the list of records in each value, such as items; the rest of the value is left out',
  take: set('records', path),
};

export const RULES: Option<Asked> = {
  name: 'rules',
  short: 'r',
  value: 'rules',
  repeatable: true,
  help: 'a rules file, a folder of *.yaml and *.yml, "builtin", or "builtin/<pack>"; matched in the order given (default: builtin)',
  take: add('rules'),
};

/** Of the filter, in the order in which the help shows them. */
export const FILTER_OPTIONS: readonly Option<Asked>[] = [
  RULES,
  { name: 'off', value: 'id', repeatable: true, help: 'do without the rule of this id', take: add('off') },
  {
    ...LINE_FORMAT,
    help: 'format of the lines: auto, json, logfmt, text (default: auto, detected for each line); or json-stream: JSON values, concatenated or in a list, pretty-printed or not',
    take: takeFormat,
  },
  RECORDS,
  ENVELOPE,
  ...READ_OPTIONS,
  {
    name: 'clock',
    value: 'clock',
    help: 'where time comes from: live (the wall clock), replay (timestamps in the lines), order (their order, if times cannot be compared), auto (default: replay if all inputs are files)',
    take: set('clock', oneOf('auto', 'live', 'replay', 'order')),
  },
  {
    name: 'order',
    value: 'order',
    help: 'strict: a held line also holds the lines behind it; relaxed: it is held alone (default: strict)',
    take: set('order', oneOf('strict', 'relaxed')),
  },
  {
    name: 'hold-lines',
    value: 'n',
    help: `maximum number of held lines (default: ${DEFAULTS.holdLines})`,
    take: set('holdLines', count),
  },
  {
    name: 'hold-bytes',
    value: 'size',
    help: `maximum size of held lines (default: ${writeSize(DEFAULTS.holdBytes)})`,
    take: set('holdBytes', size),
  },
  {
    name: 'groups',
    value: 'n',
    help: `maximum number of open groups of repeats (default: ${DEFAULTS.groups})`,
    take: set('groups', count),
  },
  {
    name: 'group-bytes',
    value: 'size',
    help: `maximum memory for open groups (default: ${writeSize(DEFAULTS.groupBytes)})`,
    take: set('groupBytes', size),
  },
  {
    name: 'max-line',
    value: 'size',
    help: `maximum length of a line; longer lines pass unchanged (default: ${writeSize(DEFAULTS.maxLine)})`,
    take: set('maxLine', size),
  },
  {
    name: 'max-record',
    value: 'size',
    help: `maximum size of a line with the lines that continue it, such as a stack trace; 0 judges each line by itself (default: ${writeSize(DEFAULTS.maxRecord)})`,
    take: set('maxRecord', sizeOrNone),
  },
  {
    name: 'record-wait',
    value: 'duration',
    help: `how long a line that a rule matches waits for the lines that continue it (default: ${DEFAULTS.recordWait}ms)`,
    take: set('recordWait', duration),
  },
  {
    name: 'output',
    value: 'where',
    help: 'instead of to stdout: append to this file, or send to tcp://host:port or unix:path',
    take: set('output', destination),
  },
  { name: 'archive', value: 'file', help: 'append folded lines to this file', take: set('archive', anyText) },
  { name: 'shadow', help: 'let the stream through as it is, and only count what would be done', take: set('shadow', yesOrNo) },
  {
    name: 'shadow-log',
    value: 'file',
    help: 'append to this file a row for each line that a rule with "shadow: true", or with --shadow any rule, would change',
    take: set('shadowLog', anyText),
  },
  { name: 'no-mask', help: 'leave tokens, passwords and addresses in the rows of --shadow-log', take: set('mask', noOrYes) },
  { name: 'no-annotate', help: 'leave no annotation in changed lines; summaries keep theirs', take: set('annotate', noOrYes) },
  {
    name: 'priority-prefix',
    help: 'write <N> before each line, by its level, as sd-daemon(3) describes it: so journald knows the level of each line',
    take: set('priorityPrefix', yesOrNo),
  },
  { name: 'summary', help: 'at the end, report on stderr what each rule did', take: set('summary', yesOrNo) },
  {
    name: 'listen',
    value: 'address',
    help: 'serve health and metrics over HTTP, for "relevel status" and Prometheus: a port of this host, host:port, unix:path',
    take: set('listen', address),
  },
  {
    name: 'allow-reload',
    help: 'let everyone who reaches --listen make relevel read its rules again (default: only loopback and unix sockets)',
    take: set('allowReload', yesOrNo),
  },
  GRACE,
  LOG_FORMAT,
];

/** `RELEVEL_HOLD_LINES` for `hold-lines`. */
export const variableOf = (option: { readonly name: string }): string =>
  `RELEVEL_${option.name.replaceAll('-', '_').toUpperCase()}`;
