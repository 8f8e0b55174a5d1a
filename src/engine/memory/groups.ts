import type { Lent } from '../../formats/draft.ts';
import { NO_DOMAIN, type ClockDomain } from '../../record/clock-domain.ts';
import type { Level } from '../../record/level.ts';
import type { LogRecord } from '../../record/record.ts';
import { MostlyOrdered } from '../hold/mostly-ordered.ts';
import type { CompiledRule } from '../plan.ts';
import { KeyTable } from './key-table.ts';
import { bySeq, Row, type InRow } from '../hold/row.ts';
import { MAX_FOLDED } from '../settings.ts';

/** The source in which lines are counted. */
export interface GroupSource {
  groupsOf(rule: CompiledRule): RuleGroups;
  /** The `$source` of a line. */
  nameOf(record: LogRecord): string;
}

/** Where a summary leaves. */
export interface GroupInput {
  readonly outflow: { emitSummary(line: Lent): void };
}

/** The words for one line that came of what decided it. */
export interface Words {
  readonly why: string | undefined;
  readonly msg: string | undefined;
  readonly note: string | undefined;
}

export const NO_WORDS: Words = { why: undefined, msg: undefined, note: undefined };

/** Lines that one rule holds to be the same. Once it is over, the object is filled again for another group. */
export interface Group extends InRow<Group> {
  readonly kind: 'group';
  /** Counts all groups that were ever opened: the order of opening. */
  readonly seq: number;
  /** Changes only where a reload compiled the same rule anew. */
  rule: CompiledRule;
  readonly key: string;
  /** Time of its first line, NaN where it has none, and how that is written. */
  readonly first: number;
  readonly domain: ClockDomain;
  /** The level with which its first line arrived. */
  readonly level: Level;
  /** When the clock closes it; Infinity in replay. */
  readonly due: number;
  /** Where it stands in the heap of what is due; -1: it does not. */
  dueAt: number;
  readonly source: GroupSource;
  open: boolean;
  /** It stands among those of its rule by the time of its first line. A group that is closed leaves that place later. */
  isListed: boolean;
  /** It is closed and its summary is written. */
  isOver: boolean;
  folded: number;
  /** Of the last folded line: its time, its bytes, the output that it would have left by. */
  last: number;
  lastDomain: ClockDomain;
  bytes: Buffer;
  start: number;
  length: number;
  /** How much of that is its first line: others may go on with it. */
  head: number;
  /** How many lines that record had; one in pieces is one. */
  lines: number;
  /** Its own place for that line, of `room` bytes once it is needed. */
  own: Buffer;
  room: number;
  input: GroupInput | undefined;
  /** What is said of it beside its rule's own words. */
  words: Words;
}

/**
 * Groups that are over, to be filled again. A million groups one after the other would else leave a million objects behind that have
 * grown old, and as many buffers; V8 collects those late.
 */
class SpareGroups {
  #spare: Group[] = [];

  take(): Mutable<Group> | undefined {
    return this.#spare.pop();
  }

  /** The group may be over now. It is given back as soon as nobody knows of it any more. */
  giveBack(group: Mutable<Group>): void {
    if (!group.isOver || group.isListed) return;
    // What these are of may be gone, and would stay in memory.
    group.source = NOBODY;
    group.key = '';
    group.bytes = group.own;
    group.input = undefined;
    group.words = NO_WORDS;
    this.#spare.push(group);
  }

