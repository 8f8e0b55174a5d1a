import { conduct } from './process.ts';
import { run } from './run.ts';

// What `bin.ts` loads for `relevel run`: a file of its own, for which each start of a command waits. The rest of the program
// loads when the command runs.

void conduct(
  (args, host) => run.run(args.slice(1), host),
  async () => (await import('./commands.ts')).readManuals(),
);
