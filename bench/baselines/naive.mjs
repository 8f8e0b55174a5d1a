// The job of the shipped packs, as one would write it first: on objects, with a map of groups. It does less
// than relevel, and so flatters itself: a failed probe is lowered at once, without waiting for what follows.

const WINDOW_MS = 600_000;

/** Interface -> its open group. */
const groups = new Map();

/** What to write for a record: itself if nothing is to change, else other ones; none where it is folded. */
export function judge(record) {
  if (isUnsupported(record)) return ofGroup(record);
  if (isFailedProbe(record)) return [lowered(record, 20, { rule: 'hypervisor', was: record.level })];
  return [record];
}

/** The summaries of all groups that are still open. */
export const summaries = () => [...groups.values()].flatMap(summaryOf);

function isUnsupported({ level, msg, errno, code }) {
  return (
    level >= 40 && typeof msg === 'string' && msg.includes('ethtool') && (errno === 95 || errno === -95 || code === 'EOPNOTSUPP')
  );
}

function isFailedProbe({ level, device, outcome }) {
  return level >= 30 && (device === '/dev/kvm' || device === '/dev/mshv') && outcome === 'unavailable';
}

function ofGroup(record) {
  const group = groups.get(record.interface);
  if (group !== undefined && record.time - group.first < WINDOW_MS) {
    group.repeats += 1;
    group.last = record;
    return [];
  }
  groups.set(record.interface, { first: record.time, repeats: 0, last: undefined });
  const summary = group === undefined ? [] : summaryOf(group);
  return [...summary, lowered(record, 40, { rule: 'ethtool', was: record.level })];
}

function summaryOf({ first, repeats, last }) {
  if (repeats === 0) return [];
  return [lowered(last, 40, { rule: 'ethtool', was: last.level, repeats, first, last: last.time })];
}

const lowered = (record, level, relevel) => ({ ...record, level, relevel });
