import { serviceText } from './hosts.ts';
import { type Look, type Paper, wrap } from './paper.ts';
import type { Row, Verdict } from './row.ts';

/** A connection that was tried: what came of it and who decided. */
export interface Finding {
  readonly row: Row;
  readonly outcome: string;
  readonly by: string;
}

const HEADER = ['from', 'to', 'service', 'expected', 'outcome', 'decided by'] as const;
const WIDTHS = [8, 8, 11, 8, 7] as const;
// Room for the longest decider that occurs, behind the other columns.
const ROOMY = 96;
const LOOKS: Readonly<Record<Verdict, Look>> = { allowed: 'green', denied: 'red' };

/** Whether it came out otherwise than the story says, by verdict or by who decided. */
export function isSurprise({ row, outcome, by }: Finding): boolean {
  return outcome !== row.expected || by !== row.by;
}

/** Prints findings as a table; a surprise also says who should have decided. */
export function printTable(paper: Paper, findings: readonly Finding[]): void {
  paper.line();
  paper.line(paper.paint('dim', cells(paper, HEADER).join('\n')));
  for (const finding of findings) for (const text of rowLines(paper, finding)) paper.line(text);
  paper.line();
}

function rowLines(paper: Paper, finding: Finding): readonly string[] {
  const { row, outcome } = finding;
  const isBad = isSurprise(finding);
  const by = isBad ? `${finding.by} (SURPRISE: expected ${row.by})` : finding.by;
  const plain = cells(paper, [
    ...[row.from, row.to, serviceText(row.service), row.expected, outcome, by],
  ]);
  const look = isBad ? 'yellow' : LOOKS[row.expected];
  if (isBad) return plain.map((text) => paper.paint(look, text));
  // Only the outcome's column is coloured; it is found by its place, as the expectation reads the same.
  const at =
    gapOf(paper) + WIDTHS.slice(0, 4).reduce((sum, width) => sum + width + gapOf(paper), 0);
  const [first = '', ...rest] = plain;
  const end = at + outcome.length;
  return [first.slice(0, at) + paper.paint(look, first.slice(at, end)) + first.slice(end), ...rest];
}

function gapOf(paper: Paper): number {
  return paper.width >= ROOMY ? 2 : 1;
}

function cells(paper: Paper, texts: readonly string[]): readonly string[] {
  const gap = ' '.repeat(gapOf(paper));
  const left = WIDTHS.map((width, i) => (texts[i] ?? '').padEnd(width)).join(gap);
  const start = gap + left + gap;
  const [first = '', ...rest] = wrap(texts[WIDTHS.length] ?? '', paper.width - start.length);
  return [start + first, ...rest.map((text) => ' '.repeat(start.length) + text)];
}
