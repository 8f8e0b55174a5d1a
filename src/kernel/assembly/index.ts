// What the kernel exports. It knows bytes only: no rule, level or time. (Not `export … from`: asc does not find that file.)
import {
  againAt as again,
  endsAt as ends,
  forget as forgetReading,
  foundAt as found,
  headsAt as heads,
  kindsAt as kinds,
  lengthsAt as lengths,
  nextsAt as nexts,
  objectsAt as objects,
  parentsAt as parents,
  readingAt as reading,
  slotsAt as slots,
  startsAt as starts,
  textAt as text,
  textsAt as texts,
} from './found.ts';
import { readJson } from './json.ts';
import { readLogfmt } from './logfmt.ts';
import { lineEnd } from './memory.ts';
import { nextEscape, passedLines, passedOverlong, passOver, stoppedAt } from './pass.ts';
import { scoutCollect, scoutNext } from './scout.ts';
import { headsOf, jumpsOf, needsAt as needs, printsOf, probesOf, probeTextOf } from './search.ts';
import { judgedAt as judged, keptAt as kept, shapesAt as shapes } from './shape.ts';
import { editsAt as edits, has, outputAt as output, piecesAt as pieces, same, splice, splicedAt as spliced } from './splice.ts';
import { forgetShapes, scan, scannedAt as scanned, tapeAt as tape } from './tape.ts';

export { forgetReading, reading, found, kinds, starts, ends, again };
export { heads, nexts, lengths, texts, slots, text, parents, objects };
export { readJson, readLogfmt };
export { printsOf, jumpsOf, headsOf, probesOf, probeTextOf, needs, scoutNext, scoutCollect };
export { lineEnd, nextEscape, passOver, passedLines, passedOverlong, stoppedAt };
export { scan, scanned, tape, shapes, judged, kept, forgetShapes };
export { splice, spliced, edits, pieces, output, has, same };
