/**
 * Compiles a glob: `*` stands for any text, `?` for one character, all else for itself. The
 * predicate takes a whole text, in at most the text's length times the glob's.
 */
export function compileGlob(glob: string): (text: string) => boolean {
  const star = glob.indexOf('*');
  if (!glob.includes('?')) {
    if (star === -1) return (text) => text === glob;
    if (star === glob.length - 1) {
      const prefix = glob.slice(0, -1);
      return (text) => text.startsWith(prefix);
    }
  }
  return (text) => fits(text, glob);
}

/** Goes back only to the last star: what an earlier one took never needs to change. */
function fits(text: string, glob: string): boolean {
  let at = 0;
  let inGlob = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const wanted = glob[inGlob];
    if (wanted === '*') {
      star = inGlob;
      starAt = at;
      inGlob += 1;
    } else if (wanted === '?') {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
      inGlob += 1;
    } else if (wanted === text[at]) {
      at += 1;
      inGlob += 1;
    } else if (star !== -1) {
      starAt += text.codePointAt(starAt)! > 0xffff ? 2 : 1;
      at = starAt;
      inGlob = star + 1;
    } else {
      return false;
    }
  }
  while (glob[inGlob] === '*') inGlob += 1;
  return inGlob === glob.length;
}
