import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { HostError } from '../base/errors.ts';

const constantNames = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** The symbolic name of a positive errno of this platform, such as `ENOENT`; `errno 524` for one that has none. */
export function errnoName(errno: number): string {
  // libuv's map comes first: it knows one name per number (EAGAIN, not EWOULDBLOCK), but not every number.
  return (
    getSystemErrorMap().get(-errno)?.[0] ?? constantNames.get(errno) ?? `errno ${String(errno)}`
  );
}

/** A HostError for a failed system call or a refused request; its `code` is the errno's name. */
export function errnoError(what: string, errno: number, detail = ''): HostError {
  const name = errnoName(errno);
  const meaning = getSystemErrorMap().get(-errno)?.[1] ?? '';
  const reason = [meaning, detail].filter((text) => text !== '').join('; ');
  return new HostError(name, `${what}: ${name}${reason === '' ? '' : ` (${reason})`}`);
}
