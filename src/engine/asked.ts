import { fieldAt, type Field } from '../rules/condition.ts';
import type { Condition } from '../rules/rule.ts';
import type { Names } from '../record/names.ts';
import type { KeyPart } from './memory/keys.ts';

/** By which values of lines a plan tells them apart. */
export interface Asked {
  /** Slots of values that conditions look at, or that the level depends on. */
  readonly conditions: ReadonlySet<number>;
  /** Of these, those of the level. */
  readonly level: ReadonlySet<number>;
  /** Slots of values that keys are made of. */
  readonly keys: ReadonlySet<number>;
  /** Needs whose conditions look at more than values of the line's own: at the whole of it, at where it comes from, at its time. */
  readonly wide: readonly number[];
}

/** What of a plan is needed here. */
interface AskingPlan {
  readonly names: Names;
  readonly conditions: readonly Condition[];
  readonly rules: readonly {
    readonly here: readonly KeyPart[];
    readonly repeat: { readonly parts: readonly KeyPart[]; readonly message: KeyPart | undefined } | undefined;
  }[];
  readonly channels: readonly { readonly failure: readonly Awaited[]; readonly success: readonly Awaited[] }[];
}

interface Awaited {
  readonly there: readonly KeyPart[];
}

export function askedBy(plan: AskingPlan): Asked {
  const { names, conditions } = plan;
  const level = new Set(names.levels.flatMap(({ slot, beside }) => [slot, ...beside]));
  level.add(names.gelf.message).add(names.gelf.version);
  const asked = new Set(level);
  const isWide = (condition: Condition): boolean => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        // Not `some`: all slots are to be found.
        return condition.of.map(isWide).includes(true);
      case 'not':
        return isWide(condition.of);
      case 'level':
        return false;
      case 'field': {
        const { slots } = fieldAt(condition.path, names);
        slots?.forEach((slot) => asked.add(slot));
        return slots === undefined;
      }
    }
  };
  const wide = conditions.flatMap((condition, need) => (isWide(condition) ? [need] : []));
  return { conditions: asked, level, keys: new Set(fieldsOfKeys(plan).flatMap(({ reads }) => reads ?? [])), wide };
}

function fieldsOfKeys({ rules, channels }: AskingPlan): readonly Field[] {
  const ofRules = rules.flatMap(({ here, repeat }) => {
    if (repeat === undefined) return here;
    const { parts, message } = repeat;
    return message === undefined ? [...here, ...parts] : [...here, ...parts, message];
  });
  return [
    ...ofRules,
    ...channels.flatMap(({ failure, success }) => [...failure, ...success].flatMap(({ there }) => there)),
  ].flatMap(({ fields }) => fields);
}
