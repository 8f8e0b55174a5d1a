import { writeSync } from 'node:fs';
import { type Duplex, Readable, type Transform } from 'node:stream';
import buildTransport from 'pino-abstract-transport';
import { createRelevel, type Relevel, type RelevelOptions } from './index.ts';
import { openTarget, type Target, type TargetOptions } from './library/target.ts';

/** What may be said about the transport. It goes to a worker: functions cannot. */
export interface PinoRelevelOptions extends Omit<RelevelOptions, 'archive' | 'now'>, TargetOptions {}

/**
 * A pino transport: `pino.transport({ target: 'relevel/pino', options: { rules, destination } })`. In a `pipeline` it may stand
 * before others; then it has no `destination`.
 *
 * What is held leaves, unchanged, when the logger's process ends: by itself, by `process.exit`, by an uncaught exception. Rejects with
 * `RulesError` or `TypeError`, which pino hands on as the transport's `error` event.
 */
export default async function relevelTransport(options: PinoRelevelOptions = {}): Promise<Duplex> {
  const { destination, mkdir, archive, ...said } = options;
  const rest = Object.fromEntries(Object.entries(said).filter(([name]) => !OF_PINO.includes(name)));
  const target = openTarget({ destination, mkdir, archive });
  const relevel = createRelevel({ ...rest, archive: target.archive });
  // A line's own object is not looked at: the engine reads what it needs to.
  const building = { enablePipelining: true, parse: 'lines', parseLine: () => SEEN, metadata: false } as const;
  const passage = passOn(relevel, target, () => transport);
  const transport: Duplex = buildTransport((source) => {
    gatherLines(source, relevel, passage.whenEnded);
    return passage.out as Transform;
  }, building);
  return transport;
}

/** What pino adds to the options of a transport. */
const OF_PINO = ['$context', 'pinoWillSendConfig', 'levels', 'dedupe'];

const SEEN = {};

/** Stands behind the last line. */
const END = {};

/** Lines come one by one, all of a chunk in one turn; they go on as a chunk again. */
function gatherLines(source: Transform & { matcher?: unknown }, relevel: Relevel, whenEnded: Passage['whenEnded']): void {
  // split2 would take a carriage return for a part of the line's end.
  if ('matcher' in source) source.matcher = '\n';
  // Who waits for the transport to finish, as the end of a pipeline does, waits for all to be written.
  const flush = source._flush.bind(source);
  source._flush = (done) =>
    flush((error) => {
      if (error !== undefined && error !== null) return done(error);
      source.push(END);
      whenEnded(() => done());
    });
  let gathered = '';
  const send = (): void => {
    const lines = gathered;
    gathered = '';
    if (lines === '' || relevel.write(lines)) return;
    source.pause();
    relevel.once('drain', () => source.resume());
  };
  source.on('data', (line: string | typeof END) => {
    if (typeof line === 'string') {
      if (gathered === '') process.nextTick(send);
      gathered += `${line}\n`;
    } else {
      send();
      relevel.end();
    }
  });
  source.on('error', (error) => relevel.destroy(error));
}

interface Passage {
  readonly out: Readable;
  /** Calls the one listener that there is when all has got to where it is to go, or never will. */
  readonly whenEnded: (listener: () => void) => void;
}

/** Takes what leaves to where it is to go: whoever reads from the transport, else the target. */
function passOn(relevel: Relevel, target: Target, transport: () => Duplex): Passage {
  const out = new Readable({ read: () => relevel.resume() });
  let isOver = false;
  let onEnd = (): void => {};
  const end = (): void => {
    isOver = true;
    onEnd();
  };
  const isRead = (): boolean => transport().readableFlowing !== null || transport().listenerCount('readable') > 0;
  let chosen: 'target' | 'reader' | undefined;
  const choose = (): 'target' | 'reader' => {
    if (chosen !== undefined) return chosen;
    chosen = target.isNamed || !isRead() ? 'target' : 'reader';
    // Nothing comes out of the transport, and that has to be read to its end.
    if (chosen === 'target') transport().resume();
    return chosen;
  };
  const fail = (error: Error): void => {
    out.destroy(error);
    end();
  };
  // As the process ends nobody hears of an `error` event any more.
  const failToWrite = (error: unknown): void => {
    writeSync(2, `relevel: error: ${(error as Error).message}\n`);
    fail(error as Error);
  };
  target.onRoom(() => relevel.resume());
  relevel.on('data', (chunk: Buffer) => {
    if (out.destroyed) return;
    try {
      if (!(choose() === 'target' ? target.write(chunk) : out.push(chunk))) relevel.pause();
    } catch (error) {
      failToWrite(error);
    }
  });
  relevel.on('error', fail);
  relevel.on('end', () => {
    if (out.destroyed) return;
    const written = choose() === 'target' ? target.end() : Promise.resolve();
    written.then(() => {
      out.push(null);
      end();
    }, failToWrite);
  });
  const whenEnded = (listener: () => void): void => {
    if (isOver) listener();
    else onEnd = listener;
  };
  return { out, whenEnded };
}
