#!/usr/bin/env node
import './no-debugger.ts';
import { load } from './loader.ts';

// No more than this, for Node compiles it anew at each start: what it loads has V8's bytecode beside it. A command is started
// before the rest of the program is loaded, and so has a file of its own.
load(process.argv[2] === 'run' ? './begin-run.js' : './begin.js');
