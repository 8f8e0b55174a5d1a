import { setImmediate } from 'node:timers/promises';
import { HELD_BOUNDS, RELEASES, type RuleCounts } from '../engine/counts.ts';
import { Exposition, type Sample } from './exposition.ts';
import type { OutputState } from './output-watch.ts';
import { readinessOf, type Vitals } from './vitals.ts';

/**
 * All metrics, as Prometheus reads them. Names and units: https://prometheus.io/docs/practices/naming/.
 * With a thousand rules that is a megabyte, so lines get their turn between the families.
 */
export async function metricsOf(vitals: Vitals): Promise<string> {
  const page = new Exposition();
  for (const add of PARTS) {
    add(page, vitals);
    await setImmediate();
  }
  return page.text;
}

type Part = (page: Exposition, vitals: Vitals) => void;

function addStream(page: Exposition, { engine: { counts, figures } }: Vitals): void {
  page.counter('relevel_received_lines_total', 'Lines that came in, those that are held included.', [[{}, counts.linesIn]]);
  page.counter('relevel_lines_total', 'Lines by what became of them; what comes in is unchanged, changed or folded.', [
    [{ direction: 'in', outcome: 'unchanged' }, counts.unchanged],
    [{ direction: 'in', outcome: 'changed' }, counts.changed],
    [{ direction: 'in', outcome: 'folded' }, counts.folded],
    [{ direction: 'out', outcome: 'unchanged' }, counts.unchanged],
    [{ direction: 'out', outcome: 'changed' }, counts.changed],
    [{ direction: 'out', outcome: 'summary' }, counts.summaries],
  ]);
  page.counter('relevel_bytes_total', 'Bytes that came in and went out.', [
    [{ direction: 'in' }, counts.bytesIn],
    [{ direction: 'out' }, counts.bytesOut],
  ]);
  page.counter(
    'relevel_opaque_lines_total',
    'Lines that were looked at and not understood; they pass unchanged.',
    Object.entries(counts.opaqueFor).map(([reason, lines]) => [{ reason }, lines]),
  );
  page.counter('relevel_ambiguous_lines_total', 'Lines that were looked at and had two meanings; they pass unchanged.', [
    [{}, counts.ambiguous],
  ]);
  page.counter('relevel_overlong_lines_total', 'Lines longer than --max-line; they pass unchanged.', [[{}, counts.overlong]]);
  page.counter('relevel_records_total', 'Records of several lines, each judged as one.', [[{}, counts.records]]);
  page.counter('relevel_record_lines_total', 'Lines of records of several lines.', [[{}, counts.recordLines]]);
  page.counter('relevel_known_lines_total', 'Lines judged by what was known of earlier ones like them, which is quick.', [
    [{}, figures.alikeLines],
  ]);
  page.histogram('relevel_hold_duration_seconds', 'How long lines waited until they were decided or released.', {
    bounds: HELD_BOUNDS.map(seconds),
    counts: counts.heldFor,
    sum: seconds(counts.heldMillis),
  });
}

/** A family with one series for each rule. */
function perRule(name: string, help: string, of: (counts: RuleCounts) => number): Part {
  return (page, { engine }) =>
    page.counter(
      name,
      help,
      Array.from(engine.counts.rules, ([rule, counts]) => [{ rule }, of(counts)]),
    );
}

function addChanged(page: Exposition, { engine }: Vitals): void {
  const samples = [...engine.counts.rules].flatMap(([rule, { lowered, stayed, failed, raised, over }]): Sample[] => [
    [{ rule, by: 'then' }, lowered],
    [{ rule, by: 'stayed' }, stayed],
    [{ rule, by: 'else' }, failed],
    [{ rule, by: 'raise' }, raised],
    [{ rule, by: 'over' }, over],
  ]);
  const help =
    'Lines that left changed, by which part of the rule; "stayed": by "then", which would have raised their level; "over": past the budget.';
  page.counter('relevel_rule_changed_lines_total', help, samples);
}

function addShadows(page: Exposition, { engine }: Vitals): void {
  const samples = [...engine.counts.shadows].flatMap(([rule, counts]): Sample[] => [
    [{ rule, outcome: 'then' }, counts.lowered],
    [{ rule, outcome: 'stayed' }, counts.stayed],
    [{ rule, outcome: 'else' }, counts.failed],
    [{ rule, outcome: 'raise' }, counts.raised],
    [{ rule, outcome: 'over' }, counts.over],
    [{ rule, outcome: 'folded' }, counts.folded],
    [{ rule, outcome: 'released' }, RELEASES.reduce((sum, reason) => sum + counts.released[reason], 0)],
  ]);
  page.counter(
    'relevel_shadow_lines_total',
    'Lines that a rule with "shadow: true" would have judged, by what it would have done.',
    samples,
  );
}

function addReleased(page: Exposition, { engine }: Vitals): void {
  const help = 'Lines that the rule judged and released unchanged, by reason.';
  const samples = [...engine.counts.rules].flatMap(([rule, { released }]) =>
    RELEASES.map((reason): Sample => [{ rule, reason }, released[reason]]),
  );
  page.counter('relevel_rule_released_lines_total', help, samples);
}

function addMissing(page: Exposition, { engine }: Vitals): void {
  const samples = [...engine.counts.rules].flatMap(([rule, { missing }]) =>
    Object.entries(missing).map(([field, lines]): Sample => [{ rule, field }, lines]),
  );
  const help = 'Lines released for "no-key", by the field of "by" that they do not have.';
  page.counter('relevel_rule_missing_field_lines_total', help, samples);
}

