import { compilePlan } from '../../engine/plan.ts';
import {
  fatesIn,
  isAsExpected,
  sceneFor,
  withRules,
  withScene,
  writtenIn,
  type Fate,
  type Scene,
} from '../../engine/examples.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import type { Example, ExampleLine } from '../../rules/rule.ts';
import type { TestPlace } from '../../rules/tests.ts';
import { DETAILS, exampleText, outcomeOf } from '../example-text.ts';
import { LineReader } from '../line-reader.ts';
import { LineEditor } from './line-editor.ts';
import { mutantsOf, type Mutant } from './mutants.ts';
import { filtered, type GoldenFiles } from './run-suite.ts';
import type { Case, Suite } from './suite.ts';
import { Variations, type Trial } from './variations.ts';

export type ExampleSettings = Omit<EngineSettings, 'clock' | 'zone' | 'archive'>;

/** A mutant that no test notices. */
export interface Survivor {
  readonly mutant: Mutant;
  /** Of its rule; `undefined`, if it is of none. */
  readonly place: TestPlace | undefined;
  /** YAML of an example that passes, and fails with the mutant. */
  readonly example: string;
}

export interface MutationResult {
  readonly noticed: number;
  readonly survivors: readonly Survivor[];
  /** No test notices these, and no input that was tried tells them from the rules. */
  readonly equivalent: readonly Mutant[];
}

/** Variations that are tried before a mutant counts as equivalent. */
const MOST_TRIALS = 2_000;
/** As many of them are of one example. */
const MOST_OF_ONE = 500;

/** Breaks the rules of a suite in small ways, and finds out whether a test notices. All tests must pass as they are. */
export function mutate(suite: Suite, settings: ExampleSettings, files: GoldenFiles): MutationResult {
  return withScene(suite.ruleSet, settings, (scene) => {
    const survivors: Survivor[] = [];
    const equivalent: Mutant[] = [];
    const teller = new TellApart(suite, scene);
    const goldens = new Map<Case, readonly [log: Buffer, written: Buffer]>();
    let noticed = 0;
    for (const mutant of mutantsOf(suite.ruleSet)) {
      const broken = withRules(scene, mutant.ruleSet);
      if (inOrder(suite.cases, mutant).some((each) => !passes(each, broken))) {
        noticed += 1;
        continue;
      }
      const example = teller.exampleFor(mutant, sceneFor(mutant.rule, broken));
      if (example === undefined) equivalent.push(mutant);
      else survivors.push({ mutant, place: mutant.rule === undefined ? undefined : suite.places.get(mutant.rule), example });
    }
    return { noticed, survivors, equivalent };

    function passes(each: Case, broken: Scene): boolean {
      if (each.kind === 'lines') return isAsExpected(each.example, sceneFor(each.rule?.id, broken));
      const [log, written] = goldens.get(each) ?? read(each);
      return filtered(log, each.input, broken).equals(written);
    }

    function read(each: Case & { readonly kind: 'golden' }): readonly [Buffer, Buffer] {
      const log = files.read(suite.folder, each.input);
      const both = [log, filtered(log, each.input, scene)] as const;
      goldens.set(each, both);
      return both;
    }
  });
}

/** Those first that most likely notice: the examples of the rule, then tests, then the examples of other rules. */
function inOrder(cases: readonly Case[], { rule }: Mutant): readonly Case[] {
  const rank = (each: Case): number => (each.kind === 'golden' ? 3 : each.rule === undefined ? 1 : each.rule.id === rule ? 0 : 2);
  return cases.toSorted((a, b) => rank(a) - rank(b));
}

/** Finds lines of which a mutant makes something else than the rules do. */
class TellApart {
  readonly #suite: Suite;
  readonly #stage: Scene;
  /** For the rule that is broken. */
  #scene: Scene;
  readonly #editor: LineEditor;
  readonly #lines: readonly string[];
  /** What the rules make of trials; many mutants ask for the same. */
  readonly #known = new Map<string, readonly string[]>();

