import { readManuals } from '../src/cli/commands.ts';
import { filter } from '../src/cli/filter.ts';
import type { Manual } from '../src/cli/manual.ts';

// The manual page, from the same tables as the help.

/** roff gives a backslash a meaning, a dash that is a hyphen else, and a dot or a quote at the start of a line. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replace(/^(?=['.])/gmu, String.raw`\&`);

function optionsOf({ options }: Manual): string {
  return options
    .map(({ name, short, value, repeatable, help }) => {
      const flags = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map((flag) => String.raw`\fB${roff(flag)}\fR`);
      const after = value === undefined ? '' : String.raw` \fI${roff(value)}\fR`;
      return `.TP\n${flags.join(', ')}${after}\n${roff(repeatable === true ? `${help}; repeatable` : help)}\n`;
    })
    .join('');
}

/** Text whose lines stay as they are. */
const asIs = (text: string): string => `.nf\n${roff(text)}\n.fi\n`;

export async function manualPage(version: string): Promise<string> {
  const commands = await readManuals();
  const ofFilter = filter.manual;
  const sections = commands.map(
    (manual) =>
      `.SH ${roff(`relevel ${manual.name}`.toUpperCase())}\n\\fBrelevel ${manual.name}\\fR [options] ${roff(manual.words)}\n.PP\n` +
      `${roff(manual.about)}\n${optionsOf(manual)}${manual.after === '' ? '' : `.PP\n${asIs(manual.after)}`}`,
  );
  return `.TH RELEVEL 1 "" "relevel ${version}" "User Commands"
.SH NAME
relevel \\- ${roff(ofFilter.summary)}
.SH SYNOPSIS
\\fBrelevel\\fR [options] ${roff(ofFilter.words)}
.br
\\fBrelevel\\fR \\fIcommand\\fR [options] ...
.SH DESCRIPTION
${roff(ofFilter.about)}
.SH OPTIONS
${optionsOf(ofFilter)}.SH NOTES
${asIs(ofFilter.after)}${sections.join('')}`;
}
