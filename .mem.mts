import { openSync, readSync, readFileSync } from 'node:fs';
import { openEngine } from './src/engine/engine.ts';
import { ENGINE_DEFAULTS } from './src/engine/settings.ts';
import { UTC } from './src/engine/zone.ts';
import { loadRules } from './src/rules/load.ts';
const [,, rulesFile, file] = process.argv;
const { ruleSet } = loadRules([{ name: 'r', text: readFileSync(rulesFile!, 'utf8') }]);
const engine = openEngine(ruleSet, { ...ENGINE_DEFAULTS, clock: 'replay', zone: UTC, archive: undefined } as never);
const source = engine.source('s'); let out = 0;
const input = source.input({ write: (b, s, e) => { out += e - s; } });
const fd = openSync(file!, 'r');
const t = process.cpuUsage(); let n = 0; let peak = { rss: 0 } as NodeJS.MemoryUsage; const t0 = performance.now();
for (;;) { const room = engine.room(256 * 1024); const got = readSync(fd, room, 0, room.length, null); if (got === 0) break; input.pushFilled(got, 0);
  if (n++ % 40 === 0) { const m = process.memoryUsage(); if (m.rss > peak.rss) peak = m; } }
input.end(0); source.end(0);
const c = process.cpuUsage(t);
console.log(out, 'wall', Math.round(performance.now() - t0), 'cpu ms', Math.round((c.user + c.system) / 1000), Object.entries(peak).map(([k, v]) => `${k} ${(v / 1e6).toFixed(1)}`).join(' '), 'max', (process.resourceUsage().maxRSS / 1000).toFixed(0));
