import { spellsNumber, type Value } from './values.ts';

/** The instant in ms that the value spells; nothing if it spells none. */
export function timeOfValue(value: Value | undefined): number | undefined {
  if (value?.kind === 'number') return timeOfNumber(value.digits);
  if (value?.kind !== 'text') return undefined;
  return value.untyped && spellsNumber(value.text) ? timeOfNumber(value.text) : timeOfText(value.text);
}

function timeOfNumber(digits: string): number {
  const number = Number(digits);
  const ms = number < 1e11 ? number * 1000 : number < 1e14 ? number : number < 1e17 ? number / 1000 : number / 1e6;
  // A double has noise far below the µs, which must not cost a ms when the rest is cut off.
  return Math.floor(Number(ms.toFixed(3)));
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))$/u;

export function timeOfText(text: string): number | undefined {
  const found = RFC_3339.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (date.getUTCMonth() !== month - 1) return undefined; // the 30th of February
  const ms = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offset = (Number(found[9] ?? 0) * 60 + Number(found[10] ?? 0)) * 60_000;
  return date.getTime() + ms - (found[8] === '-' ? -offset : offset);
}
