// A rules file is kept, shared and reviewed: what a log says in passing has no place in it.

const HIDDEN = 'xxxxx';

const NAME = String.raw`(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?secret|auth(?:orization)?|credentials?|cookie|session(?:[-_]?id)?|sid|otp|pin)`;

const SECRETS: readonly (readonly [pattern: RegExp, by: string])[] = [
  // A name that says so, and its value: in JSON, in pairs, in a query, in a header.
  [new RegExp(String.raw`((?:\\?")[\w.-]*${NAME}\\?"\s*:\s*\\?")((?:[^"\\]|\\[^"])+)`, 'giu'), `$1${HIDDEN}`],
  [new RegExp(String.raw`(\b[\w.-]*${NAME}\s*[=:]\s*")([^"\\]+)`, 'giu'), `$1${HIDDEN}`],
  [
    new RegExp(String.raw`(\b[\w.-]*${NAME}\s*[=:]\s*(?:(?:bearer|basic|token)\s+)?)(?!")([^\s"'&,;)\]}\\]+)`, 'giu'),
    `$1${HIDDEN}`,
  ],
  [/\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}/giu, `$1${HIDDEN}`],
  // A user's password in a URL.
  [/(:\/\/[^\s/:@"']*:)[^\s/@"']+(?=@)/gu, `$1${HIDDEN}`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/gu, HIDDEN],
  [/\b(?:AKIA|ASIA)[A-Z\d]{16}\b/gu, HIDDEN],
  [/\b(?:gh[pousr]|github_pat|glpat|xox[abprs]|sk|pk|rk)[-_][\w-]{16,}/gu, HIDDEN],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----END).)*(?:-----END [A-Z ]*PRIVATE KEY-----)?/gsu, HIDDEN],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu, 'someone@example.org'],
];

/** The text with tokens, passwords, keys and addresses of mail replaced. Not all can be known: read what is written. */
export function hideSecrets(text: string): string {
  let hidden = text;
  for (const [pattern, by] of SECRETS) hidden = hidden.replace(pattern, by);
  return hidden;
}
