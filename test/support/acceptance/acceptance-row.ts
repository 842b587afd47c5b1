import type { ExplainSettings } from '../../../src/explain/explain-settings.ts';
import { DEFAULT_FAILSAFE_INBOUND, DEFAULT_FAILSAFE_OUTBOUND } from '../../../src/net/failsafe.ts';
import type { Packet } from '../../../src/net/packet.ts';
import type { Resource } from '../../../src/resource/resource.ts';
import { hostEndpoint, rule } from '../policy-objects.ts';
import { samplePacket } from '../sample-packet.ts';

/** Objects, packets, and what becomes of them. C is 10.0.1.9 on eth0's link, S is 10.0.2.50 behind eth1. */
export interface AcceptanceRow {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly settings?: Partial<ExplainSettings>;
  readonly allowed?: readonly Packet[];
  readonly denied?: readonly Packet[];
  /** Allowed, and without a conntrack entry. */
  readonly untracked?: readonly Packet[];
}

/** Felix's defaults, and exact parity: neighbour discovery is not kept alive. */
export const PARITY: ExplainSettings = {
  enforcement: 'enforce',
  failsafeInbound: DEFAULT_FAILSAFE_INBOUND,
  failsafeOutbound: DEFAULT_FAILSAFE_OUTBOUND,
  disableConntrackInvalidCheck: false,
  denyAction: 'Drop',
  neighbourDiscoveryKeepAlive: false,
  ipv6Support: true,
};

/** The profile that is always there. */
export const DEFAULT_ALLOW = { profiles: ['projectcalico-default-allow'] };
/** Endpoints with the label role=edge that nothing else distinguishes. */
export const ETH0 = hostEndpoint('eth0');
export const ETH0_OPEN = hostEndpoint('eth0', DEFAULT_ALLOW);
export const ETH1 = hostEndpoint('eth1');
export const STAR = hostEndpoint('*');
/** Rules without a condition. */
export const ALLOW = rule('Allow');
export const DENY = rule('Deny');
export const PASS = rule('Pass');

/** The sample packet to another port of this host. */
export const toPort = (destinationPort: number): Packet => samplePacket({ destinationPort });
/** UDP to a port. */
export const udp = (port: number): Partial<Packet> => ({ protocol: 17, destinationPort: port });
/** B is 10.0.1.2, on eth0's link. */
export const fromB = { source: '10.0.1.2' };
/** In on eth1, from S. */
export const fromS = { iifname: 'eth1', source: '10.0.2.50' };
/** ICMP of a type and code. */
export const icmp = (type: number, code = 0): Partial<Packet> => ({
  protocol: 1,
  sourcePort: null,
  destinationPort: null,
  icmpType: type,
  icmpCode: code,
});
/** A protocol without ports. */
export const bareProtocol = (protocol: number): Partial<Packet> => ({
  protocol,
  sourcePort: null,
  destinationPort: null,
});
/** D: the tester's own DNAT of 32010 to S:8055 and 32011 to S:9000. */
export const via = (port: 32010 | 32011): Partial<Packet> => ({
  destination: '10.0.1.1',
  destinationPort: port,
  dnat: { destination: '10.0.2.50', destinationPort: port === 32010 ? 8055 : 9000 },
});
