import fc from 'fast-check';
import type { ExplainSettings } from '../../src/explain/explain-settings.ts';
import type { Packet } from '../../src/net/packet.ts';
import type { FailsafePort } from '../../src/net/failsafe.ts';
import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { resourceName } from '../../src/resource/resource.ts';
import type {
  EndpointPort,
  HostEndpoint,
  Labels,
  NetworkSet,
  Policy,
  Profile,
  Resource,
  Tier,
  WorkloadEndpoint,
} from '../../src/resource/resource.ts';
import {
  ADDRESSES,
  ICMP_TYPES,
  NETS,
  PORTED,
  PORTS,
  PORT_NAMES,
  rules,
  selectors,
} from './random-rule.ts';

export const NODE = 'hosta';
const INTERFACES = ['eth0', 'eth1', 'lo', 'wg0'] as const;
const TIERS = ['default', 'security', 'ghost'] as const;
const PROFILES = ['projectcalico-default-allow', 'p1', 'p2', 'nope'] as const;

/** The objects of a datastore and this host's interfaces. */
export interface World {
  readonly resources: readonly Resource[];
}

const labels: fc.Arbitrary<Labels> = fc
  .record({
    role: fc.constantFrom('edge', 'edge', 'web', ''),
    zone: fc.constantFrom('a', 'a', 'b', ''),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')));

const addresses = fc.uniqueArray(fc.constantFrom(...ADDRESSES[4], ...ADDRESSES[6]), {
  maxLength: 3,
});

const endpointPorts: fc.Arbitrary<readonly EndpointPort[]> = fc.array(
  fc.record({
    name: fc.constantFrom(...PORT_NAMES),
    protocol: fc.constantFrom(...PORTED),
    port: fc.constantFrom(...PORTS),
  }),
  { minLength: 1, maxLength: 6 },
);

const profileNames = fc.uniqueArray(fc.constantFrom('p1', 'p1', 'p2', ...PROFILES), {
  maxLength: 2,
});

// One endpoint of every kind of name, so that each interface may have its own, another's by address, or none.
const hostEndpoints: fc.Arbitrary<readonly HostEndpoint[]> = fc
  .subarray(['eth0', 'eth1', 'lo', '*', '', 'elsewhere'], { minLength: 1 })
  .chain((names) => fc.tuple(...names.map(hostEndpoint)));

function hostEndpoint(of: string): fc.Arbitrary<HostEndpoint> {
  return fc.record({
    kind: fc.constant('HostEndpoint' as const),
    namespace: fc.constant(''),
    name: fc.constantFrom('a', 'b').map((first) => `${first}-${of === '*' ? 'star' : of}`),
    labels,
    node: fc.constant(of === 'elsewhere' ? 'hostb' : NODE),
    interfaceName: fc.constant(of === 'elsewhere' ? 'eth0' : of),
    expectedIPs: fc.subarray([...ADDRESSES[4], ...ADDRESSES[6]]),
    profiles: profileNames,
    ports: endpointPorts,
  });
}

type PolicyFlags = Pick<Policy, 'doNotTrack' | 'preDNAT' | 'applyOnForward'>;

const NORMAL: PolicyFlags = { doNotTrack: false, preDNAT: false, applyOnForward: false };
const policyFlags: fc.Arbitrary<PolicyFlags> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(NORMAL) },
  { weight: 3, arbitrary: fc.constant({ ...NORMAL, applyOnForward: true }) },
  { weight: 2, arbitrary: fc.constant({ ...NORMAL, applyOnForward: true, preDNAT: true }) },
  { weight: 2, arbitrary: fc.constant({ ...NORMAL, applyOnForward: true, doNotTrack: true }) },
);

const policies: fc.Arbitrary<readonly Policy[]> = fc.uniqueArray(
  policyFlags.chain((flags) =>
    fc
      .record({
        name: fc.constantFrom('p', 'q', 'r', 's', 't', 'q-r'),
        tier: fc.constantFrom(...TIERS),
        order: fc.constantFrom(1, 2, Infinity),
        selector: selectors,
        directions: fc.constantFrom('both', 'both', 'ingress', 'egress'),
        ingress: fc.array(rules, { maxLength: 4 }),
        egress: fc.array(rules, { maxLength: 4 }),
        isStaged: fc.constantFrom(false, false, false, false, false, true),
      })
      .map(({ directions, isStaged, ...rest }): Policy => ({
        ...rest,
        ...flags,
        kind: isStaged ? 'StagedGlobalNetworkPolicy' : 'GlobalNetworkPolicy',
        namespace: '',
        displayName: rest.name,
        appliesToIngress: directions !== 'egress',
        appliesToEgress: directions !== 'ingress',
        stagedAction: isStaged ? 'Set' : '',
      })),
  ),
  { minLength: 1, maxLength: 6, selector: ({ kind, name }) => `${kind} ${name}` },
);