  /** No group is open: the memory of many is of more use to others. */
  clear(): void {
    if (this.#spare.length > MOST_SPARE) this.#spare = [];
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const NOBODY: GroupSource = {
  groupsOf: () => {
    throw new Error('a group that is over has no source');
  },
  nameOf: () => '',
};

/** The open groups of one rule in one source. */
export class RuleGroups {
  readonly #spare: SpareGroups;
  readonly #byKey = new KeyTable<Group>();
  /** By how the times of their first lines are written: a line closes only groups of its own domain. */
  readonly #byFirst = new Map<ClockDomain, MostlyOrdered<Group>>();

  /** `all`: those that it is a part of. */
  constructor(all: Pick<Groups, 'spare'>) {
    this.#spare = all.spare;
  }

  get(key: string): Group | undefined {
    return this.#byKey.get(key);
  }

  values(): Iterable<Group> {
    return this.#byKey.values();
  }

  add(group: Group): void {
    this.#byKey.set(group);
    // Without a time no line can close it by its own.
    if (group.domain === NO_DOMAIN) return;
    let byFirst = this.#byFirst.get(group.domain);
    if (byFirst === undefined) this.#byFirst.set(group.domain, (byFirst = new MostlyOrdered((a, b) => a.first < b.first)));
    byFirst.push(group);
    group.isListed = true;
  }

  remove(group: Group): void {
    this.#byKey.delete(group.key);
    const byFirst = this.#byFirst.get(group.domain);
    if (byFirst === undefined) return;
    if (byFirst.size > 2 * this.#byKey.size + 64) byFirst.prune((other) => other.open || this.#unlist(other));
    if (byFirst.size === 0) this.#byFirst.delete(group.domain);
  }

  /** It has left its place by the time of its first line. Is always false. */
  #unlist(group: Group): false {
    group.isListed = false;
    this.#spare.giveBack(group);
    return false;
  }

  /** Hands all on to their rule's heir. */
  adopt(heir: CompiledRule): void {
    for (const group of this.#byKey.values()) group.rule = heir;
  }

  /** When the first of those began whose time is written so; NaN if there is none. */
  earliest(domain: ClockDomain): number {
    const byFirst = this.#byFirst.get(domain);
    for (let group = byFirst?.peek(); group !== undefined; group = byFirst!.peek()) {
      if (group.open) return group.first;
      byFirst!.pop();
      this.#unlist(group);
    }
    return NaN;
  }

  /** All that are at least `window` older than `time`, as far as the two can be compared, in order of opening. */
  olderThan(time: number, domain: ClockDomain, window: number): readonly Group[] {
    const byFirst = this.#byFirst.get(domain);
    let old: Group[] | undefined;
    for (let group = byFirst?.peek(); group !== undefined; group = byFirst!.peek()) {
      if (group.open && !(time - group.first >= window)) break;
      byFirst!.pop();
      if (group.open) (old ??= []).push(group);
      this.#unlist(group);
    }
    if (old === undefined) return NONE;
    return old.length === 1 ? old : old.sort(bySeq);
  }
}

const NONE: readonly Group[] = [];

/** The open groups of one source, in order of opening. */
interface Share {
  readonly open: Row<Group>;
  bytes: number;
}

/** What a group is opened with; its lines are about as long as `length`. */
export interface Opening extends Pick<Group, 'source' | 'rule' | 'key' | 'first' | 'domain' | 'level' | 'due'> {
  readonly length: number;
}

/** A line that is counted into a group: `[start, end)` of `bytes`. */
export interface Folding {
  readonly time: number;
  readonly domain: ClockDomain;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Behind its first line. */
  readonly headEnd: number;
  /** How many lines it is. */
  readonly lines: number;
  readonly input: GroupInput;
  readonly words: Words;
}

/** All open groups, and the bound on what they may keep: a source with many drives out its own. */
export class Groups {
  readonly spare = new SpareGroups();
  readonly #shares = new Map<GroupSource, Share>();
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #onClose: (group: Group) => void;
  /** Groups whose last folded line lies in bytes that are only lent. */
  readonly #lent: Group[] = [];
  #size = 0;
  #bytes = 0;
  #seq = 0;

  /** `onClose` is called once for each group, when it is closed already. */
  constructor(most: number, mostBytes: number, onClose: (group: Group) => void) {
    this.#most = most;
    this.#mostBytes = mostBytes;
    this.#onClose = onClose;
  }

  get size(): number {
    return this.#size;
  }

  /** Opens a group; where there is no room, the oldest goes, of the source that takes the most. */
  open({ source, rule, key, first, domain, level, due, length }: Opening): Group {
    const room = length > MAX_FOLDED ? 0 : roomFor(length);
    const group = this.#fill(this.spare.take(), { source, rule, key, first, domain, level, due }, room);
    source.groupsOf(rule).add(group);
    let share = this.#shares.get(source);
    if (share === undefined) this.#shares.set(source, (share = { open: new Row(), bytes: 0 }));
    share.open.add(group);
    this.#size += 1;
    this.#weigh(share, weightOf(group));
    this.#makeRoom(share);
    return group;
  }

  #fill(spare: Mutable<Group> | undefined, of: Omit<Opening, 'length'>, room: number): Group {
    const seq = this.#seq++;
    if (spare === undefined) return newGroup(seq, of, room);
    spare.seq = seq;
    spare.rule = of.rule;
    spare.key = of.key;
    spare.first = of.first;
    spare.domain = of.domain;
    spare.level = of.level;
    spare.due = of.due;
    spare.source = of.source;
    spare.open = true;
    spare.isOver = false;
    spare.folded = 0;
    spare.last = NaN;
    spare.lastDomain = NO_DOMAIN;
    // Not one that is larger: its size is what counts against the bound.
    if (spare.own.length !== room) spare.own = NOTHING;
    spare.bytes = spare.own;
    spare.start = 0;
    spare.length = 0;
    spare.head = 0;
    spare.lines = 0;
    spare.room = room;
    return spare;
  }
  /** Counts a line into its group, in place of the last one. The bytes are only lent, until `keepFolded`. */
  fold(group: Group, { time, domain, bytes, start, end, headEnd, lines, input, words }: Folding): void {
    group.folded += 1;
    group.last = time;
    group.lastDomain = domain;
    group.input = input;
    group.words = words;
    if (group.bytes !== bytes) this.#lent.push(group);
    group.bytes = bytes;
    group.start = start;
    group.length = end - start;
    group.head = headEnd - start;
    group.lines = lines;
    if (group.room >= group.length) return;
    const before = weightOf(group);
    group.room = roomFor(group.length);
    const share = this.#shares.get(group.source)!;
    this.#weigh(share, weightOf(group) - before);
    this.#makeRoom(share);
  }

  /** The lent bytes are about to change: copies the last folded lines out of them, once for all that came before. */
  keepFolded(): void {
    for (const group of this.#lent) {
      if (!group.open || group.own === group.bytes) continue;
      if (group.own.length < group.room) group.own = Buffer.allocUnsafeSlow(group.room);
      group.bytes.copy(group.own, 0, group.start, group.start + group.length);
      group.bytes = group.own;
      group.start = 0;
    }
    this.#lent.length = 0;
  }

  close(group: Group): void {
    group.open = false;
    group.source.groupsOf(group.rule).remove(group);
    const share = this.#shares.get(group.source)!;
    share.open.delete(group);
    this.#size -= 1;
    if (share.open.size === 0) this.#shares.delete(group.source);
    this.#weigh(share, -weightOf(group));
    this.#onClose(group);
    group.isOver = true;
    this.spare.giveBack(group);
    if (this.#size === 0) this.spare.clear();
  }

  /** Closes those that `of` says yes to, in order of opening. */
  closeAll(of: (group: Group) => boolean): void {
    const open = [...this.#shares.values()].flatMap((share) => share.open.all()).sort(bySeq);
    for (const group of open) if (group.open && of(group)) this.close(group);
  }

  /** `share`: of the source that needs the room. */
  #makeRoom(share: Share): void {
    // The last one stays: it is the one that room is made for.
    while ((this.#size > this.#most || this.#bytes > this.#mostBytes) && this.#size > 1) {
      this.close(this.#heaviest(share).open.oldest!); // a share is never empty
    }
  }

  /** One that takes half of all there is, found at once; else the one that takes the most. */
  #heaviest(share: Share): Share {
    if (this.#partOf(share) * 2 >= this.#size / this.#most + this.#bytes / this.#mostBytes) return share;
    let heaviest = share;
    for (const other of this.#shares.values()) if (this.#partOf(other) > this.#partOf(heaviest)) heaviest = other;
    return heaviest;
  }

  #partOf({ open, bytes }: Share): number {
    return open.size / this.#most + bytes / this.#mostBytes;
  }

  #weigh(share: Share, bytes: number): void {
    share.bytes += bytes;
    this.#bytes += bytes;
  }
}

const NOTHING = Buffer.alloc(0);

/** So many are kept for the next time. */
const MOST_SPARE = 1024;

function newGroup(seq: number, of: Omit<Opening, 'length'>, room: number): Group {
  const { source, rule, key, first, domain, level, due } = of;
  return {
    kind: 'group',
    seq,
    rule,
    key,
    first,
    domain,
    level,
    due,
    dueAt: -1,
    source,
    open: true,
    isListed: false,
    isOver: false,
    folded: 0,
    last: NaN,
    lastDomain: NO_DOMAIN,
    bytes: NOTHING,
    start: 0,
    length: 0,
    head: 0,
    lines: 0,
    own: NOTHING,
    room,
    input: undefined,
    words: NO_WORDS,
    older: undefined,
    newer: undefined,
  };
}

/** What a group costs beside its key and its last line, in bytes; measured roughly. */
const OVERHEAD = 300;

/** The next line of a group is seldom as long as the last one. */
const roomFor = (length: number): number => Math.ceil((length * 1.25) / 64) * 64;

const weightOf = (group: Group): number => OVERHEAD + group.key.length + group.room;
