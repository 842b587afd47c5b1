import type { Nftables } from '../nftables-json/nftables.ts';

/** The same port, with some methods of its own. */
export function nftablesWith(nftables: Nftables, own: Partial<Nftables>): Nftables {
  return {
    info: nftables.info,
    apply: (transaction) => nftables.apply(transaction),
    check: (transaction) => nftables.check(transaction),
    read: () => nftables.read(),
    counters: () => nftables.counters(),
    list: () => nftables.list(),
    watch: (listener) => nftables.watch(listener),
    verify: () => nftables.verify(),
    close: () => nftables.close(),
    ...own,
  };
}
