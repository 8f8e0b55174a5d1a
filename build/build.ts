import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { writeKernel } from './kernel.ts';
import { buildLibrary } from './library.ts';
import { licencesOf } from './licences.ts';
import { blindColours, embed, type Modules } from './plugins.ts';
import { buildProgram } from './program.ts';
import { buildShared } from './shared.ts';
import { buildSingle } from './single.ts';
import type { Pack } from '../src/packs/builtin.ts';
import type { PlanDraft } from '../src/engine/plan.ts';
import { joinRules } from '../src/rules/join.ts';
import { isStable } from '../src/rules/maturity.ts';
import { isPlain } from '../src/rules/pattern.ts';
import { RulesError } from '../src/rules/problem.ts';
import type { Condition, RuleSet } from '../src/rules/rule.ts';

// What imports the kernel can only be imported when the kernel is compiled.
writeKernel();
const { loadPacks } = await import('../src/packs/builtin.ts');
const { PACKS, VERSION } = await import('../src/packs/shipped.ts');
const { draftPlan } = await import('../src/engine/plan.ts');
const { manualPage } = await import('./man.ts');

// `npm run build`: the program, in parts that load when they are needed. Rules that ship are loaded here, once for all:
// the program itself reads no YAML unless it is given some.

/** The start is part of the bargain: a pattern that needs re2js makes every start slower by its 15 ms. */
function refuseSlowPatterns({ rules, protect }: RuleSet): void {
  const patternsOf = (condition: Condition): string[] => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        return condition.of.flatMap(patternsOf);
      case 'not':
        return patternsOf(condition.of);
      case 'field':
        return condition.test.kind === 'matches' ? [condition.test.text] : [];
      case 'level':
        return [];
    }
  };
  const conditions = rules.flatMap(({ when, await: waits }) => [
    when,
    ...[...(waits?.success ?? []), ...(waits?.failure ?? [])].map((event) => event.condition),
  ]);
  for (const pattern of [...conditions, ...protect].flatMap(patternsOf)) {
    if (!isPlain(pattern))
      throw new Error(`rules: pattern ${pattern} is not plain, and would load re2js at each start; see src/rules/pattern.ts`);
  }
}

/** As `src/packs/load-rules.ts` joins them where nobody asks for others. */
const draftOf = (packs: readonly Pack[]): PlanDraft =>
  draftPlan(
    joinRules(
      packs.map(({ ruleSet }) => ruleSet),
      [],
      '',
    ).ruleSet,
  );

/** What modules of `src/packs` read from files, as modules that hold it. */
function modulesOf(packs: string, draft: string): Modules {
  return {
    'src/packs/builtin.ts':
      `export const loadPacks=async()=>JSON.parse(${JSON.stringify(packs)});` +
      `export const loadDraft=()=>JSON.parse(${JSON.stringify(draft)});`,
    'src/packs/shipped.ts': `export const VERSION=${JSON.stringify(VERSION)};export const PACKS=${JSON.stringify(PACKS)};`,
  };
}

async function main(): Promise<void> {
  const packs = await loadPacks();
  for (const { ruleSet } of packs.filter(isStable)) refuseSlowPatterns(ruleSet);

  const [packsText, draftText] = [JSON.stringify(packs), JSON.stringify(draftOf(packs.filter(isStable)))];
  const modules = modulesOf(packsText, draftText);

  const program = await buildProgram({ packs: packsText, draft: draftText, modules });
  // By itself, so that the program is not cut up by what the two share.
  const demo = await build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['koffi'],
    // CommonJS packages ask for Node's own modules by it, and for nothing else: the rest is bundled.
    banner: { js: 'const require=process.getBuiltinModule;' },
    logLevel: 'warning',
    write: false,
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    entryPoints: { demo: 'demo/main.ts' },
    plugins: [embed(modules), blindColours],
  });
  const library = await buildLibrary();
  const shared = await buildShared();
  const licences = licencesOf([...program.metafiles, ...library.metafiles, ...shared.metafiles]);
  const single = await buildSingle(modules);
  const manual = await manualPage(VERSION);
  // All at once: somebody may be running what was built before.
  rmSync('dist', { recursive: true, force: true });
  for (const folder of ['parts', 'single']) mkdirSync(`dist/${folder}`, { recursive: true });
  for (const [path, text] of [...program.files, ...shared.files]) writeFileSync(path, text);
  for (const { path, contents } of demo.outputFiles) writeFileSync(path, contents);
  for (const [path, contents] of library.files) writeFileSync(path, contents);
  writeFileSync('dist/THIRD-PARTY-LICENSES', licences);
  writeFileSync('dist/single/relevel.cjs', single);
  writeFileSync('dist/relevel.1', manual);
  for (const name of ['relevel.js', 'single/relevel.cjs']) chmodSync(`dist/${name}`, 0o755);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RulesError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
