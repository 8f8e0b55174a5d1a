// A filter that changes nothing, as a process of its own; arguments are files. Says `standing down` for each signal, so
// that a test can tell when it was answered. By `writeSync`: a look at `process.stderr` makes a shared socket non-blocking.
import { writeSync } from 'node:fs';
import { liveClock } from '../../src/io/clock.ts';
import { leave } from '../../src/io/leave.ts';
import { Output } from '../../src/io/output/output.ts';
import type { PumpEngine } from '../../src/io/pump-engine.ts';
import { pump, type PumpInput } from '../../src/io/pump.ts';

let room = new Uint8Array(0);

const passThrough: PumpEngine = {
  source: () => ({
    input: (sink) => ({ pushFilled: (length) => sink.write(room, 0, length), end: () => {} }),
    end: () => {},
  }),
  room: (size) => (room = new Uint8Array(size)),
  advance: () => {},
  nextDue: () => Infinity,
  standDown: () => {},
};

const paths = process.argv.slice(2);
const stdin: PumpInput = { name: 'stdin', fd: 0 };
const { ended, standDown } = pump({
  inputs: paths.length === 0 ? [stdin] : paths.map((name) => ({ name, fd: undefined })),
  engine: passThrough,
  output: new Output({ fd: 1, name: 'stdout', highWater: 256 * 1024 }),
  now: liveClock(),
  mode: 'filter',
  grace: Number(process.env['GRACE'] ?? 60_000),
  onProblem: (error) => writeSync(2, `${error.message}\n`),
  onOutage: undefined,
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    writeSync(2, 'standing down\n');
    standDown(signal);
  });
}
ended.then(leave, (error: unknown) => {
  writeSync(2, `${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
writeSync(2, 'ready\n');
