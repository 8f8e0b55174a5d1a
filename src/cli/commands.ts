import type { Command } from './command.ts';
import type { Manual } from './manual.ts';

/** Every command by name, in the order in which the help shows them; each in a file of its own, loaded when it is named. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  follow: async () => (await import('./follow.ts')).follow,
  run: async () => (await import('./run.ts')).run,
  restore: async () => (await import('./restore.ts')).restore,
  status: async () => (await import('./status.ts')).status,
  reload: async () => (await import('./reload.ts')).reload,
  read: async () => (await import('./read.ts')).read,
  suggest: async () => (await import('./suggest.ts')).suggest,
  check: async () => (await import('./check.ts')).check,
  test: async () => (await import('./test.ts')).test,
  record: async () => (await import('./record.ts')).record,
  explain: async () => (await import('./explain.ts')).explain,
  replay: async () => (await import('./replay.ts')).replay,
  packs: async () => (await import('./packs.ts')).packs,
  probe: async () => (await import('./probe.ts')).probe,
  completions: async () => (await import('./completions.ts')).completions,
  help: async () => (await import('./help.ts')).help,
};

/** What the help says of each. */
export const readManuals = async (): Promise<readonly Manual[]> =>
  Promise.all(Object.values(COMMANDS).map(async (load) => (await load()).manual));
