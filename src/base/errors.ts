/** Base of every error this program throws; `code` is stable and made for machines. */
export class RampartError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
  }
}

/** The operator's configuration is wrong; the message says which key and what is allowed. */
export class ConfigError extends RampartError {}

/** The datastore could not be read; worth another try. */
export class SourceError extends RampartError {}

/** Why the kernel or libnftables refused. */
export type NftablesErrorKind =
  'not-found' | 'exists' | 'busy' | 'permission' | 'invalid' | 'resources' | 'timeout' | 'unknown';

/** A transaction or a listing failed. After it the table's contents are unknown: read before assuming. */
export class NftablesError extends RampartError {
  readonly kind: NftablesErrorKind;

  constructor(kind: NftablesErrorKind, message: string, cause?: unknown) {
    super(`nftables-${kind}`, message, cause);
    this.kind = kind;
  }
}

/** The world outside (netlink, a socket, a file) failed; worth another try. */
export class HostError extends RampartError {}

/** This host lacks what the program cannot do without; the message says what to install. Starting again does not mend it. */
export class UnsuitableHostError extends RampartError {}

/** A bug of ours: an invariant that the code promises does not hold. */
export class InvariantError extends RampartError {
  constructor(message: string, cause?: unknown) {
    super('invariant', message, cause);
  }
}

/** Turns whatever was thrown into an Error, keeping the original as its cause. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
