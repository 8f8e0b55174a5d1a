import { setTimeout as sleep } from 'node:timers/promises';
import { kindOf } from '../io/input/kinds.ts';
import { escapeControls } from '../rules/quote.ts';
import type { Address } from '../sidecar/address.ts';
import { ask } from '../sidecar/ask.ts';
import type { OutputState } from '../sidecar/output-watch.ts';
import { readStatus, writeStatus, type Status } from '../sidecar/status.ts';
import { addressOf, ADDRESS_ABOUT } from './asked-address.ts';
import { defineCommand, refuse } from './command.ts';
import { DONE, FAILED, type Exit, type Host } from './host.ts';
import { print, printLines } from './print.ts';
import { reportOf } from './report.ts';
import { set } from './options.ts';
import { writeSize, yesOrNo } from './values.ts';

/** ms */
const PATIENCE = 5_000;

/** ms between two questions of `--watch`. */
const RHYTHM = 2_000;

/** Home, and all that is on the screen gone. */
const CLEAR = '\x1b[H\x1b[2J';

interface StatusAsked {
  json?: boolean;
  watch?: boolean;
}

export const status = defineCommand<StatusAsked>({
  manual: {
    name: 'status',
    summary: 'show the state of a running relevel',
    words: '[address]',
    about: `Asks the relevel that listens at the address how it does, and prints a table.

${ADDRESS_ABOUT}`,
    examples: [
      ['relevel status 9090', 'of relevel --listen 9090 on this host'],
      ['relevel status unix:/run/relevel.sock', 'through a socket'],
      ['relevel status --watch 9090', 'again and again'],
      ['relevel status --json 9090', 'for a script'],
    ],
    after: 'Exit status: 0 it has answered, ready or not; 1 nobody could be asked; 2 usage error.',
  },
  options: [
    { name: 'json', isTypedOnly: true, help: 'print the state as one JSON object', take: set('json', yesOrNo) },
    { name: 'watch', isTypedOnly: true, help: `ask again every ${RHYTHM / 1000} s`, take: set('watch', yesOrNo) },
  ],
  blank: () => ({}),
  run: async ({ asked: { json = false, watch = false }, words }, host) => {
    const asked = addressOf(words, host.env);
    if (asked.kind === 'wrong') return refuse([asked.problem], 'status', host);
    const render = json ? jsonOf : tableOf;
    const clear = watch && !json && kindOf(host.stdout) === 'terminal' ? CLEAR : '';
    for (;;) {
      const exit = await askForStatus(asked.address, (found) => clear + render(found), host);
      // A reader that has left, or nobody to ask.
      if (!watch || exit !== DONE) return exit;
      await sleep(RHYTHM);
    }
  },
});

/** As it was told, on one line; what a terminal would obey is escaped as JSON can. */
const jsonOf = (found: Status): string =>
  `${writeStatus(found).replace(/[\u007f-\u009f]/gu, (control) => `\\u00${control.charCodeAt(0).toString(16)}`)}\n`;

async function askForStatus(address: Address, render: (found: Status) => string, host: Host): Promise<Exit> {
  try {
    const { body } = await ask(address, { method: 'GET', path: '/status', patience: PATIENCE });
    const found = readStatus(body);
    if (found === undefined) throw new Error('what answers there is no relevel');
    return await print(render(found), host);
  } catch (error) {
    await printLines([`relevel: error: ${(error as Error).message}`], host);
    return FAILED;
  }
}

/** Whole lines. What comes from the other side is escaped. */
export function tableOf(told: Status): string {
  const { version, pid, up, rules, lastReload, held, waits, groups, lagBytes, checkpointAge, outputs, memoryBytes, obstacles } =
    told;
  const isReady = obstacles.length === 0;
  const rows: readonly (readonly [name: string, says: string | undefined])[] = [
    ['rules', `${rules} in force${lastReload === undefined ? '' : `, the last reload was ${lastReload}`}`],
    [
      'held',
      `${held.lines} lines of ${held.mostLines}, ${roughly(held.bytes)} of ${writeSize(held.mostBytes)}; ${waits} of them wait`,
    ],
    ['groups', `${groups} open`],
    ['behind', lagBytes === undefined ? undefined : roughly(lagBytes)],
    ['checkpoint', checkpointAge === undefined ? undefined : `written ${lasting(checkpointAge)} ago`],
    ...outputs.map((output) => ['output', sayOutput(output)] as const),
    ['memory', roughly(memoryBytes)],
  ];
  const head = `relevel ${version}, process ${pid}, up ${lasting(up)}: ${isReady ? 'ready' : 'not ready'}`;
  const lines = [
    head,
    ...[...obstacles, ...told.notes].map((text) => `  ${text}`),
    '',
    ...rows.flatMap(([name, says]) => (says === undefined ? [] : [`  ${name.padEnd(10)}  ${says}`])),
    '',
  ];
  return lines.map((line) => `${escapeControls(line)}\n`).join('') + reportOf(told.counts, 'filter').table;
}

function sayOutput({ name, connected, waiting, delivered, stalled }: OutputState): string {
  const waits = waiting > 0 ? `, ${roughly(waiting)} wait` : '';
  const since = stalled >= 1000 ? ` for ${lasting(stalled)}` : '';
  const how = connected ? (since === '' ? '' : `, took nothing${since}`) : `, not connected${since}`;
  return `${name}: ${roughly(delivered)} delivered${waits}${how}`;
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** With three digits at most before the point. */
function roughly(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${SIZES[unit]!}`;
}

/** In its two largest units. */
function lasting(millis: number): string {
  const seconds = Math.floor(Math.max(0, millis) / 1000);
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
