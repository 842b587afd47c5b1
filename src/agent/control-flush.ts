import { ControlError } from '../control/handler.ts';
import type { FlushAnswer, ReapplyAnswer } from '../control/wire.ts';
import { notYet } from './control-in-force.ts';
import type { ControlInputs } from './control-inputs.ts';
import { landed, TURN_LIMIT_MS } from './control-turn.ts';
import { readFlush } from './read-flush.ts';

/** Opens this host on purpose. Rejects with ControlError when the rules are still there. */
export async function flush(inputs: ControlInputs, body: unknown): Promise<FlushAnswer> {
  const { seconds } = readFlush(body);
  const { flushed, loop, clock, keeper } = inputs;
  const until = seconds === null ? 'forever' : clock.now() + seconds * 1000;
  await flushed.set(until);
  await loop.reconsider();
  if (keeper.snapshot().rulesInForce !== 'flushed')
    throw new ControlError(
      502,
      'not-flushed',
      'the rules could not be taken away; it is tried again',
    );
  return { until: until === 'forever' ? until : new Date(until).toISOString() };
}

/** Reads datastore and table again, and ends a flush. Rejects with ControlError when nothing was written. */
export async function reapply(inputs: ControlInputs): Promise<ReapplyAnswer> {
  await inputs.flushed.clear();
  const { inSync } = inputs.keeper.snapshot();
  const turn = inSync ? inputs.turns.next(TURN_LIMIT_MS) : null;
  inputs.loop.resync();
  if (turn === null) {
    throw notYet(
      'the datastore and the table are read again, but nothing may be written before the view of the datastore is complete and ready. "rampartctl status" says what is missing; the rules in force stay until then',
    );
  }
  const { written, revision } = await landed(turn);
  return { applied: written, revision };
}
