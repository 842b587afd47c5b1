import type { Nftables } from '../nftables-json/nftables.ts';
import type { Metrics } from '../status/metrics.ts';
import { nftablesWith } from './nftables-with.ts';

/** The same port; every time that our table is read back is counted. */
export function meterNftables(nftables: Nftables, metrics: Pick<Metrics, 'recordRead'>): Nftables {
  return nftablesWith(nftables, {
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
  });
}
