import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { CASES } from './cases.ts';
import { conductor, type Row } from './conduct.ts';
import { BrokenProgram } from './process.ts';

const USAGE = `npm run bench -- [--short] [--rounds 5] [--program dist/relevel.js] [--json <file>] [case ...]
cases: ${CASES.map(({ name }) => name).join(' ')}`;

/** Runs the cases that were named, or all. 0, also where a bar is not met; 1 where the program broke; 2 where asked wrongly. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      short: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      program: { type: 'string', default: 'dist/relevel.js' },
      json: { type: 'string' },
    },
  });
  const unknown = positionals.filter((name) => !CASES.some((subject) => subject.name === name));
  const rounds = Number(values.rounds);
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    console.error(unknown.length > 0 ? `no such case: ${unknown.join(' ')}\n${USAGE}` : USAGE);
    return 2;
  }

  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, Linux ${release()}`;
  console.log(machine);
  const conduct = conductor({ relevel: values.program, size: values.short ? 'short' : 'full', rounds });
  const rows: Row[] = [];
  for (const subject of CASES) {
    if (positionals.length > 0 && !positionals.includes(subject.name)) continue;
    console.error(`… ${subject.name}`);
    rows.push(await conduct(subject).catch((error: unknown) => broken(subject.name, error)));
  }
  console.log(table(rows));
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine, short: values.short, rows }, null, 2)}\n`);
  return rows.some(({ met }) => met === 'broken') ? 1 : 0;
}

/** A case whose program did not do its job; the others go on. */
function broken(name: string, error: unknown): Row {
  if (!(error instanceof BrokenProgram)) throw error;
  console.error(error.message);
  return { name, ours: 'broken: see above', against: '', ratio: '', bar: '', met: 'broken', details: error.message };
}

function table(rows: readonly Row[]): string {
  const head = ['case', 'ours', 'against', 'ratio', 'bar', 'met'];
  const cells = [head, ...rows.map(({ name, ours, against, ratio, bar, met }) => [name, ours, against, ratio, bar, met])];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n');
}

process.exitCode = await main();
