import { toError } from '../base/errors.ts';
import { ControlError } from '../control/handler.ts';
import type { TurnReport } from './turn-report.ts';

/** How long a change that somebody asked for may take to reach the kernel. */
export const TURN_LIMIT_MS = 30_000;

/** What the turn came to. Rejects with a ControlError that says why it failed. */
export async function landed(turn: Promise<TurnReport>): Promise<TurnReport> {
  try {
    return await turn;
  } catch (thrown) {
    throw notApplied(toError(thrown).message);
  }
}

/** What somebody asked for did not reach the kernel. */
export function notApplied(why: string): ControlError {
  return new ControlError(502, 'not-applied', `the rules in force stay: ${why}`);
}
