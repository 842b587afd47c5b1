import { HostError } from '../base/errors.ts';

/** The error of a group that another process holds; `holder` null: the kernel does not tell who. */
export function takenError(group: number, holder: string | null, cause?: unknown): HostError {
  const who = holder ?? 'which one, /proc/net/netfilter/nfnetlink_log tells root';
  return new HostError(
    'nflog-group-taken',
    `NFLOG group ${group} is held by another program (${who}): only one can have it`,
    cause,
  );
}

/** The error of a kernel or a process that cannot do it. */
export function unavailableError(group: number, cause: unknown): HostError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HostError(
    'nflog-unavailable',
    `NFLOG group ${group} cannot be used; the kernel needs its module nfnetlink_log (${reason})`,
    cause,
  );
}

/** The error of a packet log that was closed. */
export function closedError(): HostError {
  return new HostError('nflog-closed', 'The packet log is closed');
}
