const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;

export type Colour = keyof typeof CODES;

/** Colours text where colours are wanted, and leaves it alone where not. */
export type Paint = (colour: Colour, text: string) => string;

/** A painter for a terminal, or one for pipes and files. */
export function createPaint(isColoured: boolean): Paint {
  return (colour, text) => (isColoured ? `\u001B[${CODES[colour]}m${text}\u001B[0m` : text);
}

const SEQUENCE = /\u001B\[\d+m/g;

/** How many columns a text takes on a terminal. */
export function visibleLength(text: string): number {
  return Array.from(text.replaceAll(SEQUENCE, '')).length;
}
