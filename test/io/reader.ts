// Reads stdin into 16 bytes, as a process of its own. Says how much it has for each chunk; a SIGTERM ends it with 7.
import { writeSync } from 'node:fs';
import { openInput } from '../../src/io/input/input.ts';

let taken = 0;
openInput(0, new Uint8Array(16), {
  onChunk: (chunk) => {
    taken += chunk.length;
    writeSync(2, `${taken}\n`);
  },
  onEnd: () => process.exit(0),
  onError: () => process.exit(1),
});
process.on('SIGTERM', () => process.exit(7));
