import { Kernel } from '../kernel/kernel.ts';
import { openingOf } from '../io/same-file.ts';
import { answerInstead, refuse } from './command.ts';
import { sayProblems, detailsOf } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import type { Exit, Host } from './host.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import type { LoadedBefore } from './run-rules.ts';
import { clashOf } from './open-output.ts';
import { quote } from '../rules/quote.ts';
import type { StartError } from '../io/child/child.ts';
import type { Manual } from './manual.ts';
import type { RunParsed } from './run-asked.ts';
import { settingsOf } from './settings.ts';

// What becomes of `relevel run` where it runs nothing.

/** Answers what asks for no command, or asks for one wrongly. */
export async function explain(parsed: RunParsed, manual: Manual, host: Host): Promise<Exit> {
  const [word] = parsed.words;
  const problem = word === undefined ? 'no command is named behind "--"' : `${quote(word)}: a command belongs behind "--"`;
  return (await answerInstead(parsed, manual, host)) ?? refuse([`${problem}, as in: relevel run -- date`], 'run', host);
}

/** Loads the rules; says what is wrong with them, if anything is. Throws `KernelError` if no line could be read. */
export async function loadOrSay({ asked, placeOf }: RunParsed, host: Host): Promise<LoadedBefore> {
  const kernel = new Kernel();
  const settings = settingsOf(asked);
  const loaded = await loadRuleSet({ ...settings, placeOf });
  if (loaded.ruleSet !== undefined) return { ...loaded, kernel };
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  sayProblems(loaded, diagnostics);
  await diagnostics.end();
  return { ...loaded, kernel };
}

/**
 * Refuses a command that would read what relevel writes, without end, or an archive that is the output. A stdin that is also open
 * for writing has been opened by a supervisor, on one log for all three: nobody reads it.
 */
export async function refuseClash({ asked }: RunParsed, host: Host): Promise<boolean> {
  const settings = settingsOf(asked);
  const isRead = openingOf(host.stdin)?.isReadOnly === true;
  const clash = clashOf(isRead ? [{ name: 'stdin', file: host.stdin }] : [], settings, host);
  if (clash === undefined) return false;
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  diagnostics.say('error', clash);
  await diagnostics.end();
  return true;
}

/** Says why nothing could be started. */
export async function sayFailure(error: StartError, { asked }: RunParsed, host: Host): Promise<Exit> {
  const diagnostics = await openDiagnostics(settingsOf(asked).logFormat, host);
  diagnostics.say('error', error.message, detailsOf(error));
  await diagnostics.end();
  return { kind: 'code', code: error.exitCode };
}
