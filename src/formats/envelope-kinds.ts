/** What may stand around lines, by who writes it; `auto`: any of these, or nothing. */
export const ENVELOPES = [
  'auto',
  'none',
  'cri',
  'docker',
  'compose',
  'kubectl',
  'stern',
  'syslog',
  'sd-daemon',
  'journald',
  'fluent',
  'gelf',
  'google',
  'cloudwatch',
] as const;

export type EnvelopeKind = (typeof ENVELOPES)[number];

/** Whether lines may be framed as the kubelet's are. */
export const mayBeCri = (kind: EnvelopeKind): boolean => kind === 'auto' || kind === 'cri';

/** Whether lines may come in pieces, which `cri` and `docker` alone do. */
export const mayBeCut = (kind: EnvelopeKind): boolean => kind === 'auto' || kind === 'cri' || kind === 'docker';
