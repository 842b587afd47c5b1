import { compareBytes } from '../base/byte-order.ts';
import { sameItems } from '../base/same-items.ts';
import type { HostEndpoint } from '../resource/resource.ts';

/** An interface as far as matching host endpoints is concerned. */
export interface LocalInterface {
  readonly name: string;
  readonly running: boolean;
  /** Canonical addresses. */
  readonly addresses: readonly string[];
}

/** Which host endpoint governs what, and whether its interfaces exist and run. */
export interface Governed {
  readonly hostEndpoint: HostEndpoint;
  /** Sorted; names of interfaces that do not exist (yet) included. `*` for the all-interfaces endpoint. */
  readonly interfaces: readonly string[] | '*';
  /** Calico's endpoint status: `up` all running, `down` some not running, `error` nothing matched. */
  readonly state: 'up' | 'down' | 'error';
}

/**
 * Matches this node's host endpoints to interfaces as Felix does: by name, or, without a name, by any
 * expected address; several candidates for one interface: the smallest endpoint name wins, a match by
 * name has no precedence. An endpoint with a name governs that name before the interface exists, so
 * that there is no gap when it appears.
 */
export function matchHostEndpoints(
  local: readonly HostEndpoint[],
  interfaces: readonly LocalInterface[],
  isExcluded: (interfaceName: string) => boolean,
): readonly Governed[] {
  const endpoints = [...local].sort((a, b) => compareBytes(a.name, b.name));
  const winners = new Map<string, HostEndpoint>();
  for (const [name, candidates] of candidatesByInterface(endpoints, interfaces)) {
    const winner = candidates[0];
    if (winner !== undefined && !isExcluded(name)) winners.set(name, winner);
  }
  const star = endpoints.find(({ interfaceName }) => interfaceName === '*');
  const byName = new Map(interfaces.map((one) => [one.name, one]));
  return endpoints.map((hostEndpoint) => {
    if (hostEndpoint.interfaceName === '*') {
      const isActive = hostEndpoint === star;
      return { hostEndpoint, interfaces: isActive ? '*' : [], state: isActive ? 'up' : 'error' };
    }
    const governed = [...winners].filter(([, winner]) => winner === hostEndpoint);
    const names = governed.map(([name]) => name).sort(compareBytes);
    return { hostEndpoint, interfaces: names, state: stateOf(names, byName) };
  });
}

/** Whether the same endpoints govern the same interfaces, whatever state these are in. */
export function governsTheSame(a: readonly Governed[], b: readonly Governed[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      return (
        one.hostEndpoint === other?.hostEndpoint && sameNames(one.interfaces, other.interfaces)
      );
    })
  );
}

function sameNames(a: Governed['interfaces'], b: Governed['interfaces']): boolean {
  return a === '*' || b === '*' ? a === b : sameItems(a, b);
}

function candidatesByInterface(
  endpoints: readonly HostEndpoint[],
  interfaces: readonly LocalInterface[],
): ReadonlyMap<string, readonly HostEndpoint[]> {
  const addressesOf = new Map(interfaces.map((one) => [one.name, new Set(one.addresses)]));
  const named = endpoints.map(({ interfaceName }) => interfaceName);
  const names = new Set([...addressesOf.keys(), ...named.filter((n) => n !== '' && n !== '*')]);
  const candidates = new Map<string, readonly HostEndpoint[]>();
  for (const name of names) {
    const addresses = addressesOf.get(name);
    const matching = endpoints.filter((endpoint) =>
      endpoint.interfaceName === ''
        ? endpoint.expectedIPs.some((address) => addresses?.has(address) === true)
        : endpoint.interfaceName === name,
    );
    candidates.set(name, matching);
  }
  return candidates;
}

function stateOf(
  names: readonly string[],
  interfaces: ReadonlyMap<string, LocalInterface>,
): Governed['state'] {
  const existing = names.flatMap((name) => interfaces.get(name) ?? []);
  if (existing.length === 0) return 'error';
  return existing.every(({ running }) => running) ? 'up' : 'down';
}
