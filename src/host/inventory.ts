import { sameItems } from '../base/same-items.ts';
import { compareBytes } from '../base/byte-order.ts';
import type { NetworkInterface } from './host.ts';

/** The same interfaces in the order a Host delivers them: by name, addresses sorted and once each. */
export function sortInventory(
  interfaces: readonly NetworkInterface[],
): readonly NetworkInterface[] {
  return interfaces
    .map((entry) => ({ ...entry, addresses: [...new Set(entry.addresses)].sort(compareBytes) }))
    .sort((a, b) => compareBytes(a.name, b.name));
}

/** Whether two inventories, both in delivery order, say the same. */
export function sameInventory(
  a: readonly NetworkInterface[],
  b: readonly NetworkInterface[],
): boolean {
  return a.length === b.length && a.every((entry, i) => sameInterface(entry, b[i]));
}

function sameInterface(a: NetworkInterface, b: NetworkInterface | undefined): boolean {
  return (
    a.index === b?.index &&
    a.name === b.name &&
    a.running === b.running &&
    sameItems(a.addresses, b.addresses)
  );
}
