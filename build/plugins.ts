import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/** What stands in the place of a file, by its path. */
export type Modules = Readonly<Record<string, string>>;

/** Puts the values of modules that read files in the place of the modules. */
export function embed(modules: Modules): Plugin {
  return {
    name: 'embed',
    setup: (building) => {
      for (const [path, contents] of Object.entries(modules)) {
        const whole = resolve(path);
        building.onLoad({ filter: /\/src\/(?:packs|kernel)\// }, (args) =>
          args.path === whole ? { contents, loader: 'js' } : undefined,
        );
      }
    },
  };
}

/** Modules of Node that few runs need, or none at the start; each takes some milliseconds to load. */
const LATE: readonly string[] = ['node:crypto', 'node:net', 'node:os', 'node:tty'];

/** Loads such a module when one of its functions is first called, or one of its objects is first used. */
export const lateBuiltins: Plugin = {
  name: 'late-builtins',
  setup: (building) => {
    building.onResolve({ filter: /^node:/ }, ({ kind, path }) =>
      kind === 'import-statement' && LATE.includes(path) ? { path, namespace: 'late-builtin' } : undefined,
    );
    building.onLoad({ filter: /.*/, namespace: 'late-builtin' }, async ({ path }) => {
      const module = (await import(path)) as Readonly<Record<string, unknown>>;
      const names = Object.keys(module).filter((name) => /^[\w$]+$/u.test(name) && name !== 'default');
      const exports = names.map((name) => `export const ${name}=/* @__PURE__ */${lateFormOf(module[name])}('${name}');`);
      // The names of the helpers begin with "$", because a module of Node may export any other.
      const helpers = [
        `let $module;const $load=()=>$module??=process.getBuiltinModule('${path}');`,
        'const $get=(name)=>$load()[name];',
        'const $call=(name)=>function(...args){const it=$load()[name];return new.target?new it(...args):it(...args)};',
        'const $look=(name)=>new Proxy({},{get:(_,key)=>$load()[name][key]});',
      ];
      return { contents: helpers.join('') + exports.join(''), loader: 'js' };
    });
  },
};

function lateFormOf(value: unknown): '$call' | '$look' | '$get' {
  if (typeof value === 'function') return '$call';
  return typeof value === 'object' && value !== null ? '$look' : '$get';
}

/**
 * picocolors looks at `process.stdout` as it loads, which makes a pipe or socket non-blocking that others share; we
 * tell it ourselves whether there is a terminal.
 */
export const blindColours: Plugin = {
  name: 'blind-colours',
  setup: (building) => {
    building.onLoad({ filter: /\/picocolors\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replace('(p.stdout || {}).isTTY', 'false');
      if (contents === text) throw new Error('picocolors has changed: see what it does with process.stdout as it loads');
      return { contents };
    });
  },
};
