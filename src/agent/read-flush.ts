import { ControlError } from '../control/handler.ts';
import type { FlushRequest } from '../control/wire.ts';

const LONGEST_S = 366 * 86_400;

/** The request to open the host. Throws a ControlError that says what is wrong. */
export function readFlush(body: unknown): FlushRequest {
  const seconds =
    typeof body === 'object' && body !== null && 'seconds' in body ? body.seconds : undefined;
  if (seconds === null) return { seconds };
  const isTime =
    typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0 && seconds <= LONGEST_S;
  if (isTime) return { seconds };
  throw new ControlError(
    400,
    'bad-request',
    `seconds: write a whole number up to ${LONGEST_S}, or null for "until reapply".`,
  );
}
