import type { Manner } from './event.ts';
import { textOf, type Failed, type InterfaceFinding, type Unsupported } from './finding.ts';
import { writeLogfmt } from './logfmt.ts';
import type { Voice } from './voice.ts';

interface Line {
  readonly level: 'debug' | 'warn' | 'error';
  /** The line of ethtool_stats_linux.go that logs it. */
  readonly at: number;
  readonly message: string;
  readonly error?: string;
}

/**
 * Retina's own lines, as zap-logfmt prints them: naive as v0.0.17, which says every failure at each tick, polite as v0.0.26.
 * Retina skips some interfaces by name; that is left to `exclude`.
 */
export function retinaVoice(manner: Manner, now: () => number): Voice {
  const lineOf = manner === 'polite' ? polite : naive;
  return {
    hypervisors: undefined,
    interface(finding) {
      const { level, at, message, error } = lineOf(finding);
      const pairs = Object.entries({
        ts: new Date(now()).toISOString(),
        level,
        caller: `linuxutil/ethtool_stats_linux.go:${at}`,
        msg: message,
        ifacename: finding.interface,
        error,
      });
      return `${writeLogfmt(pairs, 'zap')}\n`;
    },
    end: () => undefined,
  };
}

function naive(finding: InterfaceFinding): Line {
  if (finding.outcome === 'ready') return { level: 'debug', at: 90, message: PROCESSED };
  if (finding.interface === undefined) return unlisted(finding, 56);
  return { level: 'error', at: 81, message: 'Error while getting ethtool:', error: errorOf(finding) };
}

function polite(finding: InterfaceFinding): Line {
  if (finding.outcome === 'ready') return { level: 'debug', at: 93, message: PROCESSED };
  if (finding.interface === undefined) return unlisted(finding, 58);
  const error = errorOf(finding);
  if (finding.outcome === 'failed') return { level: 'error', at: 83, message: 'Error while retrieving stats:', error };
  if (finding.remembered) return { level: 'debug', at: 79, message: 'Skipping unsupported interface' };
  return { level: 'warn', at: 81, message: 'Unsupported interface detected:', error };
}

/** With a space at the end, as in Retina. */
const PROCESSED = 'Processed ethtool Stats ';

function errorOf(finding: Unsupported | Failed): string {
  const what =
    finding.outcome === 'failed' ? 'failed to retrieve interface stats' : 'interface not supported while retrieving stats';
  return `${what}: ${textOfFailure(finding)}`;
}

/** A format string that was never filled in, and a newline: Retina's own slip. */
function unlisted(finding: Unsupported | Failed, at: number): Line {
  return { level: 'error', at, message: 'Error while getting all interfaces: %v\n', error: textOfFailure(finding) };
}

const textOfFailure = (finding: Unsupported | Failed): string =>
  finding.outcome === 'failed' ? finding.why : textOf(finding.failure);
