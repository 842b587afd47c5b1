import type { Clock } from '../base/clock.ts';
import { NftablesError, toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { errnoName } from '../netlink/errno.ts';
import { openBatchSocket } from '../netlink/batch-socket.ts';
import type { BatchSocket } from '../netlink/batch-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import type { EncodedBatch } from './encode-batch.ts';

/** What became of a batch. */
export type BatchOutcome =
  | { readonly kind: 'committed' }
  /** Nothing was changed: the kernel never saw it, or took it apart again. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Transactions straight to the kernel, without nft. */
export interface BatchRunner {
  /** `takesLong`: see `BatchSocket.send`. Rejects with NftablesError when nobody knows what became of the batch. One call at a time. */
  run(batch: EncodedBatch, takesLong?: boolean): Promise<BatchOutcome>;
  /** The netlink port that batches come from. */
  readonly portId: number;
  close(): void;
}

/** Opens one; null where netlink cannot be used. */
export async function openBatchRunner({
  logger,
  clock,
}: {
  readonly logger: Logger;
  readonly clock: Clock;
}): Promise<BatchRunner | null> {
  try {
    return createBatchRunner(await openBatchSocket(NETLINK.netfilter, clock));
  } catch (error) {
    logger.warn({ err: error }, 'cannot write to the kernel directly; using nft for everything');
    return null;
  }
}

/** The same on an open socket. */
export function createBatchRunner(socket: BatchSocket): BatchRunner {
  return {
    run: (batch, takesLong) => run(socket, batch, takesLong),
    portId: socket.portId,
    close: () => {
      socket.close();
    },
  };
}

async function run(
  socket: BatchSocket,
  { bytes, last }: EncodedBatch,
  takesLong?: boolean,
): Promise<BatchOutcome> {
  let answers;
  try {
    answers = await socket.send(bytes, takesLong);
  } catch (error) {
    return { kind: 'failed', reason: toError(error).message };
  }
  for (const { sequence, answer } of answers) {
    if (answer.kind !== 'refused') continue;
    const detail = answer.detail === '' ? '' : `: ${answer.detail}`;
    const reason = `message ${sequence} of ${last}: ${errnoName(answer.errno)}${detail}`;
    return { kind: 'failed', reason };
  }
  if (answers.some(({ sequence }) => sequence === last)) return { kind: 'committed' };
  throw new NftablesError('unknown', 'the kernel did not say what became of the transaction');
}
