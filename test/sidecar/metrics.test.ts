import { expect, test } from 'vitest';
import { metricsOf } from '../../src/sidecar/metrics.ts';
import { readExposition, type ReadFamily } from './exposition-reader.ts';
import { line, RULES, vitalsOf } from './vitals.ts';

/** The series of a family as `label=value,… number`. */
function seriesOf(families: ReadonlyMap<string, ReadFamily>, name: string): string[] {
  return families
    .get(name)!
    .samples.map(({ labels, value }) => `${[...labels].map((pair) => pair.join('=')).join(',')} ${value}`);
}

test('what became of lines, bytes and rules', async () => {
  const { vitals, push } = vitalsOf();
  push(line('failed') + line('again').repeat(3), 60_000);
  push(line('ready') + 'failed\n{"msg":"failed"}\n{"level":50,"level":30,"msg":"failed"}\n', 60_030);
  push(line('failed') + line('other'), 70_000);
  const families = readExposition(await metricsOf(vitals));
  expect(seriesOf(families, 'relevel_lines_total')).toEqual([
    'direction=in,outcome=unchanged 5',
    'direction=in,outcome=changed 2',
    'direction=in,outcome=folded 2',
    'direction=out,outcome=unchanged 5',
    'direction=out,outcome=changed 2',
    'direction=out,outcome=summary 0',
  ]);
  expect(seriesOf(families, 'relevel_received_lines_total')).toEqual([' 10']);
  expect(seriesOf(families, 'relevel_opaque_lines_total')).toEqual(['reason=no pair at the beginning 1', 'reason=no level 1']);
  expect(seriesOf(families, 'relevel_ambiguous_lines_total')).toEqual([' 1']);
  expect(seriesOf(families, 'relevel_rule_held_lines_total')).toEqual(['rule=waits 2', 'rule=folds 0']);
  expect(seriesOf(families, 'relevel_rule_folded_lines_total')).toEqual(['rule=waits 0', 'rule=folds 2']);
  expect(seriesOf(families, 'relevel_rule_changed_lines_total')).toContain('rule=waits,by=then 1');
  expect(seriesOf(families, 'relevel_open_waits')).toEqual([' 1']);
  expect(seriesOf(families, 'relevel_open_groups')).toEqual([' 1']);
  expect(seriesOf(families, 'relevel_hold_queue_lines')).toEqual([' 2']);
  expect(seriesOf(families, 'relevel_reloads_total')).toEqual(['outcome=adopted 2', 'outcome=refused 1']);
  expect(seriesOf(families, 'process_cpu_seconds_total')).toEqual([' 2']);
  const held = families.get('relevel_hold_duration_seconds')!.samples;
  expect(held.find(({ labels }) => labels.get('le') === '0.025')!.value).toBe(0);
  expect(held.find(({ labels }) => labels.get('le') === '0.05')!.value).toBe(1);
  expect(held.find(({ name }) => name.endsWith('_sum'))!.value).toBe(0.03);
});

test('what rules in shadow would have done, apart from what was done', async () => {
  const { vitals, push } = vitalsOf(RULES.replaceAll(/- id: (\w+)/gu, '- id: $1\n    shadow: true'));
  push(line('failed') + line('again').repeat(3) + line('ready') + line('failed'), 60_000);
  push(line('other'), 200_000);
  const families = readExposition(await metricsOf(vitals));
  const counted = seriesOf(families, 'relevel_shadow_lines_total').filter((series) => !series.endsWith(' 0'));
  expect(counted).toEqual([
    'rule=waits,outcome=then 1',
    'rule=waits,outcome=released 1',
    'rule=folds,outcome=then 1',
    'rule=folds,outcome=folded 2',
  ]);
  expect(seriesOf(families, 'relevel_rule_fitted_lines_total')).toEqual([]);
  expect(seriesOf(families, 'relevel_lines_total')).toContain('direction=in,outcome=unchanged 7');
});

test('why lines were let go, from the start: a rate needs its zero', async () => {
  const { vitals, push } = vitalsOf(undefined, { holdLines: 1 });
  push(line('failed').repeat(3), 60_000);
  const released = seriesOf(readExposition(await metricsOf(vitals)), 'relevel_rule_released_lines_total');
  expect(released).toContain('rule=waits,reason=full 2');
  expect(released).toContain('rule=waits,reason=budget 0');
});

test('what only those who follow files know', async () => {
  const inputs = { failing: () => ['a.log'], outputTrouble: () => undefined, lagBytes: () => 12, checkpointAt: () => 98_500 };
  const families = readExposition(await metricsOf(vitalsOf(undefined, {}, { inputs }).vitals));
  expect(seriesOf(families, 'relevel_input_lag_bytes')).toEqual([' 12']);
  expect(seriesOf(families, 'relevel_failing_inputs')).toEqual([' 1']);
  expect(seriesOf(families, 'relevel_checkpoint_age_seconds')).toEqual([' 1.5']);
  expect(seriesOf(families, 'relevel_ready')).toEqual([' 0']);
  const without = readExposition(await metricsOf(vitalsOf(undefined, {}, { reloads: undefined }).vitals));
  for (const name of ['relevel_input_lag_bytes', 'relevel_checkpoint_age_seconds', 'relevel_reloads_total'])
    expect(without.has(name)).toBe(false);
});

test('what each output has taken, and what waits for it', async () => {
  const state = { name: 'a "log"', connected: true, waiting: 7, delivered: 9, stalled: 1_500 };
  const outputs = () => [state, { ...state, name: 'tcp://b:1', connected: false }];
  const families = readExposition(await metricsOf(vitalsOf(undefined, {}, { outputs }).vitals));
  expect(seriesOf(families, 'relevel_output_connected')).toEqual(['output=a "log" 1', 'output=tcp://b:1 0']);
  expect(seriesOf(families, 'relevel_output_waiting_bytes')[0]).toBe('output=a "log" 7');
  expect(seriesOf(families, 'relevel_output_delivered_bytes_total')[0]).toBe('output=a "log" 9');
  expect(seriesOf(families, 'relevel_output_stalled_seconds')[0]).toBe('output=a "log" 1.5');
});
