import type { Clock } from '../engine/settings.ts';
import { UTC, type Zone } from '../engine/zone.ts';
import { LOCAL, localZoneName } from '../io/zone.ts';
import type { Diagnostics } from './diagnostics.ts';

/** The zone of times that name none, local only where the clock is too: replay gives the same on every machine. Says so once it is needed. */
export function zoneFor(clock: Clock, diagnostics: Diagnostics): Zone {
  const [zone, name] = clock === 'live' ? [LOCAL, `local time (${localZoneName()})`] : [UTC, 'UTC'];
  let isSaid = false;
  return {
    offsetAt: (instant) => {
      if (!isSaid) {
        isSaid = true;
        diagnostics.say('info', `times without a zone are read as ${name}`);
      }
      return zone.offsetAt(instant);
    },
  };
}

/** Says what a clock costs that is none. */
export function sayOrder(clock: Clock, diagnostics: Diagnostics): void {
  if (clock === 'order')
    diagnostics.say('info', '--clock order: if times cannot be compared, the order of lines decides, and "within" means nothing');
}
