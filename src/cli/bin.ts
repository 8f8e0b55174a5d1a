#!/usr/bin/env node
import './no-debugger.ts';

// The start of `relevel run` is a file of its own, because a command waits for it: it begins the command before the rest of the
// program is loaded.
if (process.argv[2] === 'run') void import('./begin-run.ts');
else void import('./begin.ts');
