import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clusterForms } from '../src/workbench/suggest/clusters.ts';
import { formOf, wordsOf, type Words } from '../src/workbench/suggest/words.ts';

// How well `relevel suggest` tells log statements apart, on files in the layout of LogHub: `<System>_2k.log_structured.csv` with the
// columns `Content`, `EventId` and `EventTemplate`. The data is not ours to ship: give the folder that has it.
//
// Grouping accuracy is the share of lines whose group holds the same lines as the true one; F1 of grouping is the same by groups:
// the harmonic mean of how many of our groups are true ones, and how many of the true ones are found.

interface Score {
  readonly accuracy: number;
  readonly f1: number;
}

/** The fields of a CSV, row by row; a field in quotes may hold commas, newlines and doubled quotes. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gu)) {
    row.push(quoted?.replaceAll('""', '"') ?? bare!);
    if (end === ',') continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows;
}

/** The number of the group of each message. */
function groupsOf(messages: readonly string[]): { readonly labels: readonly number[]; readonly templates: readonly string[] } {
  const forms: Words[] = [];
  const known = new Map<string, number>();
  const formOfLine = messages.map((message) => {
    const words = wordsOf(message);
    const number = known.get(words.form) ?? forms.push(words) - 1;
    known.set(words.form, number);
    return number;
  });
  const { of, clusters } = clusterForms(forms);
  return {
    labels: formOfLine.map((form) => of[form]!),
    templates: clusters.map(({ words, between }) => formOf(words, between)),
  };
}

function linesBy(labels: readonly (number | string)[]): readonly string[] {
  const lines = new Map<number | string, number[]>();
  for (const [line, label] of labels.entries()) lines.set(label, [...(lines.get(label) ?? []), line]);
  return [...lines.values()].map((each) => each.join());
}

function scoreOf(labels: readonly number[], truth: readonly string[]): Score {
  const groups = linesBy(labels);
  const right = new Set(linesBy(truth));
  const found = groups.filter((group) => right.has(group));
  const lines = found.reduce((sum, group) => sum + group.split(',').length, 0);
  return { accuracy: lines / labels.length, f1: (2 * found.length) / (groups.length + right.size) };
}

const { positionals, values } = parseArgs({ options: { groups: { type: 'string' } }, allowPositionals: true });
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: bench/grouping.ts <folder> [--groups <folder>]');
const scores: Score[] = [];
const show = (name: string, { accuracy, f1 }: Score): void =>
  console.log(`${name.padEnd(16)} ${accuracy.toFixed(3)} ${f1.toFixed(3)}`);

console.log(`${'system'.padEnd(16)} GA    FGA`);
for (const file of readdirSync(folder).filter((name) => name.endsWith('_structured.csv'))) {
  const [head, ...rows] = rowsOf(readFileSync(join(folder, file), 'utf8'));
  const column = (name: string): string[] => rows.map((row) => row[head!.indexOf(name)]!);
  const name = file.replace(/(?:_2k|_full)?\.log_structured\.csv$/u, '');
  const { labels, templates } = groupsOf(column('Content'));
  if (values.groups !== undefined) {
    mkdirSync(values.groups, { recursive: true });
    const written = labels.map((label, line) => `${line + 1},${label},"${templates[label]!.replaceAll('"', '""')}"\n`);
    writeFileSync(join(values.groups, `${name}.csv`), `LineId,Group,Template\n${written.join('')}`);
  }
  if (!head!.includes('EventId')) continue;
  const score = scoreOf(labels, column('EventId'));
  scores.push(score);
  show(name, score);
}
const mean = (key: keyof Score): number => scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
if (scores.length > 0) show('mean', { accuracy: mean('accuracy'), f1: mean('f1') });
