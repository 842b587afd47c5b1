import { compareBytes } from '../base/byte-order.ts';
import { matchesSelector } from '../selector/match.ts';
import type { FelixConfiguration, Node } from '../resource/resource.ts';

type Parameters = FelixConfiguration['parameters'];

/** The FelixConfiguration objects that apply to one host, strongest first; null: there is none. */
export interface FelixLayers {
  readonly perHost: Parameters | null;
  readonly bySelector: Parameters | null;
  readonly global: Parameters | null;
}

/**
 * Picks them as Felix does (v3.32): `node.<name>`; the one whose nodeSelector matches the labels of the
 * Node object named like this host, the oldest when several do, then the smallest name; `default`.
 */
export function felixLayers(
  configurations: ReadonlyMap<string, FelixConfiguration>,
  nodeName: string,
  node: Node | null,
): FelixLayers {
  const matching = [...configurations.values()]
    .filter((one) => !isReserved(one.name) && selectsNode(one, node))
    .sort(compareAge);
  return {
    perHost: configurations.get(`node.${nodeName}`)?.parameters ?? null,
    bySelector: matching[0]?.parameters ?? null,
    global: configurations.get('default')?.parameters ?? null,
  };
}

function isReserved(name: string): boolean {
  return name === 'default' || name.startsWith('node.');
}

function selectsNode(configuration: FelixConfiguration, node: Node | null): boolean {
  if (configuration.nodeSelector === null || node === null) return false;
  return matchesSelector(configuration.nodeSelector, (key) =>
    Object.hasOwn(node.labels, key) ? node.labels[key] : undefined,
  );
}

// An object without a known creation time counts as the youngest.
function compareAge(a: FelixConfiguration, b: FelixConfiguration): number {
  const ageA = Date.parse(a.creationTimestamp);
  const ageB = Date.parse(b.creationTimestamp);
  const byAge = (Number.isNaN(ageA) ? Infinity : ageA) - (Number.isNaN(ageB) ? Infinity : ageB);
  return byAge === 0 || Number.isNaN(byAge) ? compareBytes(a.name, b.name) : byAge;
}
