import type { Address } from '../sidecar/address.ts';
import { ask } from '../sidecar/ask.ts';
import { addressOf, ADDRESS_ABOUT } from './asked-address.ts';
import { defineCommand, refuse } from './command.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { print, printLines } from './print.ts';

/** A folder of many rules may take this long to read and to try. ms */
const PATIENCE = 60_000;

export const reload = defineCommand<object>({
  manual: {
    name: 'reload',
    summary: 'have a running relevel read its rules again',
    words: '[address]',
    about: `Has the relevel that listens at the address read its rules files again, run their examples,
and judge the lines from then on by them. What is wrong with them is said here, and the
rules before them stay in force.

${ADDRESS_ABOUT}`,
    examples: [['relevel reload unix:/run/relevel.sock', 'of relevel --listen unix:/run/relevel.sock']],
    after: 'Exit status: 0 done, or nothing has changed; 1 nobody could be asked; 2 the rules were refused.',
  },
  options: [],
  blank: () => ({}),
  run: async ({ words }, host) => {
    const asked = addressOf(words, host.env);
    return asked.kind === 'wrong' ? refuse([asked.problem], 'reload', host) : askToReload(asked.address, host);
  },
});

async function askToReload(address: Address, host: Host): Promise<Exit> {
  try {
    const { status, body } = await ask(address, { method: 'POST', path: '/-/reload', patience: PATIENCE });
    if (status === 200) return await print(body, host);
    await printLines(body.trimEnd().split('\n'), host);
    return status === 422 ? REFUSED : FAILED;
  } catch (error) {
    await printLines([`relevel: error: ${(error as Error).message}`], host);
    return FAILED;
  }
}