function addRoom(page: Exposition, { engine }: Vitals): void {
  const { figures } = engine;
  const { holdLines, holdBytes } = engine.settings;
  page.gauge('relevel_hold_queue_lines', 'Lines in the hold queue.', [[{}, figures.heldLines]]);
  page.gauge('relevel_hold_queue_bytes', 'Bytes in the hold queue.', [[{}, figures.heldBytes]]);
  page.gauge('relevel_hold_queue_limit_lines', 'Most lines that may be in the hold queue.', [[{}, holdLines]]);
  page.gauge('relevel_hold_queue_limit_bytes', 'Most bytes that may be in the hold queue.', [[{}, holdBytes]]);
  page.gauge('relevel_open_waits', 'Lines that wait to be decided.', [[{}, figures.openWaits]]);
  page.gauge('relevel_open_groups', 'Groups of repeats that are open.', [[{}, figures.openGroups]]);
}

function addReloads(page: Exposition, { engine, reloads }: Vitals): void {
  page.gauge('relevel_rules', 'Rules in force.', [[{}, engine.plan.rules.length]]);
  if (reloads === undefined) return;
  const { adopted, refused, last, adoptedAt } = reloads();
  page.counter('relevel_reloads_total', 'Attempts to bring changed rules into force.', [
    [{ outcome: 'adopted' }, adopted],
    [{ outcome: 'refused' }, refused],
  ]);
  page.gauge('relevel_last_reload_successful', 'Whether the last attempt brought the rules into force.', [
    [{}, last?.kind === 'refused' ? 0 : 1],
  ]);
  page.gauge('relevel_rules_adopted_timestamp_seconds', 'When the rules in force were adopted.', [[{}, seconds(adoptedAt)]]);
}

function addInputs(page: Exposition, vitals: Vitals): void {
  const { inputs, now } = vitals;
  page.gauge('relevel_ready', 'Whether /readyz says so.', [[{}, readinessOf(vitals).obstacles.length === 0 ? 1 : 0]]);
  if (inputs === undefined) return;
  page.gauge('relevel_failing_inputs', 'Inputs that cannot be read.', [[{}, inputs.failing().length]]);
  page.gauge('relevel_input_lag_bytes', 'Bytes that lie in the inputs and were not read yet.', [[{}, inputs.lagBytes()]]);
  const at = inputs.checkpointAt();
  if (at !== undefined)
    page.gauge('relevel_checkpoint_age_seconds', 'Since the checkpoint was written.', [[{}, seconds(Math.max(0, now() - at))]]);
}

function addOutputs(page: Exposition, { outputs }: Vitals): void {
  const states = outputs();
  const samples = (of: (state: OutputState) => number): Sample[] => states.map((state) => [{ output: state.name }, of(state)]);
  page.gauge(
    'relevel_output_connected',
    'Whether there is somebody, or a file, to write to.',
    samples(({ connected }) => (connected ? 1 : 0)),
  );
  page.gauge(
    'relevel_output_waiting_bytes',
    'Bytes that relevel keeps until the output takes them.',
    samples(({ waiting }) => waiting),
  );
  page.counter(
    'relevel_output_delivered_bytes_total',
    'Bytes that the output has taken; a collector: acknowledged.',
    samples(({ delivered }) => delivered),
  );
  page.gauge(
    'relevel_output_stalled_seconds',
    'How long the output has been away, or has taken nothing while bytes wait.',
    samples(({ stalled }) => seconds(stalled)),
  );
}

function addProcess(page: Exposition, { version, startedAt, memory, cpu }: Vitals): void {
  const { rss, heapUsed, external } = memory();
  const { user, system } = cpu();
  page.gauge('relevel_build_info', 'What is running.', [[{ version, node: process.version }, 1]]);
  page.counter('process_cpu_seconds_total', 'Time on the processor, of user and system.', [[{}, (user + system) / 1e6]]);
  page.gauge('process_start_time_seconds', 'When the process began, since 1970.', [[{}, seconds(startedAt)]]);
  page.gauge('process_resident_memory_bytes', 'Resident memory.', [[{}, rss]]);
  page.gauge('nodejs_heap_size_used_bytes', 'Memory of objects.', [[{}, heapUsed]]);
  page.gauge('nodejs_external_memory_bytes', 'Memory of buffers and other things outside the heap.', [[{}, external]]);
}

const PARTS: readonly Part[] = [
  addStream,
  perRule('relevel_rule_fitted_lines_total', 'Lines that the rule judged.', ({ fitted }) => fitted),
  addChanged,
  addShadows,
  perRule('relevel_rule_held_lines_total', 'Lines that had to wait.', ({ held }) => held),
  addReleased,
  addMissing,
  perRule('relevel_rule_folded_lines_total', 'Lines that were not written but counted.', ({ folded }) => folded),
  perRule('relevel_rule_summaries_total', 'Summaries written.', ({ summaries }) => summaries),
  perRule(
    'relevel_rule_kept_message_lines_total',
    'Changed lines and summaries that kept their message: the new one would not be read back as it was asked for.',
    ({ keptMessages }) => keptMessages,
  ),
  perRule(
    'relevel_rule_expired_lines_total',
    'Lines that the rule would have judged, had its "until" not passed.',
    ({ resting }) => resting,
  ),
  addRoom,
  addReloads,
  addInputs,
  addOutputs,
  addProcess,
];

const seconds = (millis: number): number => millis / 1000;
