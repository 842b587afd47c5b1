import { visibleLength } from './paint.ts';

const GAP = 2;
const NARROWEST = 8;

/**
 * Rows under a header, columns aligned, no wider than `width`: the widest columns give way, and their cells
 * go on in the next line, broken at spaces where there are any. Cells may be painted unless they have to break.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const all = [header, ...rows];
  const widths = fitWidths(
    header.map((_, i) => Math.max(...all.map((row) => visibleLength(row[i] ?? '')))),
    width,
  );
  return all.flatMap((row) => rowLines(row, widths)).join('\n');
}

function fitWidths(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, one) => sum + one + GAP, -GAP);
  while (total() > width) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const index = widths.indexOf(widest);
    const next = Math.max(...widths.filter((_, i) => i !== index), NARROWEST);
    widths[index] = Math.max(widest - (total() - width), Math.min(next, widest - 1), NARROWEST);
  }
  return widths;
}

function rowLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const cells = widths.map((width, i) => wrapText(row[i] ?? '', width));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, i) => padded(cells[i]?.[line] ?? '', width))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleLength(text)));
}

/** A text in lines of at most `width`, broken at spaces, and inside words that are longer than a line. */
export function wrapText(text: string, width: number): readonly string[] {
  if (visibleLength(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (visibleLength(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Lines of at most `width`; what goes on in a further line is indented by two more than its beginning. */
export function wrapIndented(text: string, width: number): string {
  if (visibleLength(text) <= width) return text;
  const indent = /^ */.exec(text)?.[0] ?? '';
  const hanging = `${indent}    `;
  const [first = '', ...rest] = wrapText(text.trimStart(), width - hanging.length);
  return [`${indent}${first}`, ...rest.map((line) => `${hanging}${line}`)].join('\n');
}

function pieces(word: string, width: number): readonly string[] {
  if (visibleLength(word) <= width) return [word];
  const characters = Array.from(word);
  return Array.from({ length: Math.ceil(characters.length / width) }, (_, i) =>
    characters.slice(i * width, (i + 1) * width).join(''),
  );
}
