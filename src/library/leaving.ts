/** What is called as the process ends, for what would be lost with it. */
export interface Leaver {
  /** The loop has run empty: what is let go now is still written. */
  readonly beforeExit: () => void;
  /** No loop follows: only what is handed on and written at once gets out. */
  readonly exit: () => void;
}

const leavers = new Set<Leaver>();

const tellBeforeExit = (): void => {
  for (const leaver of [...leavers]) leaver.beforeExit();
};
const tellExit = (): void => {
  for (const leaver of [...leavers]) leaver.exit();
};

/** Tells `leaver` of the end of the process, until `forgetLeaver`: one listener of the process's, however many there are. */
export function rememberLeaver(leaver: Leaver): void {
  if (leavers.size === 0) {
    process.on('beforeExit', tellBeforeExit);
    process.on('exit', tellExit);
  }
  leavers.add(leaver);
}

export function forgetLeaver(leaver: Leaver): void {
  if (!leavers.delete(leaver) || leavers.size > 0) return;
  process.off('beforeExit', tellBeforeExit);
  process.off('exit', tellExit);
}
