/** A step of a page that a reader follows: a file to write, or a command on a host and what it prints. */
export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | {
      readonly kind: 'command';
      readonly host: string;
      readonly command: string;
      /** Lines that appear in this order, others between them; `…` stands for any text. */
      readonly expected: readonly string[];
    };

/**
 * The steps of a page in Markdown. A fenced block whose first line is a comment with an absolute path is that
 * file; in a block `console`, a line `host# command` or `host$ command` is a command and the lines after it what
 * it prints. Other blocks are for reading only.
 */
export function readWalkthrough(markdown: string): readonly Step[] {
  const blocks = markdown.matchAll(/^```(\w+)\n([^]*?)^```$/gm);
  return [...blocks].flatMap(([, language = '', text = '']) => {
    if (language === 'console') return commandsOf(text);
    const [, path] = /^# (\/\S+)\n/.exec(text) ?? [];
    return path === undefined ? [] : [{ kind: 'file' as const, path, text }];
  });
}

function commandsOf(text: string): readonly Step[] {
  const steps: { kind: 'command'; host: string; command: string; expected: string[] }[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const [, host, command] = /^([\w-]+)[#$] (.+)$/.exec(line) ?? [];
    if (host !== undefined && command !== undefined)
      steps.push({ kind: 'command', host, command, expected: [] });
    else if (line !== '') steps.at(-1)?.expected.push(line);
  }
  return steps;
}

/** The first expected line that `output` lacks, or has only before an earlier one; null when it has them all. */
export function missingLine(expected: readonly string[], output: string): string | null {
  const lines = output.split('\n').map(collapse);
  let from = 0;
  for (const wanted of expected) {
    const pattern = patternOf(wanted);
    const found = lines.findIndex((line, at) => at >= from && pattern.test(line));
    if (found === -1) return wanted;
    from = found + 1;
  }
  return null;
}

// Columns of a table are as wide as what happens to be in them.
function collapse(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}

function patternOf(line: string): RegExp {
  const parts = collapse(line).split('…');
  const quoted = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${quoted.join('.*')}$`);
}
