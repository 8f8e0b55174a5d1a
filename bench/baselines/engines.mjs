import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

// `node engines.mjs <library> <rules> <count>`: stdin goes through so many engines of the library in turn, some whole lines each, and what
// leaves goes to stdout at once. Without records: the engine would hold one that is open at the end of its lines, and the next one writes.

const [, , library, rules, count] = process.argv;
const { createRelevel } = createRequire(import.meta.url)(library);
const streams = Array.from({ length: Number(count) }, () => createRelevel({ rules, clock: 'replay', maxRecord: 0 }));
for (const stream of streams)
  stream.on('data', (bytes) => {
    for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
  });

/** Until all has left that leaves now: the next engine's lines stand behind it. */
const turnOf = async (start) => {
  await new Promise(start);
  await new Promise(setImmediate);
};

const CHUNK = 64 * 1024;
const LF = 10;

let rest = Buffer.alloc(0);
for (let turn = 0; ; turn += 1) {
  const chunk = Buffer.allocUnsafe(CHUNK);
  const length = readSync(0, chunk);
  const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
  const end = length === 0 ? bytes.length : bytes.lastIndexOf(LF) + 1;
  rest = bytes.subarray(end);
  if (end > 0) await turnOf((done) => streams[turn % streams.length].write(bytes.subarray(0, end), () => done()));
  if (length === 0) break;
}
for (const stream of streams) await turnOf((done) => stream.end(done));
