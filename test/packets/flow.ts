import { icmpProtocol } from '../../src/net/packet.ts';
import type { Packet } from '../../src/net/packet.ts';
import type { Probe } from '../support/probe.ts';
import { addressOf, type Check, type Family, probeOf } from './check.ts';
import type { HostName, NODE_NAMES } from './topology.ts';

/** What one protected host sees of a flow's first packet. */
export interface Seen {
  readonly host: keyof typeof NODE_NAMES;
  readonly packet: Packet;
}

const HOME: Readonly<Record<string, HostName>> = {
  ...owned('A', '10.0.1.1', 'fd00:1::1', '10.0.2.1', 'fd00:2::1'),
  ...owned('B', '10.0.1.2', 'fd00:1::2'),
  ...owned('C', '10.0.1.9', '10.0.1.21', '10.0.1.22', '10.0.1.23'),
  ...owned('C', 'fd00:1::9', 'fd00:1::21', 'fd00:1::22', 'fd00:1::23'),
  ...owned('S', '10.0.2.50', 'fd00:2::50'),
  ...owned('S2', '10.0.2.51', 'fd00:2::51'),
};

// What the port forwarding on A makes of a port.
const FORWARDED: Readonly<Record<number, number>> = { 32010: 8055, 32011: 9000 };

// What the kernel picks is not told; no row asks for it.
const SOURCE_PORT = 49_152;

/**
 * The first packet of a check's flow as the protected hosts on its way see it: where it leaves, where it is
 * routed, where it arrives. Null where the way is not known.
 */
export function seenOnTheWay(check: Check, family: Family): readonly Seen[] | null {
  const probe = probeOf(check, family);
  const sender = check.from;
  const isLocal = check.to === 'loopback' || isLoopback(probe.dst);
  const owner = isLocal ? sender : HOME[probe.dst];
  if (owner === undefined || sender === 'M') return null;
  const dnat = dnatOnTheWay(sender, probe, family);
  const receiver = dnat === null || sender === 'S' || sender === 'S2' ? owner : 'S';
  const header = headerOf(check, probe, family);
  if (owner === sender && dnat === null) return seenAlone(sender, header);
  const first = leaving(sender, lanOf(owner), { ...header, dnat: sender === 'A' ? dnat : null });
  return [
    ...first,
    ...routed(sender, receiver, { ...header, dnat }),
    ...arriving(sender, receiver, header),
  ];
}

function owned(host: HostName, ...addresses: readonly string[]): Record<string, HostName> {
  return Object.fromEntries(addresses.map((address) => [address, host]));
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function headerOf(check: Check, probe: Probe, family: Family): Packet {
  const port = 'port' in probe ? probe.port : null;
  const isIcmp = probe.kind === 'icmp';
  return {
    path: 'input',
    family,
    iifname: '',
    oifname: '',
    oifnameAfterDnat: null,
    source: sourceOf(check, probe, family),
    destination: probe.dst,
    protocol: protocolOf(probe, family),
    sourcePort: port === null ? null : SOURCE_PORT,
    destinationPort: port,
    icmpType: isIcmp ? (probe.type ?? (family === 4 ? 8 : 128)) : null,
    icmpCode: isIcmp ? (probe.code ?? 0) : null,
    hopLimit: 64,
    mark: 0,
    conntrack: 'new',
    dnat: null,
  };
}

// Linux answers itself from the address that it was asked for.
function sourceOf(check: Check, { src, dst }: Probe, family: Family): string {
  if (src !== undefined) return src;
  if (isLoopback(dst)) return family === 4 ? '127.0.0.1' : '::1';
  if (HOME[dst] === check.from) return dst;
  if (check.from === 'A')
    return addressOf('A', lanOf(HOME[dst]) === 1 ? 'A.eth1' : 'A.eth0', family);
  return addressOf('C', check.from === 'M' ? 'C' : check.from, family);
}

function protocolOf(probe: Probe, family: Family): number {
  switch (probe.kind) {
    case 'tcp':
      return 6;
    case 'udp':
      return 17;
    case 'icmp':
      return icmpProtocol(family);
    case 'sctp':
      return 132;
    case 'ip':
      return probe.protocol;
  }
}

function lanOf(host: HostName | undefined): 0 | 1 {
  return host === 'S' || host === 'S2' ? 1 : 0;
}

// Only what passes A meets its port forwarding.
function dnatOnTheWay(sender: HostName, probe: Probe, family: Family): Packet['dnat'] {
  const port = probe.kind === 'tcp' ? FORWARDED[probe.port] : undefined;
  const owner = HOME[probe.dst];
  const meetsA = sender === 'A' || owner === 'A' || lanOf(owner) !== lanOf(sender);
  if (port === undefined || !meetsA) return null;
  return { destination: addressOf('C', 'S', family), destinationPort: port };
}

function seenAlone(host: HostName, header: Packet): readonly Seen[] {
  if (host !== 'A' && host !== 'B') return [];
  return [{ host, packet: { ...header, path: 'loopback', iifname: 'lo', oifname: 'lo' } }];
}

function leaving(sender: HostName, lan: 0 | 1, packet: Packet): readonly Seen[] {
  if (sender !== 'A' && sender !== 'B') return [];
  const oifname = sender === 'A' && lan === 1 ? 'eth1' : 'eth0';
  const own = HOME[packet.destination] === sender ? 'lo' : oifname;
  const oifnameAfterDnat = packet.dnat === null ? null : 'eth1';
  return [{ host: sender, packet: { ...packet, path: 'output', oifname: own, oifnameAfterDnat } }];
}

function routed(sender: HostName, receiver: HostName, packet: Packet): readonly Seen[] {
  if (sender === 'A' || receiver === 'A') return [];
  if (lanOf(sender) === lanOf(receiver) && packet.dnat === null) return [];
  const iifname = `eth${lanOf(sender)}`;
  const oifname = `eth${lanOf(receiver)}`;
  return [{ host: 'A', packet: { ...packet, path: 'forward', iifname, oifname } }];
}

function arriving(sender: HostName, receiver: HostName, packet: Packet): readonly Seen[] {
  if (receiver !== 'A' && receiver !== 'B') return [];
  const iifname = receiver === 'A' ? `eth${lanOf(sender)}` : 'eth0';
  return [{ host: receiver, packet: { ...packet, path: 'input', iifname } }];
}
