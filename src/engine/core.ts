import { readInside, type ReadLine } from '../formats/envelope.ts';
import { readLine } from '../formats/index.ts';
import { Kernel } from '../kernel/kernel.ts';
import { LogRecord } from '../record/record.ts';
import { zoneNamed, type Zone } from '../record/zone.ts';
import type { RuleSet } from '../rules/rule.ts';
import { Budgets } from './memory/budgets.ts';
import { Alike } from './alike.ts';
import { adoptIds, newCounts, type Counts } from './counts.ts';
import { Groups, type Group } from './memory/groups.ts';
import { Heap, type Places } from './hold/heap.ts';
import { Memories } from './memory/memories.ts';
import type { CutLine } from './hold/pieces.ts';
import type { Kept } from './hold/records.ts';
import type { Observer } from './observer.ts';
import { compilePlan, type Plan, type PlanDraft } from './plan.ts';
import { heirsOf } from './reload.ts';
import type { EngineSettings } from './settings.ts';
import { Source } from './source.ts';
import { Verdicts } from './verdicts.ts';
import { SpareWaits, type Wait } from './hold/waits.ts';

/** What an engine can be given, so that it need not make it. */
export interface EngineParts {
  readonly draft?: PlanDraft | undefined;
  /** Of just these rules. */
  readonly plan?: Plan | undefined;
  readonly kernel?: Kernel | undefined;
  /** Is told of each decision. */
  readonly observer?: Observer | undefined;
}

/**
 * One synchronous machine: lines go in with the time at which they came, bytes come out into
 * sinks. It knows no file, clock, timer or process.
 */
export class EngineCore {
  readonly counts: Counts;
  plan: Plan;
  /** Of times that name none. */
  zone: Zone;
  readonly settings: EngineSettings;
  readonly observer: Observer | undefined;
  readonly budgets: Budgets;
  readonly alike = new Alike();
  readonly verdicts = new Verdicts(this);
  /** Somebody else's: it is not given back. */
  readonly #kernel: Kernel | undefined;
  /** Its own as long as a source is open. */
  #lent: Kernel | undefined;
  readonly groups: Groups;
  readonly memories: Memories;

  /** Records, each filled again and again: the line that is being looked at; one passed over; one that waited; one that was folded; one that is remembered; one that was changed; the one behind a line. */
  line!: LogRecord;
  passing!: LogRecord;
  held!: LogRecord;
  folded!: LogRecord;
  recalled!: LogRecord;
  checked!: LogRecord;
  behind!: LogRecord;

  /** The clock as the caller last told it, ms since 1970. */
  now = 0;
  /** Where in the room the line begins that is being looked at, or was last; below zero: before it, or elsewhere. */
  lookedAt = -Infinity;
  /** Nothing is judged any more. */
  copying = false;
  /** What all hold queues have in them. */
  heldLines = 0;
  heldBytes = 0;
  /** When a line was last let go because the queue was full, ms since 1970. */
  fullAt = -Infinity;

  readonly #readLine: ReadLine = (record, bytes, start, end) =>
    readLine(this.kernel, record, bytes, start, end, this.settings.format);
  readonly #sources = new Set<Source>();
  readonly #due = new Heap<Due>(isDueBefore, DUE);
  readonly spareWaits = new SpareWaits();
  #seq = 0;
  #opened = 0;

  /** `draft`: of a plan for just these rules, if there is one. `kernel`: one that no other engine uses at the same time. */
  constructor(rules: RuleSet, settings: EngineSettings, { draft, plan, kernel, observer }: EngineParts = {}) {
    this.#kernel = kernel;
    this.observer = observer;
    this.settings = settings;
    this.plan = plan ?? compilePlan(rules, draft);
    this.zone = zoneOf(rules, settings);
    this.counts = newCounts(rules.rules.map((rule) => rule.id));
    this.budgets = new Budgets(settings.clock, this.counts);
    this.groups = new Groups(settings.groups, settings.groupBytes, (group) => {
      this.#due.delete(group);
      this.verdicts.summarise(group);
    });
    this.memories = new Memories(settings.groups, settings.groupBytes);
    this.#makeRecords();
  }

