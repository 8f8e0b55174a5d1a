import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootManager, noManagerBecause } from './manager.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A daemon that says when it is ready, that it lives, and its last words; it hangs where it is told to. */
const DAEMON = `#!/bin/bash
head -3 ${ROOT}/fixtures/cases/retina-1280-is-said-once/input.log >&2
trap 'echo last words; exit 0' TERM
systemd-notify --ready
while [ ! -e /run/hang ]; do systemd-notify WATCHDOG=1; sleep 0.1; done
rm /run/hang
while :; do sleep 0.1; done
`;

const UNITS: Readonly<Record<string, string>> = {
  'daemon.service': '[Service]\nType=notify\nExecStart=/usr/sbin/daemon --flag\nWatchdogSec=3s\nRestart=on-failure\n',
  'trial.target': '[Unit]\nWants=systemd-journald.service relevel-follow.service daemon.service\nDefaultDependencies=no\n',
};

const PREPARE = [
  'mkdir -p $M/opt/relevel $M/etc/relevel $M/var/log/daemon',
  `cp -r ${ROOT}/dist ${ROOT}/package.json $M/opt/relevel`,
  `cp ${process.execPath} $M/usr/local/bin/node-of-the-test && mv $M/usr/local/bin/node-of-the-test $M/usr/local/bin/node`,
  'ln -sf /opt/relevel/dist/relevel.js $M/usr/local/bin/relevel',
  `printf 'version: 1\\nrules: []\\n' > $M/etc/relevel/rules.yaml`,
  // Readable by the group that the unit names.
  `head -3 ${ROOT}/fixtures/cases/retina-1280-is-said-once/input.log > $M/var/log/daemon/a.log`,
  'chgrp adm $M/var/log/daemon/a.log && chmod 0640 $M/var/log/daemon/a.log',
  `cp -r ${ROOT}/deploy/systemd/. $M/etc/systemd/system`,
  ...Object.entries(UNITS).map(([name, text]) => `cat > $M/etc/systemd/system/${name} <<'END'\n${text}END`),
  `cat > $M/usr/sbin/daemon <<'END'\n${DAEMON}END\nchmod 0755 $M/usr/sbin/daemon`,
];

const LOWERED = / level=warn |^level=warn /gmu;

const obstacle = noManagerBecause();

describe.skipIf(obstacle !== undefined)(`under systemd itself (skipped: ${obstacle ?? 'never here'})`, () => {
  test(
    'the unit follows as nobody, with a watchdog and a checkpoint, and the wrapped daemon keeps its own',
    PATIENCE,
    async () => {
      const { say } = bootManager('trial.target', PREPARE);
      const show = (unit: string, ...properties: string[]): string[] =>
        say('systemctl', 'show', unit, '--value', ...properties.map((property) => `--property=${property}`))
          .trim()
          .split('\n');
      const active = (unit: string) => (): string => say('systemctl', 'is-active', unit);
      const journal = (unit: string) => (): string => say('journalctl', `--unit=${unit}`, '--output=cat', '--no-pager');
      const loweredIn = (unit: string): number => journal(unit)().match(LOWERED)?.length ?? 0;

      // Ready, by what it told: without that, it would be "activating".
      await expect.poll(active('relevel-follow'), poll).toBe('active\n');
      await expect.poll(journal('relevel-follow'), poll).toMatch(LOWERED);
      expect(loweredIn('relevel-follow')).toBe(1);
      await expect
        .poll(() => say('relevel', 'status', 'unix:/run/relevel/socket'), poll)
        .toMatch(/: ready\n[^]*checkpoint +written/u);
      const [pid, before] = show('relevel-follow', 'MainPID', 'WatchdogTimestampMonotonic');
      expect(Number(before)).toBeGreaterThan(0);
      expect(say('ps', '-o', 'uid=', '-p', pid!).trim()).not.toBe('0');

      say('systemctl', 'reload', 'relevel-follow');
      say('systemctl', 'kill', '--signal=KILL', 'relevel-follow');
      await expect.poll(() => show('relevel-follow', 'NRestarts', 'ActiveState'), poll).toEqual(['1', 'active']);
      say('systemctl', 'stop', 'relevel-follow');
      expect(show('relevel-follow', 'Result', 'ExecMainStatus')).toEqual(['success', '0']);
      // Nothing was read a second time.
      expect(journal('relevel-follow')().match(/cilium_vxlan/gu)!.length).toBeLessThan(3);

      await expect.poll(active('daemon'), poll).toBe('active\n');
      // It says that it is ready before relevel has read its rules.
      await expect.poll(() => loweredIn('daemon'), poll).toBe(1);
      // It hangs, and relevel does not speak for it.
      say('touch', '/run/hang');
      await expect.poll(() => show('daemon', 'NRestarts', 'ActiveState'), poll).toEqual(['1', 'active']);
      await expect.poll(journal('daemon'), poll).toContain('Watchdog timeout');
      say('systemctl', 'stop', 'daemon');
      expect(show('daemon', 'Result')).toEqual(['success']);
      await expect.poll(journal('daemon'), poll).toContain('last words');
    },
  );
});