  constructor(suite: Suite, scene: Scene) {
    this.#suite = suite;
    this.#stage = scene;
    this.#scene = scene;
    const { format, envelope = 'none' } = scene.settings;
    this.#editor = new LineEditor(
      new LineReader({ format, envelope, read: suite.ruleSet.read }),
      compilePlan(suite.ruleSet).names.asked,
    );
    this.#lines = [...new Set(suite.cases.flatMap((each) => linesOf(each).flatMap(({ line }) => line ?? [])))];
  }

  /** YAML of an example that tells them apart; `undefined`, if nothing that was tried does. */
  exampleFor(mutant: Mutant, broken: Scene): string | undefined {
    const scene = sceneFor(mutant.rule, this.#stage);
    // What is known of other rules in shadow says nothing of this one.
    if (scene !== this.#scene) this.#known.clear();
    this.#scene = scene;
    const variations = new Variations(this.#suite.ruleSet, mutant, this.#editor);
    const examples = inOrder(this.#suite.cases, mutant)
      .map(linesOf)
      .filter((lines) => lines.length > 0);
    let left = MOST_TRIALS;
    for (const base of [...examples, ...variations.bases]) {
      let ofThis = Math.min(left, MOST_OF_ONE);
      for (const trial of variations.of(base, this.#lines)) {
        if (ofThis-- <= 0) break;
        left -= 1;
        if (!this.#differs(trial, broken)) continue;
        const example = this.#exampleOf(this.#smallest(trial, broken), broken, mutant.claim);
        if (example !== undefined) return exampleText(example, 6);
      }
      if (left <= 0) break;
    }
    return undefined;
  }

  #differs(trial: Trial, broken: Scene): boolean {
    const ours = this.#written(trial);
    const lines = linesIn(trial);
    if (writtenIn({ lines }, broken).every((written, index) => written === ours[index])) return false;
    // What is written may differ where an example does not look, such as in the count of a summary.
    const fates = fatesIn({ lines }, this.#scene);
    return fatesIn({ lines }, broken).some((fate, index) => !isSame(fate, fates[index]));
  }

  #written(trial: Trial): readonly string[] {
    const key = JSON.stringify(trial);
    let written = this.#known.get(key);
    if (written === undefined) {
      written = writtenIn({ lines: linesIn(trial) }, this.#scene);
      if (this.#known.size < MOST_KNOWN) this.#known.set(key, written);
    }
    return written;
  }

  /** Without lines that it does not take. */
  #smallest(trial: Trial, broken: Scene): Trial {
    let smallest = trial;
    for (let index = trial.length - 1; index >= 0; index -= 1) {
      const fewer = smallest.toSpliced(index, 1);
      if (fewer.length > 0 && this.#differs(fewer, broken)) smallest = fewer;
    }
    return smallest;
  }

  /** As an example, with no more checks than it takes; `undefined`, if none that an example can check tells them apart. */
  #exampleOf(trial: Trial, broken: Scene, name: string): Example | undefined {
    const fates = fatesIn({ lines: linesIn(trial) }, this.#scene);
    return DETAILS.map((detail) => ({
      name,
      lines: trial.map((each, index) => {
        const fate = fates[index];
        return { ...each, becomes: fate === undefined ? undefined : outcomeOf(fate, detail) };
      }),
    })).find((example) => !isAsExpected(example, broken));
  }
}

const linesIn = (trial: Trial): ExampleLine[] => trial.map((each) => ({ ...each, becomes: undefined }));

const linesOf = (each: Case): Trial =>
  each.kind === 'lines' ? each.example.lines.map(({ at, line, exit }) => ({ at, line, exit })) : [];

function isSame(a: Fate | undefined, b: Fate | undefined): boolean {
  if (a?.kind !== b?.kind) return false;
  if (a?.kind !== 'changed' || b?.kind !== 'changed') return true;
  return (['level', 'msg', 'rule', 'note', 'why'] as const).every((name) => a.after[name] === b.after[name]);
}

const MOST_KNOWN = 50_000;
