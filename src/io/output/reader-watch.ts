/** ms before we begin to look, so that the start pays for nothing. */
const BEGIN = 1000;

export interface ReaderWatch {
  /** To be called before the descriptor that is watched is closed. */
  stop(): void;
}

/**
 * Tells, once, that nobody reads any more, also where nothing is written that would say so. Of what we cannot be sure of it
 * says nothing: then the next write does. It keeps no process alive, and leaves the flags of `fd` as they are.
 */
export function watchReader(fd: number, kind: 'pipe' | 'socket', onLeft: (error: unknown) => void): ReaderWatch {
  let over = false;
  let release = (): void => {};
  const stop = (): void => {
    over = true;
    clearTimeout(timer);
    release();
  };
  const left = (error: unknown): void => {
    if (over) return;
    stop();
    onLeft(error);
  };
  const begin = async (): Promise<void> => {
    const { awaitBrokenPipe, awaitClosedSocket, isStream } = await import('./reader-left.ts');
    if (kind === 'socket' && !(await isStream(fd))) return;
    if (!over) release = kind === 'pipe' ? awaitBrokenPipe(fd, left) : awaitClosedSocket(fd, left);
  };
  // Where it cannot be loaded, as when another version was installed meanwhile, writes must do.
  const timer = setTimeout(() => void begin().catch(() => {}), BEGIN).unref();
  return { stop };
}
