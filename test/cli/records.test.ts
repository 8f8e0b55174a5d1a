import { expect, test } from 'vitest';
import { fileWith, runMain } from './host.ts';

const event = (name: string, type: string, reason: string, message: string, time: string): object => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${name}.17`, namespace: 'prod', resourceVersion: '9007199254740993' },
  involvedObject: { kind: 'Pod', name, fieldPath: 'spec.containers{app}' },
  reason,
  message,
  type,
  lastTimestamp: time,
  count: 3,
});
const READINESS = 'Readiness probe failed: Get "http://10.0.0.7:8080/ready": connection refused';
const EVENTS = [
  event('web-1', 'Warning', 'Unhealthy', READINESS, '2026-11-21T10:00:00Z'),
  event('web-1', 'Warning', 'Unhealthy', READINESS, '2026-11-21T10:00:01Z'),
  event('web-1', 'Normal', 'Ready', 'is ready', '2026-11-21T10:00:05Z'),
  event('db-1', 'Warning', 'FailedMount', 'MountVolume.SetUp failed for volume "data"', '2026-11-21T10:00:06Z'),
];
/** As `kubectl get events -o json` prints it. */
const LIST = `${JSON.stringify({ apiVersion: 'v1', items: EVENTS, kind: 'List', metadata: { resourceVersion: '' } }, undefined, 4)}\n`;

const RULES = `version: 1
read: { level: [type], msg: [message], time: [lastTimestamp] }
rules:
  - id: not-ready-yet
    when: { level: warn, reason: Unhealthy, msg: { starts_with: Readiness } }
    await:
      success: [{ $line: { contains: '"reason":"Ready"' } }]
      within: 30s
    then: { level: info }
`;

test('judges each event of a list that kubectl prints, and answers it by those behind it', async () => {
  const args = ['--rules', fileWith(RULES, 'rules.yaml'), '--format', 'json-stream', '--records', 'items', '--no-annotate'];
  const { exit, out, err } = await runMain(args, { stdin: LIST });
  expect(err).toBe('');
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  const lines = EVENTS.map((each) => `${JSON.stringify(each)}\n`);
  expect(out).toBe([...lines.slice(0, 2).map((line) => line.replace('"Warning"', '"Info"')), ...lines.slice(2)].join(''));
});

test('leaves the list whole if the path leads nowhere', async () => {
  const args = ['--rules', fileWith(RULES, 'rules.yaml'), '--format', 'json-stream', '--records', 'spec.items'];
  const { out } = await runMain(args, { stdin: LIST });
  expect(out).toBe(`${JSON.stringify(JSON.parse(LIST))}\n`);
});
