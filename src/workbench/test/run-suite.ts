import { failuresIn, withScene, type LineFailure, type Scene } from '../../engine/examples.ts';
import { openEngine } from '../../engine/engine.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import { withAccounts } from '../explain/example-hint.ts';
import { Coverage, type RuleCoverage } from './coverage.ts';
import { diffOf } from './diff.ts';
import type { Case, Suite } from './suite.ts';

/** Where logs come from and golden files go to. */
export interface GoldenFiles {
  /** Reads a file by its path from a folder. Throws, if it cannot be read. */
  readonly read: (folder: string, path: string) => Buffer;
  /** `undefined`, if there is none. Throws, if it cannot be read. */
  readonly readGolden: (folder: string, path: string) => Buffer | undefined;
  /** Writes a golden file anew; absent: it is compared. */
  readonly write?: ((folder: string, path: string, bytes: Buffer) => void) | undefined;
}

/** What became of one test. */
export interface CaseResult {
  readonly case: Case;
  /** None, if it passed. */
  readonly failures: readonly LineFailure[];
  /** How what relevel writes differs from the golden file; empty, if it does not. */
  readonly diff: string;
  /** The golden file was written. */
  readonly isUpdated: boolean;
}

export const hasPassed = ({ failures, diff }: CaseResult): boolean => failures.length === 0 && diff === '';

export interface SuiteResult {
  readonly suite: Suite;
  readonly results: readonly CaseResult[];
  readonly coverage: readonly RuleCoverage[];
}

/** Runs the tests of a suite that are asked for. Throws what `files` throws. */
export function runSuite(
  suite: Suite,
  isAsked: (name: string) => boolean,
  settings: Omit<EngineSettings, 'clock' | 'zone' | 'archive'>,
  files: GoldenFiles,
): SuiteResult {
  const coverage = new Coverage(suite.ruleSet);
  const { observer, onPlayed } = coverage;
  const results = withScene(suite.ruleSet, settings, (scene) =>
    suite.cases.filter(({ name }) => isAsked(name)).map((each) => runCase(each, suite, { ...scene, observer, onPlayed }, files)),
  );
  return { suite, results, coverage: coverage.result() };
}

function runCase(each: Case, suite: Suite, scene: Scene, files: GoldenFiles): CaseResult {
  if (each.kind === 'lines')
    return {
      case: each,
      failures: withAccounts(failuresIn(each.example, each.rule, scene), () => each.rule?.id, scene.ruleSet),
      diff: '',
      isUpdated: false,
    };
  const input = files.read(suite.folder, each.input);
  const written = filtered(input, each.input, scene);
  const golden = files.readGolden(suite.folder, each.golden);
  const isSame = golden?.equals(written) === true;
  if (files.write !== undefined) {
    if (!isSame) files.write(suite.folder, each.golden, written);
    return { case: each, failures: [], diff: '', isUpdated: !isSame };
  }
  const diff = golden === undefined ? 'there is no such golden file yet; --update writes it\n' : diffOfBytes(golden, written);
  return { case: each, failures: [], diff: isSame ? '' : diff, isUpdated: false };
}

/** Bytes that are no UTF-8 may differ and read the same. */
function diffOfBytes(golden: Buffer, written: Buffer): string {
  const diff = diffOf(golden.toString(), written.toString());
  return diff === '' ? diffOf(golden.toString('latin1'), written.toString('latin1')) : diff;
}

/** What relevel writes of a log, as it does of a file. */
export function filtered(log: Buffer, name: string, { ruleSet, plan, settings, kernel, observer, onPlayed }: Scene): Buffer {
  const engine = openEngine(ruleSet, { ...settings, clock: 'replay' }, { plan, kernel, observer });
  const chunks: Buffer[] = [];
  const source = engine.source(name);
  const input = source.input({ write: (bytes, start, end) => chunks.push(Buffer.from(bytes.subarray(start, end))) });
  for (let at = 0; at < log.length; at += CHUNK) input.push(log.subarray(at, at + CHUNK), 0);
  input.end(0);
  source.end(0);
  onPlayed?.(engine.counts);
  return Buffer.concat(chunks);
}

const CHUNK = 256 * 1024;
