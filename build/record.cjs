'use strict';

// For `build/start.ts`, required before the program: at its end, writes the bytecode of each script for which
// `src/cli/loader.ts` has looked for some beside the script, by the name under which it did, where there is none yet.

const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

const scripts = [];
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    if ('cachedData' in options && options.cachedData === undefined) scripts.push([this, options.filename]);
  }
};

// Bytecode is taken under the flags under which it was made, and no others.
require('node:v8').setFlagsFromString = () => {};

// Without the flag for it, a program that has lived for long finds no collector to call.
vm.runInNewContext = () => () => {};

process.on('exit', () => {
  for (const [script, filename] of scripts) {
    writeFileSync(`${filename}.${process.version}-${process.arch}.bytecode`, script.createCachedData());
  }
});
