// split2 and JSON.parse for every line; JSON.stringify only for those that change.
import { pipeline } from 'node:stream/promises';
import split2 from 'split2';
import { judge, summaries } from './naive.mjs';

const text = (record) => `${JSON.stringify(record)}\n`;

function mapLine(line) {
  const record = JSON.parse(line);
  const records = judge(record);
  return records[0] === record ? `${line}\n` : records.map(text).join('');
}

await pipeline(process.stdin, split2(mapLine), process.stdout, { end: false });
process.stdout.write(summaries().map(text).join(''));
