import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';

// So long work may go on before others get their turn.
const SLICE_MS = 10;

/** For long work: call between its steps, and await the answer; others get their turn every ten milliseconds. */
export function breather(clock: Pick<Clock, 'monotonic'>): () => Promise<void> | undefined {
  let since = clock.monotonic();
  return () => {
    if (clock.monotonic() - since < SLICE_MS) return undefined;
    return nextTurn().then(() => {
      since = clock.monotonic();
    });
  };
}
