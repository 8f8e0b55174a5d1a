import { quote, suggest } from '../rules/quote.ts';
import type { Diagnostics } from './diagnostics.ts';
import { FILTER_OPTIONS, variableOf } from './options.ts';
import type { Host } from './host.ts';

const PREFIX = 'RELEVEL_';

/** Kubernetes sets these in each container for each service, here for one whose name begins with "relevel". */
const SERVICE_LINK = /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/u;

/** Warns of variables that no option has: a typo there would be silent. */
export async function sayUnknownVariables({ env, manuals }: Host, diagnostics: Diagnostics): Promise<void> {
  const own = new Set(FILTER_OPTIONS.map(variableOf));
  const asked = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !own.has(name) && !SERVICE_LINK.test(name));
  if (asked.length === 0) return;
  // The variables of all commands are in one environment, so the others are known too.
  const all = await manuals();
  const known = new Set([
    ...own,
    ...all.flatMap(({ options }) => options.filter(({ isTypedOnly }) => isTypedOnly !== true).map(variableOf)),
  ]);
  for (const name of asked.filter((each) => !known.has(each))) {
    const nearest = suggest(name, [...known], 'variables');
    diagnostics.say('warn', `no option has the variable ${quote(name)}${nearest.startsWith('; did you mean') ? nearest : ''}`);
  }
}
