import type { Observer } from '../engine/observer.ts';
import { FileArchive } from '../io/output/archive.ts';
import { hideSecrets } from '../workbench/suggest/secrets.ts';
import { renderRow } from '../workbench/replay/render.ts';
import { detailsOf, type Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import type { Settings } from './settings.ts';

export interface ShadowLog {
  readonly observer: Observer;
  readonly close: () => void;
}

/** Endings after which relevel writes something else than the line as it came. */
const CHANGES: ReadonlySet<string> = new Set(['then', 'first', 'rest', 'folded', 'else', 'over']);

/** A file of the lines that rules in shadow would change, a row each, for its owner alone. */
export function openShadowLog(
  path: string,
  { mask }: Pick<Settings, 'mask'>,
  { now }: Host,
  diagnostics: Diagnostics,
): ShadowLog {
  const onFailure = (error: Error): void =>
    diagnostics.say('warn', `${error.message}; until it can be written, rows are lost`, detailsOf(error));
  const file = new FileArchive({ path, now, onFailure, task: 'write rows' });
  return {
    observer: {
      looks: () => {},
      waits: () => {},
      rests: () => {},
      spares: () => {},
      ends: ({ judged, ending, level, decided }) => {
        if (!CHANGES.has(ending)) return;
        const { rule, record, source, number } = judged;
        const text = mask ? hideSecrets(record.line) : record.line;
        const outcome = { rule: rule.rule.id, ending, level, isFolded: ending === 'folded', why: decided?.why };
        const row = Buffer.from(
          renderRow({ source: source.name, line: number, level: judged.level, before: undefined, after: outcome, text }),
        );
        file.keep(row, 0, row.length);
      },
    },
    close: () => file.close(),
  };
}
