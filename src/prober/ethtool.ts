import { textOf, type Failed, type InterfaceFinding } from './finding.ts';
import type { Answer, Failure, Handle, Port } from './port.ts';

// include/uapi/linux/ethtool.h
const ETHTOOL_GDRVINFO = 0x03;
const ETHTOOL_GSTRINGS = 0x1b;
const ETHTOOL_GSTATS = 0x1d;
const ETHTOOL_GSSET_INFO = 0x37;
const ETH_SS_STATS = 1;
const ETH_GSTRING_LEN = 32;

/** `struct ethtool_drvinfo` */
const DRVINFO = { bytes: 196, driver: 4, driverBytes: 32, statistics: 180 };
/** `struct ethtool_sset_info`, with room for the count of one set */
const SSET_INFO = { bytes: 20, mask: 8, count: 16 };
/** `struct ethtool_gstrings` */
const GSTRINGS = { set: 4, count: 8, data: 12 };
/** `struct ethtool_stats` */
const GSTATS = { count: 4, data: 8 };

/** More than any driver has; as safchain/ethtool has it. */
const MOST_STATISTICS = 32_768;

/**
 * Room for statistics that appear between two calls: older kernels write as many as there are by then, whatever the
 * count that they were given. 6.18.44 compares the two, and where they differ says 0 and writes none.
 */
const roomFor = (count: number): number => 2 * count + 1024;

/** How often to begin again where the number of statistics changes while it is read. */
const TRIES = 3;

/** Asks one interface for its statistics, in the order of Retina's calls. `socket` is the port's own. */
export function probeInterface(port: Port, socket: Handle, name: string): InterfaceFinding {
  const drvinfo = Buffer.alloc(DRVINFO.bytes);
  const about = call(port, socket, name, ETHTOOL_GDRVINFO, drvinfo);
  if (!about.ok) return refusal(name, undefined, 'GDRVINFO', about);
  const driver = textAt(drvinfo, DRVINFO.driver, DRVINFO.driverBytes);

  for (let tries = 0; tries < TRIES; tries += 1) {
    const counted = countStatistics(port, socket, name, drvinfo.readUInt32LE(DRVINFO.statistics));
    if (!counted.ok) return refusal(name, driver, 'GSSET_INFO', counted);
    const count = counted.value;
    if (count > MOST_STATISTICS) {
      const why = `the kernel counts ${count} statistics, more than ${MOST_STATISTICS}`;
      return { outcome: 'failed', interface: name, driver, step: 'GSSET_INFO', failure: undefined, why };
    }

    const strings = Buffer.alloc(GSTRINGS.data + roomFor(count) * ETH_GSTRING_LEN);
    strings.writeUInt32LE(ETH_SS_STATS, GSTRINGS.set);
    strings.writeUInt32LE(count, GSTRINGS.count);
    const named = call(port, socket, name, ETHTOOL_GSTRINGS, strings);
    if (!named.ok) return refusal(name, driver, 'GSTRINGS', named);

    const stats = Buffer.alloc(GSTATS.data + roomFor(count) * 8);
    stats.writeUInt32LE(count, GSTATS.count);
    const read = call(port, socket, name, ETHTOOL_GSTATS, stats);
    if (!read.ok) return refusal(name, driver, 'GSTATS', read);

    if (strings.readUInt32LE(GSTRINGS.count) === count && stats.readUInt32LE(GSTATS.count) === count) {
      return { outcome: 'ready', interface: name, driver, statistics: readStatistics(strings, stats, count) };
    }
  }
  const why = `the number of statistics changed in each of ${TRIES} reads`;
  return { outcome: 'failed', interface: name, driver, step: 'GSTATS', failure: undefined, why };
}

/**
 * The number of statistics as GSSET_INFO has it. That request refuses no interface that exists: one without statistics has an
 * empty mask. Where the kernel is too old for it, `otherwise`.
 */
function countStatistics(port: Port, socket: Handle, name: string, otherwise: number): Answer<number> {
  const info = Buffer.alloc(SSET_INFO.bytes);
  info.writeUInt32LE(1 << ETH_SS_STATS, SSET_INFO.mask);
  const answer = call(port, socket, name, ETHTOOL_GSSET_INFO, info);
  if (!answer.ok) return isUnsupported(answer) ? { ok: true, value: otherwise } : answer;
  const has = (info.readUInt32LE(SSET_INFO.mask) & (1 << ETH_SS_STATS)) !== 0;
  return { ok: true, value: has ? info.readUInt32LE(SSET_INFO.count) : 0 };
}

/** Pairs names with counters. A nameless one is left out, and of two with one name the last counts, as in safchain/ethtool. */
function readStatistics(strings: Buffer, stats: Buffer, count: number): Map<string, number | bigint> {
  const statistics = new Map<string, number | bigint>();
  for (let i = 0; i < count; i += 1) {
    const name = textAt(strings, GSTRINGS.data + i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
    const value = stats.readBigUInt64LE(GSTATS.data + i * 8);
    if (name !== '') statistics.set(name, value > Number.MAX_SAFE_INTEGER ? value : Number(value));
  }
  return statistics;
}

function call(port: Port, socket: Handle, name: string, command: number, data: Buffer): Answer<number> {
  data.writeUInt32LE(command, 0);
  return port.ethtool(socket, name, data);
}

function refusal(name: string, driver: string | undefined, step: string, failure: Failure): InterfaceFinding {
  if (isUnsupported(failure)) return { outcome: 'unsupported', interface: name, driver, failure, remembered: false };
  return failed(name, driver, step, failure);
}

/** A finding of what the kernel refused, `name` being `undefined` where it was not about one interface. */
export function failed(name: string | undefined, driver: string | undefined, step: string, failure: Failure): Failed {
  return { outcome: 'failed', interface: name, driver, step, failure, why: textOf(failure) };
}

/** ENOTSUPP is the kernel's inner name for the same; some drivers let it out. */
const isUnsupported = ({ code }: Failure): boolean => code === 'EOPNOTSUPP' || code === 'ENOTSUPP';

/** The text of a fixed field: up to its NUL, if it has one. */
function textAt(bytes: Buffer, at: number, length: number): string {
  const end = bytes.subarray(at, at + length).indexOf(0);
  return bytes.toString('utf8', at, at + (end === -1 ? length : end));
}
