import type { Device } from './finding.ts';
import type { Failure } from './port.ts';

type Advice = Readonly<Record<string, string>>;

const OF_KVM: Advice = {
  ENOENT:
    'load the module kvm_intel or kvm_amd; enable virtualization in the firmware, or nested virtualization for this VM; ' +
    'in a container, pass the device in (--device /dev/kvm)',
  EACCES: 'add the user to the group that owns /dev/kvm, mostly kvm (usermod -aG kvm <user>), and log in again',
  EBUSY: 'another hypervisor, such as VirtualBox or VMware, holds the processor; end it or unload its module',
  ENODEV:
    'the device node has no driver behind it: load the module kvm_intel or kvm_amd, or enable virtualization in the firmware',
  ENOTTY: 'what lies at /dev/kvm is not KVM; see ls -l /dev/kvm',
};

const OF_MSHV: Advice = {
  ENOENT: 'expected, unless this host is a root partition of the Microsoft Hypervisor; there, load the module mshv_root',
  EACCES: 'give the user access to /dev/mshv; ls -l /dev/mshv shows its owner and group',
  EBUSY: 'another process holds /dev/mshv; end it',
  ENODEV: 'the device node has no driver behind it: load the module mshv_root, on a root partition of the Microsoft Hypervisor',
};

const OF_INTERFACES: Advice = {
  ENODEV: 'it went away in between; ask again',
  EPERM: 'a sandbox forbids the request, mostly seccomp: allow it in the container or the unit',
  EAFNOSUPPORT: 'a sandbox forbids sockets of the internet (RestrictAddressFamilies=): allow AF_INET and AF_NETLINK',
};

const OF_ANY: Advice = {
  EINTR: 'signals to this process came faster than the kernel could answer, on a busy machine or under a profiler; ask again',
  EAGAIN: 'the kernel lacks something for now, mostly processes (ulimit -u) or memory; ask again',
  EPERM: 'a sandbox forbids the device, mostly a device cgroup or seccomp: allow it in the container or the unit',
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENFILE: 'raise the limit of open files of the system (sysctl fs.file-max)',
  ENOMEM: 'free memory, or raise the limit of this process or its cgroup',
};

/** What to do about an interface, or all of them, that could not be asked; never empty. */
export const adviceForInterface = ({ code, errno }: Failure): string =>
  OF_INTERFACES[code] ?? OF_ANY[code] ?? `the driver answers ${code} (${errno}); ask again, and see dmesg where it stays`;

/** What to do about a device that refused; never empty. */
export function adviceFor(device: Device, { code, errno }: Failure): string {
  // No driver at all and no such unit of it come to the same.
  const name = code === 'ENXIO' ? 'ENODEV' : code;
  const own = device === '/dev/kvm' ? OF_KVM : OF_MSHV;
  return own[name] ?? OF_ANY[name] ?? `${device} answers ${code} (${errno}), which we do not expect; see dmesg`;
}
