import { readJson } from './json.ts';
import { levelNamed, levelOn, type Level, type Scale } from './levels.ts';
import { timeOfKlog, timeOfText, type WrittenTime } from './times.ts';
import type { Member } from './values.ts';

/** What a header says, and the tail behind its message. The format's own parser knows no more. */
export interface Header {
  readonly format: 'env_logger' | 'klog' | 'zap' | 'zerolog';
  readonly level: Level;
  readonly was: string;
  readonly scale: Scale;
  readonly time: WrittenTime | undefined;
  readonly msg: string;
  /** The message is written in quotes. */
  readonly isQuoted: boolean;
  /** What the line has before the message and behind it, without an annotation. */
  readonly before: string;
  readonly behind: string;
  readonly tail: 'pairs' | 'json' | undefined;
  readonly members: readonly Member[];
}

const COLOURS = String.raw`(?:\x1b\[[\d;]*m)*`;
const ENV_LOGGER = new RegExp(
  String.raw`^\[(?<time>\S+) ${COLOURS}(?<was>TRACE|DEBUG|INFO|WARN|ERROR|CRITICAL)${COLOURS}(?=[ \]])[^\]]*\] `,
  'u',
);
const KLOG = /^(?<was>[IWEF])(?<time>\d{4} \d\d:\d\d:\d\d\.\d{6}) +\d+ [^\]\s]+\] /u;
const ZAP = /^(?<time>\d\S+)\t(?<was>[A-Za-z]+)\t(?:[\w.]+\t)?[\w/]+\.go:\d+(?:\t[ \t]*| {2}[ \t]*)/u;
const ZEROLOG = /^(?<time>\d\S+) (?<was>TRC|DBG|INF|WRN|ERR|FTL) [ \t]*/u;

/** The header of a line without an annotation. */
export function readHeader(text: string): Header | undefined {
  const env = ENV_LOGGER.exec(text);
  if (env !== null) return headed(text, env, 'env_logger', 'names', {});
  const klog = KLOG.exec(text);
  if (klog !== null) return headed(text, klog, 'klog', 'klog', { quoted: true });
  const zap = ZAP.exec(text);
  if (zap !== null) return headed(text, zap, 'zap', 'names', { tail: 'json' });
  const zerolog = ZEROLOG.exec(text);
  return zerolog === null ? undefined : headed(text, zerolog, 'zerolog', 'zerolog', { tail: 'pairs' });
}

/** `quoted`: pairs stand behind a message in quotes only. */
function headed(
  text: string,
  { 0: before, groups }: RegExpExecArray,
  format: Header['format'],
  scale: Scale,
  kind: { readonly quoted?: true; readonly tail?: 'pairs' | 'json' },
): Header | undefined {
  const { time: written, was } = groups as { time: string; was: string };
  const level = scale === 'names' ? levelNamed(was) : levelOn(scale, was);
  if (level === undefined) return undefined;
  const time = format === 'klog' ? timeOfKlog(written) : timeOfText(written);
  const rest = text.slice(before.length);
  const common = { format, level, was, scale, time, before };
  if (kind.quoted === true) {
    const found = /^"((?:[^"\\]|\\.)*)"((?: |$).*)$/su.exec(rest);
    const members = found === null ? undefined : (pairsOf(found[2]!.trim()) ?? (found[2] === '' ? [] : undefined));
    if (members !== undefined)
      return { ...common, msg: unquoted(found![1]!), isQuoted: true, behind: found![2]!, tail: 'pairs', members };
    return { ...common, msg: rest, isQuoted: false, behind: '', tail: undefined, members: [] };
  }
  const { at, members } = kind.tail === undefined ? NO_TAIL : tailOf(rest, kind.tail);
  if (at === -1) return { ...common, msg: rest, isQuoted: false, behind: '', tail: undefined, members: [] };
  const gap = kind.tail === 'json' ? /(?:[ \t]*\t[ \t]*| {2,})$/u : /[ \t]+$/u;
  const msg = rest.slice(0, at).replace(gap, '');
  if (msg.length === at && at > 0) return { ...common, msg: rest, isQuoted: false, behind: '', tail: undefined, members: [] };
  // Without a text before it, the tail is the text.
  if (at === 0) return { ...common, msg: rest, isQuoted: false, behind: '', tail: kind.tail, members };
  const isWhole = /^"(?:[^"\\]|\\.)*"$/su.test(msg);
  const inner = isWhole ? unquoted(msg.slice(1, -1)) : msg;
  return { ...common, msg: inner, isQuoted: isWhole, behind: rest.slice(msg.length), tail: kind.tail, members };
}

const NO_TAIL = { at: -1, members: [] as readonly Member[] };

/** Where the longest tail begins, and what it says. */
function tailOf(text: string, kind: 'pairs' | 'json'): { readonly at: number; readonly members: readonly Member[] } {
  for (let at = 0; at < text.length; at += 1) {
    if (kind === 'pairs' && at > 0 && !/[ \t]/u.test(text[at - 1]!)) continue;
    const members = kind === 'json' ? objectOf(text.slice(at)) : pairsOf(text.slice(at));
    if (members !== undefined) return { at, members };
  }
  return NO_TAIL;
}

const objectOf = (text: string): readonly Member[] | undefined => (text.startsWith('{') ? readJson(text) : undefined);

const KEY = '[^\\0- "\'`()[\\]{}<>,;&?|\\\\#=]+';
const PAIR = new RegExp(String.raw`(${KEY})=(?:"((?:[^"\\]|\\.)*)"|((?![="])[^ \t]*))(?=[ \t]|$)[ \t]*`, 'suy');

/** The pairs that a text is nothing but. */
function pairsOf(text: string): readonly Member[] | undefined {
  const members: Member[] = [];
  let at = 0;
  while (at < text.length) {
    PAIR.lastIndex = at;
    const found = PAIR.exec(text);
    if (found === null) return undefined;
    const [whole, name, quoted, plain] = found;
    at += whole.length;
    const value = { kind: 'text', text: quoted === undefined ? plain! : unquoted(quoted), untyped: true } as const;
    members.push({
      name: name!,
      value: { ...value, quoted: quoted !== undefined },
      raw: quoted === undefined ? plain! : `"${quoted}"`,
    });
  }
  return members.length === 0 ? undefined : members;
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f' };

function unquoted(text: string): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|([nrtbf"\\/]))/gu, (_, hex?: string, letter?: string) =>
    hex === undefined ? ESCAPED[letter!]! : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
