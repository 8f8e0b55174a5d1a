import { readManuals } from './commands.ts';
import { main } from './main.ts';
import { conduct } from './process.ts';

// What `bin.ts` loads, but for `relevel run`.

void conduct(main, readManuals);
