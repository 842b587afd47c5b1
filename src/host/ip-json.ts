import { parseAddress } from '../net/address.ts';
import type { NetworkInterface } from './host.ts';
import { sortInventory } from './inventory.ts';

/**
 * The inventory, in delivery order, from what `ip -j link show` and `ip -j route show table local type local` (one
 * text per family) print. Throws SyntaxError on text that is not JSON; entries of another shape are left out.
 */
export function inventoryFromIpJson(
  links: string,
  routes: readonly string[],
): readonly NetworkInterface[] {
  const addresses = new Map<string, string[]>();
  for (const route of routes.flatMap(parseList)) {
    const device = route['dev'];
    const address = destinationAddress(route['dst']);
    if (typeof device !== 'string' || address === null) continue;
    addresses.set(device, [...(addresses.get(device) ?? []), address]);
  }
  const interfaces: NetworkInterface[] = [];
  for (const link of parseList(links)) {
    const { ifindex: index, ifname: name, flags } = link;
    if (typeof index !== 'number' || typeof name !== 'string' || !Array.isArray(flags)) continue;
    // iproute2 never prints RUNNING: an interface that is UP without it gets NO-CARRIER instead.
    const running = flags.includes('UP') && !flags.includes('NO-CARRIER');
    interfaces.push({ index, name, running, addresses: addresses.get(name) ?? [] });
  }
  return sortInventory(interfaces);
}

// iproute2 prints nothing at all, or an empty object in the list, where there is nothing to show.
function parseList(text: string): readonly Readonly<Record<string, unknown>>[] {
  const parsed: unknown = text.trim() === '' ? [] : JSON.parse(text);
  if (!Array.isArray(parsed)) return [];
  return parsed.filter(isRecord);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function destinationAddress(destination: unknown): string | null {
  if (typeof destination !== 'string') return null;
  const [address = ''] = destination.split('/');
  return parseAddress(address)?.text ?? null;
}
