import { buildLab, type HostPlan, type InterfacePlan, type Lab } from '../support/lab.ts';

/** A: host under test. B: second protected host. C: client beside them. S, S2: behind A. M: runs etcd. */
export type HostName = 'A' | 'B' | 'C' | 'S' | 'S2' | 'M';

/** The node names of the two hosts that run the daemon. */
export const NODE_NAMES = { A: 'hosta', B: 'hostb' } as const;

/** Where etcd listens. */
export const ETCD_ADDRESS = '10.0.9.10';

/** Ports of the echo servers: the failsafe ports, those of the rows, and neighbours of both. */
export const TCP_PORTS: readonly number[] = [
  ...[22, 80, 179, 443, 2379, 2380, 5473, 6443, 6666, 6667, 8000, 8050, 8055, 8100, 8101],
  ...[9000, 9001, 9100, 9200, 9300],
  ...[1001, 1003, 1005, 1007, 1009, 1011, 1013, 1015, 1017, 1019, 1021, 1023, 1025, 1027],
];
export const UDP_PORTS: readonly number[] = [53, 67, 68, 8055, 9000];

// Another owner's table on A: port forwarding, also for A itself, with a way back for hairpins.
const PORT_FORWARDING = `
table inet labnat {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    meta nfproto ipv4 tcp dport 32010 dnat ip to 10.0.2.50:8055
    meta nfproto ipv4 tcp dport 32011 dnat ip to 10.0.2.50:9000
    meta nfproto ipv6 tcp dport 32010 dnat ip6 to [fd00:2::50]:8055
    meta nfproto ipv6 tcp dport 32011 dnat ip6 to [fd00:2::50]:9000
  }
  chain output {
    type nat hook output priority -100;
    meta nfproto ipv4 tcp dport 32010 dnat ip to 10.0.2.50:8055
    meta nfproto ipv4 tcp dport 32011 dnat ip to 10.0.2.50:9000
    meta nfproto ipv6 tcp dport 32010 dnat ip6 to [fd00:2::50]:8055
    meta nfproto ipv6 tcp dport 32011 dnat ip6 to [fd00:2::50]:9000
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "eth1" ct status dnat masquerade
  }
}
`;

const SERVERS = { tcp: TCP_PORTS, udp: UDP_PORTS };
const ROUTER_0 = ['10.0.1.1', 'fd00:1::1'];
const ROUTER_1 = ['10.0.2.1', 'fd00:2::1'];

function port(name: string, lan: string, ...addresses: readonly string[]): InterfacePlan {
  return { name, lan, addresses };
}

const PLANS: readonly (HostPlan & { readonly name: HostName })[] = [
  {
    name: 'A',
    interfaces: [
      port('eth0', 'lan0', '10.0.1.1/24', 'fd00:1::1/64'),
      port('eth1', 'lan1', '10.0.2.1/24', 'fd00:2::1/64'),
      port('mgmt0', 'mgmt', '10.0.9.1/24'),
    ],
    forwards: true,
    alsoListens: ['127.0.0.1', '127.0.0.53', '::1'],
    ...SERVERS,
    nft: PORT_FORWARDING,
  },
  {
    name: 'B',
    interfaces: [
      port('eth0', 'lan0', '10.0.1.2/24', 'fd00:1::2/64'),
      port('mgmt0', 'mgmt', '10.0.9.2/24'),
    ],
    routers: ROUTER_0,
    ...SERVERS,
  },
  {
    name: 'C',
    // The further addresses are those of more clients, picked as the source of a probe.
    interfaces: [
      port(
        ...(['eth0', 'lan0'] as const),
        ...['10.0.1.9/24', '10.0.1.21/24', '10.0.1.22/24', '10.0.1.23/24'],
        ...['fd00:1::9/64', 'fd00:1::21/64', 'fd00:1::22/64', 'fd00:1::23/64'],
      ),
    ],
    routers: ROUTER_0,
    ...SERVERS,
  },
  {
    name: 'S',
    interfaces: [port('eth0', 'lan1', '10.0.2.50/24', 'fd00:2::50/64')],
    routers: ROUTER_1,
    ...SERVERS,
  },
  {
    name: 'S2',
    interfaces: [port('eth0', 'lan1', '10.0.2.51/24', 'fd00:2::51/64')],
    routers: ROUTER_1,
    ...SERVERS,
  },
  { name: 'M', interfaces: [port('eth0', 'mgmt', `${ETCD_ADDRESS}/24`)] },
];

/** Builds the network of the acceptance rows; the caller disposes of it. */
export function buildPacketLab(): Promise<Lab<HostName>> {
  return buildLab(PLANS);
}
