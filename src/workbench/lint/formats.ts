import { pageOf, SEVERITIES, type Code, type Finding } from './finding.ts';
import type { Sampled } from './sample.ts';
import { sampleJson } from './sample-text.ts';

/** For programs: one document. */
export function asJson(findings: readonly Finding[], sample: Sampled | undefined): string {
  const paged = findings.map((finding) => ({ ...finding, page: pageOf(finding.code) }));
  return `${JSON.stringify({ findings: paged, sample: sample && sampleJson(sample) }, undefined, 2)}\n`;
}

/** Commands of a workflow, which GitHub shows beside the lines: https://docs.github.com/actions/reference/workflow-commands-for-github-actions. */
export const asGithub = (findings: readonly Finding[]): string =>
  findings
    .map(({ code, severity, file, line, column, message, remedy }) => {
      const properties = { file, line, col: column, title: `relevel: ${code}` };
      const listed = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
      return `::${severity} ${listed.join(',')}::${escapeData(`${message}; ${remedy}`)}\n`;
    })
    .join('');

export const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
export const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/. */
export function asSarif(findings: readonly Finding[], version: string): string {
  const codes = Object.keys(SEVERITIES) as Code[];
  const rules = codes.map((id) => ({
    id,
    defaultConfiguration: { level: SEVERITIES[id] },
    help: { text: `See ${pageOf(id)!}.` },
  }));
  const results = findings.map(({ code, severity, file, line, column, message, remedy }) => ({
    ruleId: code,
    level: severity,
    message: { text: `${message}; ${remedy}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  }));
  const driver = { name: 'relevel', version, rules };
  const sarif = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(sarif, undefined, 2)}\n`;
}
