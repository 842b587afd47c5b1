import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ForeignChange, Nftables } from '../nftables-json/nftables.ts';
import type { BootReport } from './boot-report.ts';
import { nftablesWith } from './nftables-with.ts';

/** What it takes to know the boot unit's rules when they come. */
export interface BootArrivalPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly boot: Pick<BootReport, 'hasLoaded'>;
  /** Whether nothing at all is in force, as far as this process knows. */
  isOpen(): boolean;
  /** What our table holds is no longer known. */
  doubt(): void;
  /** The boot unit's rules are in force. */
  arrived(): void;
}

// The boot unit leaves its mark once its rules are in the kernel: a few milliseconds later, on a busy machine more.
const LOOK_MS = 50;
const LOOKS = 40;

/**
 * The same port. While nothing is in force, what the boot unit loads is no change by somebody else: it is told apart by
 * the mark that the unit leaves. Whoever watches hears of all other changes, then after two seconds.
 */
export function awaitBootUnit(nftables: Nftables, ports: BootArrivalPorts): Nftables {
  return nftablesWith(nftables, {
    watch: (listener) => {
      let cancel: Cancel = () => undefined;
      const stop = nftables.watch((change) => {
        if (!ports.isOpen()) {
          listener(change);
          return;
        }
        ports.doubt();
        cancel();
        cancel = lookForMark(change, listener, ports);
      });
      return () => {
        cancel();
        stop();
      };
    },
  });
}

function lookForMark(
  change: ForeignChange,
  listener: (change: ForeignChange) => void,
  ports: BootArrivalPorts,
): Cancel {
  let looks = 0;
  let cancel: Cancel = () => undefined;
  const look = (): void => {
    looks += 1;
    if (ports.boot.hasLoaded()) {
      ports.arrived();
      ports.logger.info({}, 'the boot unit has loaded rules: they stay until the first sync');
    } else if (looks === LOOKS) listener(change);
    else cancel = ports.clock.after(LOOK_MS, look);
  };
  look();
  return () => {
    cancel();
  };
}
