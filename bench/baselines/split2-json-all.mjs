// split2, JSON.parse and JSON.stringify for every line: how most such filters are written.
import { pipeline } from 'node:stream/promises';
import split2 from 'split2';
import { judge, summaries } from './naive.mjs';

const text = (record) => `${JSON.stringify(record)}\n`;
const mapLine = (line) => judge(JSON.parse(line)).map(text).join('');

await pipeline(process.stdin, split2(mapLine), process.stdout, { end: false });
process.stdout.write(summaries().map(text).join(''));
