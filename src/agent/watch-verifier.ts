import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Nftables, WatchState } from '../nftables-json/nftables.ts';

// Asking costs some microseconds: the kernel counts its transactions.
const VERIFY_MS = 15_000;
// Without a watch the table is written again every minute, which costs as much as a first start.
const UNWATCHED_ROUNDS = 4;

/** What the verifier needs, and whom it tells. */
export interface WatchVerifierPorts {
  readonly nftables: Pick<Nftables, 'verify'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Changes went unheard. */
  missed(): void;
  /** The kernel tells us nothing, and has not for a minute. */
  unwatched(): void;
}

/** Asks again and again whether the watch of our table heard of everything, until it is told to stop. */
export function verifyWatch(ports: WatchVerifierPorts): Cancel {
  let isStopped = false;
  let unwatched = 0;
  let cancel: Cancel = () => undefined;
  const act = (state: WatchState): void => {
    if (isStopped) return;
    unwatched = state === 'unwatched' ? unwatched + 1 : 0;
    if (state === 'missed') ports.missed();
    if (unwatched > 0 && unwatched % UNWATCHED_ROUNDS === 0) ports.unwatched();
  };
  const verify = async (): Promise<void> => {
    try {
      act(await ports.nftables.verify());
    } catch (thrown) {
      // A transport that is busy failing is asked again; the loop reports its failures.
      ports.logger.debug({ error: toError(thrown).message }, 'cannot verify the nftables watch');
    }
    next();
  };
  const next = (): void => {
    if (!isStopped) cancel = ports.clock.after(VERIFY_MS, () => void verify());
  };
  next();
  return () => {
    isStopped = true;
    cancel();
  };
}
