import type { DayResult } from './day-trial.ts';

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [800, 300, 60, 40];
const MB = 1e6;

/** Memory over a day's events, as SVG. */
export function plotOf({ samples, kept }: Pick<DayResult, 'samples' | 'kept'>, caption: string): string {
  const most = Math.ceil((Math.max(...samples.map(({ residentBytes }) => residentBytes)) * 1.2) / MB / 20) * 20;
  const x = (hours: number): number => LEFT + ((WIDTH - LEFT - 10) * hours) / 24;
  const y = (megabytes: number): number => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - 30) * megabytes) / most;
  const line = (colour: string, points: readonly (readonly [hours: number, bytes: number])[]): string => {
    const places = points.map(([hours, bytes]) => `${x(hours).toFixed(1)},${y(bytes / MB).toFixed(1)}`);
    return `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}"/>`;
  };
  const resident = line(
    '#06c',
    samples.map(({ hours, residentBytes }) => [hours, residentBytes]),
  );
  const keptOfThem = line(
    '#c60',
    kept.map(({ hours, bytes }) => [hours, bytes]),
  );
  const grid = Array.from({ length: 5 }, (_, i) => (most / 4) * i);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
<text x="${LEFT}" y="18">${caption}</text>
${grid.map((at) => `<path d="M${LEFT} ${y(at)}H${WIDTH - 10}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y(at) + 4}" text-anchor="end">${at} MB</text>`).join('\n')}
${[0, 6, 12, 18, 24].map((hour) => `<text x="${x(hour)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${hour} h</text>`).join('\n')}
${resident}
${keptOfThem}
</svg>
`;
}
