import { fstatSync } from 'node:fs';
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
 * Whether the file descriptor is the stream to the journal that JOURNAL_STREAM (`device:inode`, systemd.exec(5))
 * speaks of: the variable is inherited, also by processes whose output goes elsewhere.
 */
export function isJournalStream(journalStream: string | undefined, descriptor: number): boolean {
  if (journalStream === undefined) return false;
  const { dev, ino } = fstatSync(descriptor);
  return journalStream === `${dev}:${ino}`;
}

/**
 * Logs through `write`, one line an entry, written before the call returns: a daemon that dies has said
 * everything. `json` is one object a line, `text` is for people. Into the journal both begin with journald's
 * priority, which journald takes off again.
 */
export function createPinoLogger(options: {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** Whether the lines go to the journal. */
  readonly isJournal: boolean;
  readonly write: (text: string) => void;
}): LevelledLogger {
  const { level, format, isJournal, write } = options;
  const destination = {
    write: (line: string) => {
      if (format === 'text') write(textLine(line, isJournal));
      else write(isJournal ? `${priority(jsonLevel(line))}${line}` : line);
    },
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: '[secret]' },
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

// Nobody logs them; should somebody, they stay secret.
const SECRETS = ['password', 'token', '*.password', '*.token'];

// The level is the first field that pino writes.
function jsonLevel(line: string): string {
  return /^\{"level":"([a-z]+)"/.exec(line)?.[1] ?? 'info';
}

function priority(level: string): string {
  return `<${PRIORITY[level] ?? 6}>`;
}

function textLine(line: string, isJournal: boolean): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${fieldText(value)}`);
  const word = String(level);
  const lead = isJournal ? priority(word) : `${String(time)} ${word.padEnd(5)} `;
  const message = String(msg).replaceAll(/\s*\n\s*/g, ' ');
  return `${lead}${message}${rest.join('')}\n`;
}

function fieldText(value: unknown): string {
  const text = isNames(value) ? value.join(', ') : plainText(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
