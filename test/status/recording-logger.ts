import type { LogFields, Logger } from '../../src/base/logger.ts';

/** A logger that remembers `level message`, and the fields beside. */
export interface RecordingLogger extends Logger {
  readonly lines: string[];
  readonly fields: LogFields[];
}

export function createRecordingLogger(): RecordingLogger {
  const lines: string[] = [];
  const all: LogFields[] = [];
  const record = (level: string) => (fields: LogFields, message: string) => {
    lines.push(`${level} ${message}`);
    all.push(fields);
  };
  return {
    lines,
    fields: all,
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
  };
}
