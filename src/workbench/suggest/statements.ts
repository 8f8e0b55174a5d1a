import { LEVELS, type Level } from '../../record/level.ts';
import type { ClockDomain } from '../../record/clock-domain.ts';
import { clusterForms, type Cluster } from './clusters.ts';
import type { Cause, Form } from './shape.ts';
import { formOf, WILD, type Words } from './words.ts';

/** What one log statement of a program writes: forms of one cluster, with the same level, cause and notation of time. */
export interface Statement {
  /** The number of its first form: it stays when more forms come. */
  readonly root: number;
  readonly level: Level;
  readonly domain: ClockDomain;
  readonly template: Cluster;
  readonly hasMessage: boolean;
  readonly causes: readonly Cause[];
  readonly forms: readonly Form[];
}

export interface Statements {
  readonly all: readonly Statement[];
  /** By the number of a form. */
  readonly of: readonly Statement[];
}

/** Puts forms together to statements. */
export function statementsOf(forms: readonly Form[]): Statements {
  const distinct = new Map<string, number>();
  const messages: Words[] = [];
  for (const { words } of forms) if (!distinct.has(words.form)) distinct.set(words.form, messages.push(words) - 1);
  const { of: clusterOf, clusters } = clusterForms(messages);
  const byKey = new Map<string, Statement & { forms: Form[] }>();
  const of = forms.map((form) => {
    const cluster = clusterOf[distinct.get(form.words.form)!]!;
    const { level, domain, hasMessage, causes } = form;
    const key = `${cluster} ${level} ${domain} ${causeOf(causes)}`;
    let statement = byKey.get(key);
    if (statement === undefined)
      byKey.set(
        key,
        (statement = { root: form.number, level, domain, template: clusters[cluster]!, hasMessage, causes, forms: [] }),
      );
    statement.forms.push(form);
    return statement;
  });
  return { all: [...byKey.values()], of };
}

const causeOf = (causes: readonly Cause[]): string => causes.map(({ name, words }) => `${name}=${words.form}`).join('\t');

export const isFailure = ({ level }: Statement): boolean => LEVELS[level] === 'warn' || LEVELS[level] === 'error';

/** The statement in words, for people and for the tests below. */
export function textOf({ template, causes }: Statement): string {
  const message = formOf(template.words, template.between).trim();
  const cause = causes
    .filter(({ words }) => !message.includes(words.form.replace(WILD, '')))
    .map(({ name, words }) => `${name}=${words.form}`);
  return [message, ...cause].filter((part) => part !== '').join(' ');
}

/** Who may do what, and who tried: never lowered, never folded by a proposal. */
const SECURITY =
  /\b(?:log[io]n|logged (?:in|out)|log(?:ging|ged)? ?on|sign(?:ed)?[- ]?in|auth\w*|unauth\w*|passw(?:or)?d|passphrase|credentials?|public ?key|permission|access denied|denied|forbidden|not allowed|not permitted|privileges?|sudo|session (?:opened|closed)|invalid (?:user|token|signature)|api[- ]?key|secret|csrf|xsrf|x509|certificates?|signature|intrusion|break-?in|brute[- ]?force|attack|malware|virus|selinux|apparmor|audit|avc|seccomp|blocked|banned?|blacklist\w*|EACCES|EPERM|jwt|oauth\w*|oidc|saml|kerberos|rbac)\b/iu;

export const isAboutSecurity = (statement: Statement): boolean =>
  SECURITY.test(textOf(statement)) || statement.forms.some(({ words }) => SECURITY.test(words.form));

const HEALED =
  /\b(?:succe\w+|recover\w*|reconnected|connected|established|re-?established|restored|resumed|healthy|resolved|ready|acquired|regained|up|online|available|reachable|ok|okay|complete[ds]?|finished|done|passed|joined|elected|leader|sync(?:ed|hroni[sz]ed)|in sync|caught up|back|cleared|fixed|running|started|listening|serving)\b/iu;
const NEGATED = /\b(?:not|never|no longer|un(?:able|available|healthy|reachable)|without|isn't|wasn't|0 of)\b/iu;
/** The failure goes on, or another is told. */
const GOES_ON =
  /\b(?:re-?try\w*|retries|re-?attempt\w*|attempt\w*|re-?connecting|connecting|waiting|wait|back(?:ing)?[- ]?off|will|going to|sleeping|trying|try|starting|stopping|fail\w*|errors?|exceptions?|time[sd]?[- ]?out|unable|cannot|can't|could not|couldn't|giv(?:ing|en) up|gave up|abort\w*|clos(?:ed|ing)|disconnect\w*|lost|loss|down|shut\w*|terminat\w*|exit\w*|unhealthy|degraded|drop(?:ped|ping)?|refused|reject\w*|unavailable|unreachable|expired|missing|skipp\w*|queued|schedul\w*|fallback|falling back|enter\w*|begin\w*)\b/iu;

/** What an information may mean behind a failure. */
export function meaningOf(statement: Statement): 'healed' | 'goes-on' | 'unknown' {
  const text = formOf(statement.template.words, statement.template.between);
  if (HEALED.test(text) && !NEGATED.test(text)) return 'healed';
  return GOES_ON.test(text) || NEGATED.test(text) ? 'goes-on' : 'unknown';
}