  #makeRecords(): void {
    const { names } = this.plan;
    this.line = new LogRecord(names);
    this.passing = new LogRecord(names);
    this.held = new LogRecord(names);
    this.folded = new LogRecord(names);
    this.recalled = new LogRecord(names);
    this.checked = new LogRecord(names);
    this.behind = new LogRecord(names);
  }

  /**
   * Goes on with other rules, between two chunks: an unfinished line is already theirs. Rules that
   * are defined as before keep their waits, groups, lookbacks and budgets; what waits for others is
   * released unchanged, and their groups are summarised.
   */
  adopt(rules: RuleSet, now: number): void {
    const plan = compilePlan(rules);
    this.now = now;
    const heirs = heirsOf(this.plan.rules, plan.rules);
    // Under the rules that they came by, whose fields and texts they still need.
    for (const source of this.#sources) source.releaseOrphans(heirs);
    this.groups.closeAll(({ rule }) => !heirs.has(rule));

    this.plan = plan;
    this.zone = zoneOf(rules, this.settings);
    this.#makeRecords();
    for (const source of this.#sources) source.adopt(heirs);
    this.budgets.adopt(heirs);
    adoptIds(
      this.counts,
      rules.rules.map((rule) => rule.id),
    );
  }

  /** Taken when it is first needed. Throws `KernelError`. */
  get kernel(): Kernel {
    return this.#kernel ?? (this.#lent ??= Kernel.take());
  }

  /**
   * Room for a chunk of so many bytes, or of fewer, for `Input.pushFilled`; good until something else is pushed to this engine, and as long
   * as a source of it is open.
   */
  room(size: number): Buffer {
    return this.kernel.room(size);
  }

  /** Opens a source: what rules correlate and count in. `name` is its `$source`. */
  source(name: string): Source {
    const source = new Source(name, this.#opened++, this);
    this.#sources.add(source);
    return source;
  }

  /** Reads one line, given without its newline, of what stands inside its envelope. */
  read(record: LogRecord, bytes: Buffer, start: number, end: number): boolean {
    return readInside(record, bytes, start, end, this.#readLine, this.settings.envelope ?? 'none');
  }

  /** The open source of this name. */
  find(name: string): Source | undefined {
    for (const source of this.#sources) if (source.name === name) return source;
    return undefined;
  }

  /** Decides what the clock has made due at or before `now`, ms since 1970. Only `live` and `example` clocks. */
  advance(now: number): void {
    for (let item = this.#firstDue(); item !== undefined && item.due <= now; item = this.#firstDue()) {
      this.#due.pop();
      this.now = Math.max(this.now, item.due);
      if (item.kind === 'group') {
        this.groups.close(item);
      } else if (item.kind === 'cut') {
        item.pieces.expire(item);
      } else if (item.kind === 'record') {
        item.records.complete(item);
      } else {
        item.source.waits.close(item);
        this.verdicts.passDeadline(item);
      }
    }
    this.now = now;
  }

  /** When `advance` is next needed, ms since 1970; Infinity where nothing waits for the clock. */
  nextDue(): number {
    return this.#firstDue()?.due ?? Infinity;
  }

  #firstDue(): Due | undefined {
    let first = this.#due.peek();
    while (first !== undefined && !first.open) {
      this.#due.pop();
      first = this.#due.peek();
    }
    return first;
  }

  /** Has the clock end a wait, a group or a line in pieces at its `due`. */
  addDue(item: Due): void {
    // A group may have been closed at once for want of room.
    if (item.due === Infinity || !item.open) return;
    this.#due.push(item);
    if (this.#due.size > 2 * (this.groups.size + this.openWaits) + 1024) this.#due.prune((other) => other.open);
  }

  /** A wait is closed, and its line has left. */
  endWait(wait: Wait): void {
    this.#due.delete(wait);
    this.spareWaits.end(wait);
    if (this.heldLines === 0) this.spareWaits.clear();
  }

  /** Lines that wait, of all sources. */
  get openWaits(): number {
    let open = 0;
    for (const { waits } of this.#sources) open += waits.size;
    return open;
  }

  get figures() {
    return {
      heldLines: this.heldLines,
      heldBytes: this.heldBytes,
      fullAt: this.fullAt,
      openWaits: this.openWaits,
      openGroups: this.groups.size,
      alikeLines: this.alike.known,
    };
  }

  /** Releases what is held, unchanged, and writes the summaries. */
  releaseAll(reason: 'signal' | 'ended'): void {
    for (const source of this.#sources) source.releaseAll(reason);
    this.groups.closeAll(() => true);
  }

  /** The same; from then on every byte is copied as it comes. */
  standDown(reason: 'signal' | 'ended' = 'signal'): void {
    this.releaseAll(reason);
    this.copying = true;
    for (const source of this.#sources) source.copyFromNow();
  }

  /**
   * Lets waits go, unchanged, the oldest first, until so much more fits into the queue: those of the source that
   * holds the most, so that a noisy one drives out its own. `source` is the one that needs the room.
   */
  makeRoom(source: Source, lines: number, bytes: number): void {
    while (!this.hasRoom(lines, bytes)) {
      const oldest = this.#heaviest(source).oldest ?? source.oldest ?? this.#oldest();
      if (oldest === undefined) return;
      this.fullAt = this.now;
      if (oldest.kind === 'cut') {
        oldest.pieces.giveUp(oldest);
        continue;
      }
      if (oldest.kind === 'record') {
        oldest.records.giveUp(oldest);
        continue;
      }
      oldest.source.waits.close(oldest);
      this.verdicts.release(oldest, 'full');
    }
  }

  /** A source that holds half of all there is, found at once; else the one that holds the most. */
  #heaviest(source: Source): Source {
    if (this.#shareOf(source) * 2 >= this.#shareOf(this)) return source;
    let heaviest = source;
    for (const other of this.#sources)
      if (other.oldest !== undefined && this.#shareOf(other) > this.#shareOf(heaviest)) heaviest = other;
    return heaviest;
  }

  #shareOf({ heldLines, heldBytes }: { readonly heldLines: number; readonly heldBytes: number }): number {
    return heldLines / this.settings.holdLines + heldBytes / this.settings.holdBytes;
  }

  #oldest(): Wait | CutLine | Kept | undefined {
    let oldest: Wait | CutLine | Kept | undefined;
    for (const { oldest: first } of this.#sources) {
      if (first !== undefined && (oldest === undefined || first.seq < oldest.seq)) oldest = first;
    }
    return oldest;
  }

  hasRoom(lines: number, bytes: number): boolean {
    return this.heldLines + lines <= this.settings.holdLines && this.heldBytes + bytes <= this.settings.holdBytes;
  }

  nextSeq(): number {
    return this.#seq++;
  }

  /** A source came to its end. */
  forget(source: Source): void {
    this.#sources.delete(source);
    if (this.#sources.size > 0) return;
    this.#lent?.giveBack();
    this.#lent = undefined;
  }
}

function zoneOf({ read }: RuleSet, { zone, local = zone }: EngineSettings): Zone {
  if (read?.zone === undefined) return zone;
  return read.zone === 'local' ? local : (zoneNamed(read.zone) ?? zone);
}

type Due = Wait | CutLine | Kept | Group;

const DUE: Places<Due> = {
  placeOf: (item) => item.dueAt,
  put: (item, place) => {
    item.dueAt = place;
  },
};

const RANK = { record: 0, wait: 1, cut: 2, group: 3 };

/** By the clock; at one instant records before waits before lines in pieces before groups, each in order of arrival. */
function isDueBefore(a: Due, b: Due): boolean {
  if (a.due !== b.due) return a.due < b.due;
  return a.kind === b.kind ? a.seq < b.seq : RANK[a.kind] < RANK[b.kind];
}
