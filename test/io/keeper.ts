// Keeps lines in an archive until it takes no more, as a process of its own, which may have a limit to the size of a file.
import { writeSync } from 'node:fs';
import { FileArchive } from '../../src/io/output/archive.ts';

const line = Buffer.from(`${'x'.repeat(299)}\n`);
const archive = new FileArchive({
  path: process.argv[2]!,
  now: () => 0,
  onFailure: (error) => writeSync(2, `${error.message}\n`),
});
while (archive.keep(line, 0, line.length));
