import type { Nftables } from '../nftables-json/nftables.ts';
import type { Metrics } from '../status/metrics.ts';

/** The same port; every time that our table is read back is counted. */
export function meterNftables(nftables: Nftables, metrics: Pick<Metrics, 'recordRead'>): Nftables {
  return {
    info: nftables.info,
    apply: (transaction) => nftables.apply(transaction),
    check: (transaction) => nftables.check(transaction),
    counters: () => nftables.counters(),
    list: () => nftables.list(),
    watch: (listener) => nftables.watch(listener),
    verify: () => nftables.verify(),
    close: () => nftables.close(),
    read: async () => {
      try {
        const inventory = await nftables.read();
        metrics.recordRead(true);
        return inventory;
      } catch (error) {
        metrics.recordRead(false);
        throw error;
      }
    },
  };
}
