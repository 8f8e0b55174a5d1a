/** One instruction, such as `COPY src src`; continued lines are one. */
export interface Instruction {
  readonly word: string;
  readonly text: string;
}

/** What one `FROM` begins. */
export interface Stage {
  readonly base: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** Reads as much of the language of Dockerfiles as ours uses. Throws where it uses more. */
export function readDockerfile(text: string): readonly Stage[] {
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n/gu, ' ')
    .split('\n');
  for (const line of lines) {
    if (line.trim() === '') continue;
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/u.exec(line) ?? [];
    if (word === undefined || rest === undefined) throw new Error(`Dockerfile: no instruction: ${line}`);
    if (word === 'FROM') {
      const [, base, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/u.exec(rest) ?? [];
      if (base === undefined) throw new Error(`Dockerfile: FROM ${rest}`);
      stages.push({ base, name: name ?? String(stages.length), instructions: [] });
    } else {
      stages.at(-1)!.instructions.push({ word, text: rest.trim() });
    }
  }
  return stages;
}

/** The words of a COPY: `--from=build /image /` copies `/image` of the stage `build` to `/`. */
export function readCopy(text: string): {
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly to: string;
} {
  const words = text.split(/\s+/u);
  const flags = words.filter((word) => word.startsWith('--'));
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
  if (flags.length > (from === undefined ? 0 : 1)) throw new Error(`Dockerfile: COPY ${text}`);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), to: paths.at(-1)! };
}

/** Whether a path of the build context is sent, by a `.dockerignore` that forbids all and then allows some. */
export function isSent(dockerignore: string, path: string): boolean {
  const lines = dockerignore.split('\n').filter((line) => line !== '');
  if (lines[0] !== '*' || lines.slice(1).some((line) => !line.startsWith('!')))
    throw new Error('.dockerignore: not a list of what is allowed');
  return lines.slice(1).some((line) => path === line.slice(1) || path.startsWith(`${line.slice(1)}/`));
}