const tiers: fc.Arbitrary<readonly Tier[]> = fc
  .record({
    default: fc.constantFrom('Deny' as const, 'Pass' as const),
    security: fc.constantFrom('Deny' as const, 'Pass' as const),
    observed: fc.constantFrom(...([[], [], ['default'], ['security']] as const)),
  })
  .map((actions) =>
    (['security', 'default'] as const).map((name, i) => ({
      kind: 'Tier',
      namespace: '',
      name,
      order: i === 0 ? 10 : 1_000_000,
      defaultAction: actions[name],
      enforcement: actions.observed.some((one) => one === name) ? 'observe' : 'enforce',
    })),
  );

const profiles: fc.Arbitrary<readonly Profile[]> = fc
  .record({
    ingress: fc.array(rules, { maxLength: 2 }),
    egress: fc.array(rules, { maxLength: 2 }),
    isReadable: fc.constantFrom(true, true, true, false),
    labelsToApply: labels,
  })
  .chain((p1) => fc.constantFrom([p1], [p1, { ...p1, ingress: p1.egress, egress: p1.ingress }]))
  .map((contents) => contents.map((content, i) => profile(`p${i + 1}`, content)));

function profile(
  name: string,
  {
    ingress,
    egress,
    isReadable,
    labelsToApply,
  }: Pick<Policy, 'ingress' | 'egress'> & { isReadable: boolean; labelsToApply: Labels },
): Profile {
  const own = isReadable ? { ingress, egress } : null;
  return { kind: 'Profile', namespace: '', name, rules: own, labelsToApply };
}

const networkSets: fc.Arbitrary<readonly NetworkSet[]> = fc.uniqueArray(
  fc.record({
    kind: fc.constant('GlobalNetworkSet' as const),
    namespace: fc.constant(''),
    name: fc.constantFrom('n', 'm', 'o'),
    labels,
    profiles: fc.constant([]),
    nets: fc.uniqueArray(fc.constantFrom(...NETS[4], ...NETS[6]), { maxLength: 4 }),
  }),
  { maxLength: 3, selector: ({ name }) => name },
);

const workloads: fc.Arbitrary<readonly WorkloadEndpoint[]> = fc.uniqueArray(
  fc.record({
    kind: fc.constant('WorkloadEndpoint' as const),
    namespace: fc.constant('shop'),
    name: fc.constantFrom('w1', 'w2'),
    labels,
    profiles: profileNames,
    addresses,
    ports: endpointPorts,
  }),
  { maxLength: 2, selector: ({ name }) => name },
);

/** Datastores with a host's endpoints, policies of all four stages, tiers, profiles and sets. */
export const worlds: fc.Arbitrary<World> = fc
  .tuple(hostEndpoints, policies, tiers, profiles, networkSets, workloads)
  .map((parts) => ({ resources: parts.flat() }));

/** A store of this host without any objects: eth0 has the first address of each family, eth1 the fourth. */
export function emptyStore(): PolicyStore {
  const store = new PolicyStore(NODE);
  const addressesOf = (i: number): readonly string[] =>
    ([4, 6] as const).flatMap((family) => ADDRESSES[family][i] ?? []);
  store.setInterfaces(
    INTERFACES.map((name, i) => ({
      name,
      running: true,
      addresses: i < 2 ? addressesOf(i * 3) : [],
    })),
    () => false,
  );
  return store;
}

/** Turns what is in the store from one world into another. */
export function changeWorld(store: PolicyStore, from: World, to: World): LocalPolicy {
  const kept = new Set(to.resources.map(resourceName));
  for (const resource of to.resources) store.apply({ id: resource, resource, problems: [] });
  for (const id of from.resources) {
    if (!kept.has(resourceName(id))) store.apply({ id, resource: null, problems: [] });
  }
  return store.resolve().policy;
}

