import { openEngine } from '../engine/engine.ts';
import type { Clock } from '../engine/settings.ts';
import { FileArchive } from '../io/output/archive.ts';
import type { Outgoing } from '../io/output/output.ts';
import { defineCommand, refuse } from './command.ts';
import { sayProblems, detailsOf, type Diagnostics } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { clockFor, inputsOf } from './inputs.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import { move } from './move.ts';
import { FILTER_OPTIONS } from './options.ts';
import type { Parsed } from './parse.ts';
import { openHint } from './open-hint.ts';
import { openShadows } from './shadows.ts';
import { settingsOf, type Asked, type Settings } from './settings.ts';
import { sayUnknownVariables } from './variables.ts';
import { sayExpired, sayNoExits, sayUnfit, watch } from './watch.ts';
import { sayOrder, zoneFor } from './zone.ts';
import { LOCAL } from '../io/zone.ts';

/** What runs where no command is named: lines in, the same lines out, with true severities. */
export const filter = defineCommand<Asked>({
  manual: {
    name: '',
    summary: 'lower expected errors, fold repeats',
    words: '[file ...]',
    about: `Makes log severity tell the truth: lowers the errors that are expected, because of what
follows or because they repeat what was said, and leaves every other line as it is, to
the byte. Reads files one after the other, or stdin, also as "-"; writes stdout.`,
    after: `Each option is also a variable: RELEVEL_HOLD_LINES=1000 is --hold-lines 1000, and
RELEVEL_SHADOW=true is --shadow. A list has commas or newlines in it. Options win.

On the first SIGTERM, SIGINT, SIGHUP or other signal that would end it, relevel releases what
it holds, unchanged, and copies the rest of the input; a second signal ends it.

Exit status: 0 done, also where the reader went away; 1 failed while running; 2 asked
wrongly, nothing was read; 128 + n ended early by signal n.`,
  },
  options: FILTER_OPTIONS,
  blank: () => ({}),
  run: runFilter,
});

async function runFilter({ asked, words, placeOf }: Parsed<Asked>, host: Host): Promise<Exit> {
  const settings = settingsOf(asked);
  if (settings.records !== undefined && settings.framing !== 'json-stream')
    return refuse([`${placeOf('records')}: --format json-stream is missing`], '', host);
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const inputs = inputsOf(words, host.stdin);
  const clock = settings.clock === 'auto' ? clockFor(inputs) : settings.clock;
  const options = { settings, placeOf, reload: clock === 'live' ? 'on' : 'off', host, diagnostics } as const;
  const beside = isWatched(settings, clock) ? await (await import('./sidecar.ts')).openSidecar(options) : undefined;
  const loaded = await loadRuleSet({ ...settings, placeOf });
  const { ruleSet } = loaded;
  if (ruleSet === undefined) {
    sayProblems(loaded, diagnostics);
    await diagnostics.end();
    return REFUSED;
  }

  await sayUnknownVariables(host, diagnostics);
  sayUnfit(ruleSet, diagnostics);
  sayNoExits(ruleSet, diagnostics);
  if (clock === 'live') sayExpired(ruleSet, host.now(), diagnostics);
  const archive = openArchive(settings, host, diagnostics);
  const shadowing = await openShadows(settings, host, diagnostics);
  sayOrder(clock, diagnostics);
  const zone = zoneFor(clock, diagnostics);
  const engine = openEngine(
    ruleSet,
    { ...settings, clock, zone, local: LOCAL, archive },
    { draft: loaded.draft, ...shadowing.parts },
  );
  const watched = watch(engine, { settings, now: host.now, diagnostics });
  let output: Outgoing | undefined;
  const outputs = (): readonly Outgoing[] => (output === undefined ? [] : [output]);
  const sidecar = await beside?.begin({ engine, outer: watched.engine, ruleSet, inputs: undefined, outputs });
  const lined = sidecar?.engine ?? watched.engine;
  const values =
    settings.framing === 'lines' ? undefined : (await import('./json-stream.ts')).jsonValues(lined, settings, diagnostics);
  const onOutput = (opened: Outgoing): void => void (output = opened);
  const hinted = await openHint(lined, { counts: engine.counts, settings, ruleSet, files: words, host, diagnostics });
  const exit = await move(inputs, values?.engine ?? hinted?.engine ?? lined, { ...settings, onOutput }, host, diagnostics);
  sidecar?.end();
  archive?.close();
  shadowing.close();
  watched.end();
  hinted?.end();
  if (settings.summary) {
    const { reportOf } = await import('./report.ts');
    const { title, table, details } = reportOf(engine.counts, settings.shadow ? 'shadow' : 'filter');
    diagnostics.table(title, table, details);
  }
  const isBroken = values?.end() === false;
  await diagnostics.end();
  return isBroken && exit.kind === 'done' ? FAILED : exit;
}

/** Whether anything runs beside: somebody may ask, or rules may change. In replay they do not: every run gives the same. */
export const isWatched = ({ listen, rules }: Settings, clock: Clock): boolean =>
  listen !== undefined || (clock === 'live' && rules.some((name) => name !== 'builtin' && !name.startsWith('builtin/')));

/** In shadow nothing is folded, and so nothing kept. */
export function openArchive({ archive, shadow }: Settings, { now }: Host, diagnostics: Diagnostics): FileArchive | undefined {
  if (archive === undefined || shadow) return undefined;
  const onFailure = (error: Error): void =>
    diagnostics.say('warn', `${error.message}; until it can be written, repeats pass unchanged`, detailsOf(error));
  return new FileArchive({ path: archive, now, onFailure });
}
