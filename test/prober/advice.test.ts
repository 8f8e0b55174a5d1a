import { expect, test } from 'vitest';
import { adviceFor } from '../../src/prober/advice.ts';
import type { Device } from '../../src/prober/finding.ts';

const cases: readonly [device: Device, code: string, says: string][] = [
  ['/dev/kvm', 'ENOENT', 'load the module kvm_intel or kvm_amd'],
  ['/dev/kvm', 'EACCES', 'usermod -aG kvm'],
  ['/dev/kvm', 'EPERM', 'a sandbox forbids the device'],
  ['/dev/kvm', 'EBUSY', 'another hypervisor'],
  ['/dev/kvm', 'ENODEV', 'no driver behind it'],
  ['/dev/kvm', 'ENXIO', 'no driver behind it'],
  ['/dev/kvm', 'EINTR', 'signals to this process'],
  ['/dev/kvm', 'EAGAIN', 'lacks something for now'],
  ['/dev/kvm', 'ENOTTY', 'is not KVM'],
  ['/dev/mshv', 'ENOENT', 'expected, unless'],
  ['/dev/mshv', 'EACCES', 'ls -l /dev/mshv'],
  ['/dev/mshv', 'EPERM', 'a sandbox forbids the device'],
  ['/dev/mshv', 'EBUSY', 'another process'],
  ['/dev/mshv', 'ENODEV', 'module mshv_root'],
  ['/dev/mshv', 'EMFILE', 'ulimit -n'],
  ['/dev/mshv', 'EROFS', '/dev/mshv answers EROFS (1), which we do not expect'],
];

test.each(cases)('tells what to do where %s says %s', (device, code, says) => {
  expect(adviceFor(device, { ok: false, errno: 1, code })).toContain(says);
});
