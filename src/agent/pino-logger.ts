import { pino } from 'pino';
import type { Logger } from '../base/logger.ts';

/** A logger whose level can be changed while it is in use. */
export interface LevelledLogger extends Logger {
  setLevel(level: LogLevel): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

// syslog(3) priorities, which journald reads off the front of a line.
const PRIORITY: Readonly<Record<string, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

/** Writes to standard output before it returns, also into a pipe that is full for a moment. */
export function standardOutput(): (text: string) => void {
  const output = pino.destination({ dest: 1, sync: true });
  return (text) => {
    output.write(text);
  };
}

/**
 * Logs to standard output, one line an entry, written before the call returns: a daemon that dies has said
 * everything. `json` is one object a line; `text` is for people and begins with journald's priority when
 * standard output is the journal.
 */
export function createPinoLogger(options: {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** Whether standard output is connected to the journal (JOURNAL_STREAM). */
  readonly isJournal: boolean;
  readonly write: (text: string) => void;
}): LevelledLogger {
  const { level, format, isJournal, write } = options;
  const destination = {
    write: (line: string) => {
      write(format === 'json' ? line : textLine(line, isJournal));
    },
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (fields, message) => {
      logger.debug(fields, message);
    },
    info: (fields, message) => {
      logger.info(fields, message);
    },
    warn: (fields, message) => {
      logger.warn(fields, message);
    },
    error: (fields, message) => {
      logger.error(fields, message);
    },
    setLevel: (next) => {
      logger.level = next;
    },
  };
}

function textLine(line: string, isJournal: boolean): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${fieldText(value)}`);
  const word = String(level);
  const lead = isJournal ? `<${PRIORITY[word] ?? 6}>` : `${String(time)} ${word.padEnd(5)} `;
  return `${lead}${String(msg)}${rest.join('')}\n`;
}

function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
