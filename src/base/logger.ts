/** Fields of a structured log line; values are plain data. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logging: a constant message plus fields, never secrets or whole resources. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Swallows everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
