import { adviceForInterface } from './advice.ts';
import type { Failed, HypervisorFinding, InterfaceFinding, Ready, Unavailable } from './finding.ts';
import type { Voice } from './voice.ts';

/** A voice that says nothing until the end of a tick, and then a table of what works, what does not, why, and what to do. */
export function summaryVoice(): Voice {
  let hypervisors: HypervisorFinding[] = [];
  let interfaces: InterfaceFinding[] = [];
  return {
    hypervisors: {
      enough: 'all',
      one(finding) {
        hypervisors.push(finding);
        return undefined;
      },
      none: () => undefined,
    },
    interface(finding) {
      interfaces.push(finding);
      return undefined;
    },
    end() {
      const text = summarize(hypervisors, interfaces);
      hypervisors = [];
      interfaces = [];
      return text;
    },
  };
}

function summarize(hypervisors: readonly HypervisorFinding[], interfaces: readonly InterfaceFinding[]): string {
  const lines: string[] = [];
  if (hypervisors.length > 0) lines.push('Hypervisors', ...table(hypervisors.map(hypervisorRow)));
  if (interfaces.length > 0) lines.push('Interfaces', ...table(interfaces.map(interfaceRow)));
  if (interfaces.some(({ outcome }) => outcome === 'unsupported')) lines.push(`      ${UNSUPPORTED}`);
  if (hypervisors.length > 0) {
    const ready = hypervisors.filter(({ outcome }) => outcome === 'ready').map(({ device }) => device);
    lines.push(ready.length === 0 ? 'No hypervisor can be used on this host.' : `Can be used: ${ready.join(', ')}.`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Once for all of them: on a container host most are. */
const UNSUPPORTED =
  '→ what is unsupported is no fault: its driver, mostly a virtual one, keeps no statistics; --exclude leaves it out';

/** Cells that line up, and texts that may be long, below them. */
interface Row {
  readonly cells: readonly string[];
  readonly notes: readonly string[];
}

function hypervisorRow(finding: HypervisorFinding): Row {
  const { device, outcome, advice } = finding;
  const todo = advice === undefined ? [] : [`→ ${advice}`];
  if (outcome === 'unavailable') return { cells: [device, outcome, reasonOf(finding)], notes: todo };
  return { cells: [device, outcome, offerOf(finding)], notes: [...capabilitiesOf(finding), ...todo] };
}

function offerOf({ apiVersion, vcpuMmapSize }: Ready): string {
  return apiVersion === undefined ? 'opens' : `API ${apiVersion}, ${vcpuMmapSize} bytes shared with a vcpu`;
}

function capabilitiesOf({ capabilities }: Ready): string[] {
  const told = [...capabilities].map(([name, value]) => `${name} ${value}`);
  return told.length === 0 ? [] : [told.join(', ')];
}

function reasonOf({ why, apiVersion }: Unavailable): string {
  switch (why.kind) {
    case 'refused':
      return `${why.failure.code} (${why.failure.errno}) at ${why.step}`;
    case 'version':
      return `API ${apiVersion}`;
    case 'capability':
      return `no KVM_CAP_${why.name}`;
  }
}

function interfaceRow(finding: InterfaceFinding): Row {
  const head = [finding.interface ?? '(all)', finding.driver ?? '-', finding.outcome];
  switch (finding.outcome) {
    case 'ready':
      return { cells: [...head, `${finding.statistics.size} statistics`], notes: [] };
    case 'unsupported':
      return { cells: [...head, `${finding.failure.code} (${finding.failure.errno})`], notes: [] };
    case 'failed': {
      return { cells: [...head, `${finding.why} at ${finding.step}`], notes: [`→ ${adviceOf(finding)}`] };
    }
  }
}

/** Pads each column to its widest cell, and puts each note on a line of its own. */
function table(rows: readonly Row[]): string[] {
  const shown = rows.map(({ cells, notes }) => ({ cells: cells.map(printable), notes: notes.map(printable) }));
  const widths = shown.reduce<number[]>((widest, { cells }) => cells.map((cell, i) => Math.max(cell.length, widest[i] ?? 0)), []);
  return shown.flatMap(({ cells, notes }) => {
    const line = `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
    return [line, ...notes.map((note) => `      ${note}`)];
  });
}

function adviceOf({ failure }: Failed): string {
  if (failure === undefined) return 'it changes while it is read, or its driver is at fault; ask again';
  return adviceForInterface(failure);
}

/** Drivers and interfaces may have any name: nothing in one may reach a terminal that it obeys, or that hides what follows. */
const printable = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
