import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { startedWith, type Inheritance, type Started } from './inheritance.ts';
import type { Pipe, PipeMaker } from './pipes.ts';
import { codeOf, fault } from '../fault.ts';
import { openInput } from '../input/input.ts';
import type { Input, InputHandlers } from '../input/reading.ts';

/** A child died of a signal. */
export interface ChildDeath {
  readonly kind: 'died';
  readonly signal: NodeJS.Signals;
}

/** How a child ended. */
export type ChildEnd = { readonly kind: 'exited'; readonly code: number } | ChildDeath;

/** One of a child's two outputs, at our end. */
export interface ChildStream {
  readonly name: 'stdout' | 'stderr';
  /** To be called once. What the child wrote before waits in a pipe. Each chunk is read and handed on in one step: streams may share a buffer. */
  readonly open: (buffer: Uint8Array, handlers: InputHandlers) => Input;
  /** Who writes into it from now on gets SIGPIPE, or EPIPE. */
  readonly close: () => void;
}

export interface ChildOptions {
  readonly maker: PipeMaker;
  readonly inheritance: Inheritance;
  /** Its NODE_OPTIONS; undefined: as ours. */
  readonly nodeOptions: string | undefined;
}

export interface Child {
  readonly pid: number;
  readonly streams: readonly [ChildStream, ChildStream];
  readonly ended: Promise<ChildEnd>;
  /** Where it has ended, nothing happens. */
  readonly send: (signal: NodeJS.Signals) => void;
}

/** Nothing could be started. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** Of a command as shells say it: 127, there is no such command; 126, there is one. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number, cause: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

function sayingOf(command: string, cause: unknown): string {
  if (codeOf(cause) !== 'ENOENT') return fault(command, 'run', cause).message;
  if (!command.includes('/')) return `${command}: no such command on the PATH`;
  return existsSync(command) ? `${command}: its interpreter, or its loader, is not there` : fault(command, 'run', cause).message;
}

/**
 * Starts a command with our stdin, our environment, in our process group: what a terminal
 * says to us, it says to it. Its outputs are pipes of the maker's. Throws a `StartError`.
 */
export async function startChild(
  command: string,
  args: readonly string[],
  { maker, inheritance, nodeOptions }: ChildOptions,
): Promise<Child> {
  const pipes = maker.take();
  const env = environment(nodeOptions);
  try {
    return await start(startedWith({ command, args }, inheritance, env) ?? { command, args }, env, pipes);
  } catch (error) {
    for (const pipe of pipes ?? []) closeSync(pipe.read);
    throw new StartError(sayingOf(command, error), codeOf(error) === 'ENOENT' ? 127 : 126, error);
  } finally {
    for (const pipe of pipes ?? []) closeSync(pipe.write);
  }
}

async function start(
  { command, args }: Started,
  env: NodeJS.ProcessEnv,
  pipes: readonly [Pipe, Pipe] | undefined,
): Promise<Child> {
  const [out, err] = pipes === undefined ? (['pipe', 'pipe'] as const) : [pipes[0].write, pipes[1].write];
  const child: ChildProcess = spawn(command, args, { stdio: ['inherit', out, err], env });
  const { pid } = child;
  if (pid === undefined) throw (await once(child, 'error'))[0]; // it comes in the next tick
  child.on('error', () => {}); // a signal that could not be sent
  return {
    pid,
    streams:
      pipes === undefined
        ? [ofSocket('stdout', child.stdout!), ofSocket('stderr', child.stderr!)] // `pipe` makes both
        : [ofPipe('stdout', pipes[0].read), ofPipe('stderr', pipes[1].read)],
    ended: endOf(child),
    send: (signal) => child.kill(signal),
  };
}

/**
 * A service manager names the process that its watchdog waits for: us, where the service is the command. Where it names
 * none, whoever reads WATCHDOG_USEC takes it for its own; sd_watchdog_enabled(3).
 */
function environment(nodeOptions: string | undefined): NodeJS.ProcessEnv {
  const { pid } = process;
  const env = { ...process.env };
  if (env['WATCHDOG_PID'] === String(pid)) delete env['WATCHDOG_PID'];
  if (nodeOptions !== undefined) env['NODE_OPTIONS'] = nodeOptions;
  delete env['RELEVEL_CHILD_NODE_OPTIONS'];
  return env;
}

async function endOf(child: ChildProcess): Promise<ChildEnd> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal === null ? { kind: 'exited', code: code ?? 1 } : { kind: 'died', signal };
}

function ofPipe(name: ChildStream['name'], fd: number): ChildStream {
  let input: Input | undefined;
  let closed = false;
  return {
    name,
    open: (buffer, handlers) => (input = openInput(fd, buffer, handlers)),
    close: () => {
      input?.close();
      if (!closed) closeSync(fd);
      closed = true;
    },
  };
}

/** Where there are no pipes, Node's own streams, which read into buffers of theirs. */
function ofSocket(name: ChildStream['name'], stream: Readable): ChildStream {
  return {
    name,
    open: (buffer, { onChunk, onEnd, onError }) => {
      let reads = 0;
      stream.on('data', (chunk: Buffer) => {
        for (let at = 0; at < chunk.length; at += buffer.length) {
          const length = Math.min(buffer.length, chunk.length - at);
          buffer.set(chunk.subarray(at, at + length));
          reads += 1;
          onChunk(buffer.subarray(0, length));
        }
      });
      stream.on('end', onEnd);
      stream.on('error', onError);
      return {
        pause: () => void stream.pause(),
        resume: () => void stream.resume(),
        close: () => void stream.destroy(),
        get reads() {
          return reads;
        },
      };
    },
    close: () => void stream.destroy(),
  };
}
