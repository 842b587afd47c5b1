import { escapeMarkdown } from './escape.ts';
import type { Report } from './report.ts';
import { moment, sectionsOf } from './sections.ts';
import type { Section } from './sections.ts';

/** A report as GitHub-flavoured Markdown. */
export function reportMarkdown(report: Report): string {
  const { name, rampart, rulesInForce, enforcement } = report.host;
  return [
    `# Firewall report of ${escapeMarkdown(name)}`,
    '',
    `Made ${moment(report.madeAt)} by Rampart ${escapeMarkdown(rampart)}. Rules in force: ${rulesInForce}; enforcement: ${enforcement}.`,
    ...sectionsOf(report).flatMap(sectionLines),
    '',
  ].join('\n');
}

function sectionLines({ title, intro, header, rows, none }: Section): readonly string[] {
  const head = ['', `## ${escapeMarkdown(title)}`, ''];
  if (rows.length === 0) return [...head, escapeMarkdown(none)];
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [
    ...head,
    ...(intro === '' ? [] : [escapeMarkdown(intro), '']),
    line(header),
    `|${' --- |'.repeat(header.length)}`,
    ...rows.map(line),
  ];
}
