import { addressLength, formatAddress } from '../net/address.ts';
import { parseNet } from '../net/cidr.ts';

/** Something that rules ask of an address: whether it is one of `members`. */
export interface AddressCondition {
  readonly key: string;
  /** Addresses and CIDRs of both families. */
  readonly members: Iterable<string>;
}

/** Addresses that no rule can tell apart. */
export interface Atom {
  readonly family: 4 | 6;
  /** One of them. */
  readonly address: string;
  /** Keys of the conditions that hold for all of them. */
  readonly holds: ReadonlySet<string>;
}

interface Edge {
  readonly at: bigint;
  readonly key: string;
  readonly step: 1 | -1;
}

/** All addresses of a family, parted by what `conditions` say of them. */
export function atomsOf(family: 4 | 6, conditions: readonly AddressCondition[]): readonly Atom[] {
  const edges = conditions.flatMap((one) => edgesOf(family, one));
  edges.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const end = 1n << BigInt(addressLength(family));
  const depths = new Map<string, number>();
  const atoms = new Map<string, Atom>();
  let index = 0;
  for (let at = 0n; at < end; at = edges[index]?.at ?? end) {
    for (let edge = edges[index]; edge?.at === at; edge = edges[++index]) {
      const depth = (depths.get(edge.key) ?? 0) + edge.step;
      if (depth === 0) depths.delete(edge.key);
      else depths.set(edge.key, depth);
    }
    const signature = [...depths.keys()].sort().join('\n');
    if (!atoms.has(signature))
      atoms.set(signature, {
        family,
        address: formatAddress(family, at),
        holds: new Set(depths.keys()),
      });
  }
  return [...atoms.values()];
}

function edgesOf(family: 4 | 6, { key, members }: AddressCondition): readonly Edge[] {
  const edges: Edge[] = [];
  for (const member of members) {
    const net = parseNet(member);
    if (net?.family !== family) continue;
    const size = 1n << BigInt(addressLength(family) - net.prefix);
    edges.push({ at: net.bits, key, step: 1 }, { at: net.bits + size, key, step: -1 });
  }
  return edges;
}
