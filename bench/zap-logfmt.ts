import { METHODS, PATHS, peerOf, type Dialect } from './dialect.ts';
import type { Random } from './random.ts';

/** Retina and its neighbours, which log by zap-logfmt, about 200 bytes a line: the twin of `pino`, happening for happening. */
export const zapLogfmt: Dialect = {
  ordinary(time, random) {
    const level = random.chance(0.01) ? 'warn' : random.chance(0.1) ? 'debug' : 'info';
    return `${head(level, time)} ${body(random)}`;
  },

  failure(time, random) {
    const top = head('error', time);
    const name = `veth${random.hex(8)}`;
    switch (random.below(8)) {
      case 0: // the words of an unsupported interface, and another cause
        return `${top} caller=linuxutil/ethtool_stats_linux.go:81 msg="Error while getting ethtool:" ifacename=${name} error="failed to retrieve interface stats: no such device"`;
      case 1:
        return `${top} caller=vm/open.go:41 msg="cannot open \\"/dev/kvm\\"" ${peer(random)} error="permission denied"`;
      default:
        return `${top} caller=apiserver/watch.go:212 msg="${random.pick(['watch closed', 'cannot list pods', 'lease lost'])}" ${peer(random)} attempt=${random.below(9)} error="dial tcp 10.0.0.1:443: i/o timeout"`;
    }
  },

  unsupported(time, name) {
    return `${head('error', time)} caller=linuxutil/ethtool_stats_linux.go:81 msg="Error while getting ethtool:" ifacename=${name} error="interface not supported while retrieving stats: operation not supported"`;
  },

  probe(time, { hostname, pid, outcome }) {
    if (outcome === 'ready')
      return `${head('info', time)} msg="/dev/kvm is ready" pid=${pid} hostname=${hostname} device=/dev/kvm outcome=ready`;
    return `${head('error', time)} msg="/dev/mshv is not available" pid=${pid} hostname=${hostname} device=/dev/mshv errno=2 code=ENOENT outcome=${outcome}`;
  },
};

const head = (level: string, time: number): string => `ts=${new Date(time).toISOString()} level=${level}`;
const peer = (random: Random): string => `reqid=req-${random.hex(8)} peer=${peerOf(random)}:${1024 + random.below(60_000)}`;

function body(random: Random): string {
  switch (random.below(4)) {
    case 0:
      return `caller=linuxutil/ethtool_stats_linux.go:96 msg="Processed ethtool Stats " ifacename=eth${random.below(4)} ${peer(random)} stats=${random.below(80)} event= duration=${random.below(900)}µs`;
    case 1:
      return `caller=flags/flags.go:57 msg="feature \\"fast-checkout\\" is on" tenant=${random.below(500)} ${peer(random)} zone=westeurope-${random.below(3)}`;
    default:
      return `caller=server/handler.go:142 msg="request completed" method=${random.pick(METHODS)} path=${random.pick(PATHS)}/${random.below(100_000)} status=200 ${peer(random)} duration=${random.below(900)}ms`;
  }
}
