/** True for a name that fits one of `include` and none of `exclude`. In a glob `*` is any text and `?` any character. */
export function nameFilter(include: readonly string[], exclude: readonly string[]): (name: string) => boolean {
  const included = include.map(compileGlob);
  const excluded = exclude.map(compileGlob);
  return (name) => included.some((glob) => glob.test(name)) && !excluded.some((glob) => glob.test(name));
}

/** Names have at most 15 bytes, 60 characters where each is escaped: backtracking has no room to hurt. */
function compileGlob(glob: string): RegExp {
  const parts = glob
    .replace(/[\\^$.|+()[\]{}]/gu, '\\$&')
    .replace(/\*+/gu, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${parts}$`, 'su');
}
