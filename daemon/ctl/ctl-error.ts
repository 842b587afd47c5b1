import { RampartError } from '../../src/base/errors.ts';
import { nearestName } from '../../src/config/nearest-name.ts';
import { EXIT } from '../exit-codes.ts';

/** Something the operator can mend; the message says how. */
export class CtlError extends RampartError {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, cause?: unknown) {
    super('ctl', message, cause);
    this.exitCode = exitCode;
  }
}

/** The command line is wrong. */
export function usageError(message: string): CtlError {
  return new CtlError(EXIT.usage, message);
}

/** Manifests are wrong or cannot be read. */
export function dataError(message: string, cause?: unknown): CtlError {
  return new CtlError(EXIT.data, message, cause);
}

/** Nothing is called `name`; names the nearest of `known`, or all of few. */
export function unknownName(what: string, name: string, known: readonly string[]): CtlError {
  return usageError(unknownText(what, name, known));
}

/** The same as text, where it is only a doubt. */
export function unknownText(what: string, name: string, known: readonly string[]): string {
  return `no ${what} is called "${name}"${suggestion(name, known)}`;
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== null) return `; did you mean "${nearest}"?`;
  if (known.length === 0) return ', there is none at all';
  return known.length > 8 ? '' : `; there is ${known.join(', ')}`;
}
