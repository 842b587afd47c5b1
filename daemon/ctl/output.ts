import { createPaint } from './paint.ts';
import type { Paint } from './paint.ts';

export const FORMATS = ['table', 'json', 'yaml'] as const;
/** Of commands that answer with a document instead of a table. */
export const DOCUMENT_FORMATS = ['md', 'html', 'json', 'yaml'] as const;
export type Format = (typeof FORMATS)[number] | (typeof DOCUMENT_FORMATS)[number];

/** Where a program's words go; the real ones are those of the process. */
export interface Streams {
  readonly out: OutStream;
  readonly err: OutStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface OutStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** How a command answers. */
export interface Output {
  readonly format: Format;
  /** Unlimited where nobody looks at it on a terminal. */
  readonly columns: number;
  readonly paint: Paint;
  /** Prints a value as JSON or YAML, or as the text for people, which is made only when it is wanted. */
  print(value: unknown, text: () => string): Promise<void>;
  /** What `print` would print. */
  render(value: unknown, text: () => string): Promise<string>;
  /** A line beside the answer, on standard error. */
  note(line: string): void;
}

/** The output of one run. */
export function createOutput({ out, err, environment }: Streams, format: Format): Output {
  const isTerminal = out.isTTY === true;
  const isPlain = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return {
    format,
    columns: isTerminal ? (out.columns ?? 80) : Infinity,
    paint: createPaint(isTerminal && !isPlain),
    print: async (value, text) => {
      out.write(await rendered(value, text, format));
    },
    render: (value, text) => rendered(value, text, format),
    note: (line) => {
      err.write(`${line}\n`);
    },
  };
}

async function rendered(value: unknown, text: () => string, format: Format): Promise<string> {
  const isData = format === 'json' || format === 'yaml';
  return withNewline(isData ? await serialise(value, format) : text());
}

async function serialise(value: unknown, format: 'json' | 'yaml'): Promise<string> {
  const json = JSON.stringify(value, plain, 2);
  if (format === 'json') return json;
  const { stringify } = await import('yaml');
  return stringify(JSON.parse(json), { lineWidth: 0 });
}

// JSON knows neither maps nor sets.
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>);
  return value instanceof Set ? [...(value as Set<unknown>)] : value;
}

function withNewline(text: string): string {
  return text.endsWith('\n') || text === '' ? text : `${text}\n`;
}
