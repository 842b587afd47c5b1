const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
const WIDTH_LIMIT = 100;

/** How a piece of text looks on a terminal. */
export type Look = keyof typeof CODES;

/** Where the demo writes: at most 100 columns, with colours on a terminal only. */
export interface Paper {
  readonly width: number;
  /** Two empty lines in a row are one. */
  line(text?: string): void;
  paint(look: Look, text: string): string;
}

/** The paper of a stream; `NO_COLOR` in the environment is honoured. */
export function openPaper(stream: NodeJS.WriteStream): Paper {
  const isColoured = stream.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const columns = stream.isTTY ? stream.columns : WIDTH_LIMIT;
  let isBlank = true;
  return {
    width: Math.min(columns, WIDTH_LIMIT),
    line: (text = '') => {
      if (text !== '' || !isBlank) stream.write(`${text}\n`);
      isBlank = text === '';
    },
    paint: (look, text) => (isColoured ? `\u001b[${CODES[look]}m${text}\u001b[0m` : text),
  };
}

/** Breaks text at spaces into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