/** What a world means on this host. */
export function localPolicyOf(world: World): LocalPolicy {
  return changeWorld(emptyStore(), { resources: [] }, world);
}

const failsafePorts: fc.Arbitrary<readonly FailsafePort[]> = fc.array(
  fc.record({
    protocol: fc.constantFrom(6, 17),
    net: fc.option(fc.constantFrom(...NETS[4], ...NETS[6]), { nil: null, freq: 2 }),
    port: fc.constantFrom(...PORTS),
  }),
  { maxLength: 3 },
);

/** Settings, mostly the defaults but for the failsafe ports. */
export const settings: fc.Arbitrary<ExplainSettings> = fc.record({
  enforcement: fc.constantFrom('enforce', 'observe'),
  failsafeInbound: failsafePorts,
  failsafeOutbound: failsafePorts,
  disableConntrackInvalidCheck: fc.boolean(),
  denyAction: fc.constantFrom('Drop' as const, 'Reject' as const),
  neighbourDiscoveryKeepAlive: fc.boolean(),
  ipv6Support: fc.constantFrom(true, true, true, true, true, true, true, false),
});

const interfaceNames = fc.constantFrom(...INTERFACES);

function headers(family: 4 | 6): fc.Arbitrary<Partial<Packet>> {
  const ported = fc.record({
    protocol: fc.constantFrom(6, 6, 17, 132),
    sourcePort: fc.constantFrom(40000, ...PORTS),
    destinationPort: fc.constantFrom(...PORTS),
  });
  const icmp = fc.record({
    protocol: fc.constant(family === 4 ? 1 : 58),
    icmpType: fc.constantFrom(...ICMP_TYPES),
    icmpCode: fc.constantFrom(0, 1),
  });
  const bare = fc.record({ protocol: fc.constantFrom(253, family === 4 ? 58 : 1) });
  return fc.oneof(
    { weight: 6, arbitrary: ported },
    { weight: 3, arbitrary: icmp },
    { weight: 1, arbitrary: bare },
  );
}

const ways: fc.Arbitrary<Pick<Packet, 'path' | 'iifname' | 'oifname' | 'oifnameAfterDnat'>> =
  fc.oneof(
    fc.record({
      path: fc.constant('input' as const),
      iifname: interfaceNames,
      oifname: fc.constant(''),
      oifnameAfterDnat: fc.constant(null),
    }),
    fc.record({
      path: fc.constant('output' as const),
      iifname: fc.constant(''),
      oifname: interfaceNames,
      oifnameAfterDnat: fc.option(interfaceNames, { nil: null }),
    }),
    fc.record({
      path: fc.constant('forward' as const),
      iifname: interfaceNames,
      oifname: interfaceNames,
      oifnameAfterDnat: fc.constant(null),
    }),
    fc.record({
      path: fc.constant('loopback' as const),
      iifname: fc.constant('lo'),
      oifname: fc.constantFrom('lo', 'lo', 'eth0'),
      oifnameAfterDnat: fc.constant('lo'),
    }),
  );

function packetsOf(family: 4 | 6): fc.Arbitrary<Packet> {
  const address = fc.constantFrom(...ADDRESSES[family]);
  const dnat = fc.record({
    destination: address,
    destinationPort: fc.option(fc.constantFrom(...PORTS), { nil: null }),
  });
  return fc
    .record({
      way: ways,
      header: headers(family),
      source: address,
      destination: address,
      hopLimit: fc.constantFrom(255, 255, 1, 64),
      mark: fc.constantFrom(0, 0x1, 0x30001, 0xffffffff),
      conntrack: fc.constantFrom(
        ...(['new', 'new', 'new', 'new', 'new', 'new'] as const),
        ...(['established', 'related', 'invalid', 'untracked'] as const),
      ),
      dnat: fc.option(dnat, { nil: null, freq: 2 }),
    })
    .map(({ way, header, ...rest }) => ({
      family,
      protocol: 6,
      sourcePort: null,
      destinationPort: null,
      icmpType: null,
      icmpCode: null,
      ...rest,
      ...way,
      ...header,
    }));
}

/** Packets of all paths that meet the pools the worlds are made of. */
export const packets: fc.Arbitrary<Packet> = fc.oneof(packetsOf(4), packetsOf(6));
