import { parseAddress } from '../../../src/net/address.ts';
import { cidrContains, parseNet } from '../../../src/net/cidr.ts';
import type { Explanation } from '../../../src/explain/explain.ts';
import type { SetLookup } from '../../../src/explain/step.ts';
import { resourceName } from '../../../src/resource/resource.ts';
import type { Resource, ResourceUpdate } from '../../../src/resource/resource.ts';
import { matchesSelector } from '../../../src/selector/match.ts';
import { parseSelector } from '../../../src/selector/parse.ts';
import { labelsReader } from './effective-labels.ts';

/** A member of a set that had a say, and the objects that put it there. */
export interface MemberOrigin {
  readonly setId: string;
  readonly description: string;
  readonly member: string;
  readonly objects: readonly string[];
}

/** Who the members are that rules found in their sets. */
export function memberOrigins(
  { trail }: Explanation,
  updates: readonly ResourceUpdate[],
): readonly MemberOrigin[] {
  const lookups = trail.flatMap((step) =>
    'rules' in step ? step.rules.flatMap((rule) => rule.lookups) : [],
  );
  const hits = new Map(
    lookups.flatMap((one) => (one.member === null ? [] : [[`${one.setId} ${one.wanted}`, one]])),
  );
  const labelsOf = labelsReader(updates);
  return [...hits.values()].map((lookup) => ({
    setId: lookup.setId,
    description: lookup.description,
    member: lookup.member ?? '',
    objects: updates
      .flatMap(({ resource }) => (isContributor(resource) ? [resource] : []))
      .filter((one) => contributes(one, lookup, labelsOf(one)))
      .map(resourceName),
  }));
}

type Contributor = Extract<
  Resource,
  { readonly kind: 'HostEndpoint' | 'WorkloadEndpoint' | 'GlobalNetworkSet' | 'NetworkSet' }
>;

function isContributor(resource: Resource | null): resource is Contributor {
  return (
    resource?.kind === 'HostEndpoint' ||
    resource?.kind === 'WorkloadEndpoint' ||
    resource?.kind === 'GlobalNetworkSet' ||
    resource?.kind === 'NetworkSet'
  );
}

function contributes(
  object: Contributor,
  { description, wanted }: SetLookup,
  labels: ReadonlyMap<string, string>,
): boolean {
  const [text = '', protocol, port] = wanted.split(' . ');
  const address = parseAddress(text);
  const isThere = netsOf(object).some((one) => {
    const net = parseNet(one);
    return net !== null && address !== null && cidrContains(net, address);
  });
  if (!isThere) return false;
  if (port !== undefined) {
    return (
      'ports' in object &&
      object.ports.some((one) => one.port === Number(port) && one.protocol === Number(protocol))
    );
  }
  const selector = parseSelector(description);
  return selector.ok && matchesSelector(selector.value, (key) => labels.get(key));
}

function netsOf(object: Contributor): readonly string[] {
  if ('nets' in object) return object.nets;
  return object.kind === 'HostEndpoint' ? object.expectedIPs : object.addresses;
}
