// Help that is no list of options.

/** What `relevel --help` prints, and `relevel` alone at a terminal. */
export const SHORT_HELP = `relevel lowers log errors that turn out to be harmless, collapses repeats, and leaves every
other line as it is, to the byte. If it is not sure, the line passes unchanged.

  app 2>&1 | relevel --rules rules.yaml     filter the output of a program
  relevel run --rules rules.yaml -- app     run the program, and filter its output
  relevel follow '/var/log/app/*.log'       follow files
  relevel --shadow --summary app.log        only count what the rules would do
  relevel read app.log                      show how relevel understands your lines
  relevel check rules.yaml                  find what is wrong with rules, run their examples
  relevel restore changed.log               get the original lines back

  -r, --rules <rules>   rules file, folder or pack (default: builtin, the rules that ship)
  --shadow              change nothing, only count
  --summary             report on stderr what each rule did
  --archive <file>      keep the lines that summaries stand for
  -V, --version; -h, --help
`;

/** What stands below the short help, with the commands between. */
export const SHORT_HELP_END = `More: "relevel help" has every option, "relevel help <command>" one command with examples,
"relevel help rules" the rule language on one screen.
`;

/** What \`relevel help rules\` prints; a test loads it as rules. */
export const RULES_SHEET = `# The rule language on one screen. This is a rules file: relevel help rules > rules.yaml
version: 1
lists:
  optional: [eth*, lxc*]                # used as $optional in "in" and "glob"
events:
  connected: { msg: { starts_with: connected } }
protect:                                # no rule changes these; fatal is always protected
  - { msg: { contains: data loss } }
rules:
  - id: retry-heals                     # lower an error if a later line shows that it was harmless
    why: The client tries again; only the last failure counts.
    when: { level: { at_least: warn }, msg: { matches: '^connect to (?P<host>\\S+) failed' } }
    await:
      success: [connected]              # events by name, or conditions
      failure: [{ msg: { contains: giving up } }]
      within: 10s
      by: [pid]                         # the same value in both lines
      silence: failure                  # what it means if neither comes: failure (default) or success
    then: { level: info, note: it came back }
    else: { level: error }              # without it, the line stays as it is
  - id: said-again                      # collapse repeats into a summary
    when: { level: warn, ifname: { glob: $optional }, code: { in: [95, EOPNOTSUPP] } }
    then: { level: info }
    repeat: { by: [ifname], window: 10m, rest: fold }
    budget: { lines: 1000, per: 1m }    # lowers no more than this
  - id: lower                           # lower a line by itself
    when: { all: [{ user: { exists: true } }, { not: { status: { gte: 500 } } }], $line: { contains: 'closed' } }
    then: { level: debug }
# Tests of a field: a value, in, contains, starts_with, ends_with, glob, matches, gt gte lt lte, exists; ignore_case.
# Levels: trace debug info warn error critical fatal; level: a name, in, at_least, at_most.
# Names: level msg time; any field, a.b.c; $line the raw text, $source the file or container.
# until: 2027-01-01 ends a rule; examples: lines, and what becomes of them. All of it: docs/rules.md
`;
