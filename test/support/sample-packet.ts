import type { Packet } from '../../src/net/packet.ts';

/** A new TCP connection from 10.0.1.9:40000 to port 8055 of 10.0.1.1, in on eth0; change what a test is about. */
export function samplePacket(changes: Partial<Packet> = {}): Packet {
  return {
    path: 'input',
    family: 4,
    iifname: 'eth0',
    oifname: '',
    oifnameAfterDnat: null,
    source: '10.0.1.9',
    destination: '10.0.1.1',
    protocol: 6,
    sourcePort: 40000,
    destinationPort: 8055,
    icmpType: null,
    icmpCode: null,
    hopLimit: 64,
    mark: 0,
    conntrack: 'new',
    dnat: null,
    ...changes,
  };
}

/** The sample going out on eth0 to 10.0.1.9 instead. */
export function sampleOutput(changes: Partial<Packet> = {}): Packet {
  return samplePacket({
    path: 'output',
    iifname: '',
    oifname: 'eth0',
    source: '10.0.1.1',
    destination: '10.0.1.9',
    ...changes,
  });
}

/** The sample routed from eth0 to eth1, to 10.0.2.50. */
export function sampleForward(changes: Partial<Packet> = {}): Packet {
  return samplePacket({
    path: 'forward',
    oifname: 'eth1',
    destination: '10.0.2.50',
    ...changes,
  });
}

/** The sample between two processes of this host, over lo. */
export function sampleLoopback(changes: Partial<Packet> = {}): Packet {
  return samplePacket({
    path: 'loopback',
    iifname: 'lo',
    oifname: 'lo',
    source: '10.0.1.1',
    ...changes,
  });
}

/** The IPv6 sample: the same with fd00:1::9 and fd00:1::1. */
export function sampleIPv6(changes: Partial<Packet> = {}): Packet {
  return samplePacket({ family: 6, source: 'fd00:1::9', destination: 'fd00:1::1', ...changes });
}

/** A neighbour solicitation from the link. */
export function sampleNeighbourSolicitation(changes: Partial<Packet> = {}): Packet {
  return sampleIPv6({
    protocol: 58,
    sourcePort: null,
    destinationPort: null,
    icmpType: 135,
    icmpCode: 0,
    hopLimit: 255,
    conntrack: 'untracked',
    ...changes,
  });
}
