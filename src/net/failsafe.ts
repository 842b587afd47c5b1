import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { familyOf, parseNet } from './cidr.ts';
import { protocolName, protocolNumber } from './protocol.ts';

/**
 * A port that stays reachable whatever the policies say. `protocol` is an IP protocol number (6 TCP,
 * 17 UDP, 132 SCTP); `net` is the peer's canonical CIDR, null for any peer.
 */
export interface FailsafePort {
  readonly protocol: 6 | 17 | 132;
  readonly net: string | null;
  readonly port: number;
}

/** Felix's default `failsafeInboundHostPorts`. */
export const DEFAULT_FAILSAFE_INBOUND: readonly FailsafePort[] = [
  tcp(22),
  udp(68),
  tcp(179),
  tcp(2379),
  tcp(2380),
  tcp(5473),
  tcp(6443),
  tcp(6666),
  tcp(6667),
];

/** Felix's default `failsafeOutboundHostPorts`. */
export const DEFAULT_FAILSAFE_OUTBOUND: readonly FailsafePort[] = [
  udp(53),
  udp(67),
  tcp(179),
  tcp(2379),
  tcp(2380),
  tcp(5473),
  tcp(6443),
  tcp(6666),
  tcp(6667),
];

/**
 * Parses a list as Felix's `FailsafeInboundHostPorts` has it: `proto:net:port`, `proto:port` or `port` (TCP),
 * separated by commas, IPv6 networks in brackets. `none` and a blank text are empty lists. Unlike Felix it
 * takes SCTP, which the resource's schema promises. The error names the item and says what to write.
 */
export function parseFailsafePorts(text: string): Result<readonly FailsafePort[], string> {
  const ports: FailsafePort[] = [];
  if (text.trim().toLowerCase() === 'none') return ok(ports);
  for (const item of text.split(',')) {
    const trimmed = item.trim();
    if (trimmed === '') continue;
    const port = parseItem(trimmed);
    if (!port.ok) return err(`failsafe port ${JSON.stringify(trimmed)}: ${port.error}`);
    ports.push(port.value);
  }
  return ok(ports);
}

/** The list as `parseFailsafePorts` reads it; `none` when it is empty. */
export function formatFailsafePorts(ports: readonly FailsafePort[]): string {
  return ports.length === 0 ? 'none' : ports.map(formatItem).join(',');
}

function tcp(port: number): FailsafePort {
  return { protocol: 6, net: null, port };
}

function udp(port: number): FailsafePort {
  return { protocol: 17, net: null, port };
}

const ITEM = /^(?:(?<protocol>[^:[]*):)?(?:(?<net>\[[^\]]*\]|[^:[]*):)?(?<port>[^:]*)$/;

function parseItem(item: string): Result<FailsafePort, string> {
  const parts = ITEM.exec(item)?.groups;
  if (parts === undefined) {
    return err('write protocol:net:port, protocol:port or port; IPv6 networks in brackets');
  }
  const protocol = parseProtocol((parts['protocol'] ?? 'tcp').trim());
  if (!protocol.ok) return protocol;
  const net = parsePeer((parts['net'] ?? '').trim());
  if (!net.ok) return net;
  const port = parsePort((parts['port'] ?? '').trim());
  if (!port.ok) return port;
  return ok({ protocol: protocol.value, net: net.value, port: port.value });
}

function parseProtocol(name: string): Result<FailsafePort['protocol'], string> {
  const number = protocolNumber(name);
  if (number === 6 || number === 17 || number === 132) return ok(number);
  return err(`the protocol must be tcp, udp or sctp, not ${JSON.stringify(name)}`);
}

/** An empty net is no net, as in Felix. */
function parsePeer(text: string): Result<string | null, string> {
  if (text === '') return ok(null);
  const net = parseNet(text.startsWith('[') ? text.slice(1, -1) : text);
  if (net !== null) return ok(net.text);
  return err(`${JSON.stringify(text)} is neither an address nor a CIDR such as 10.0.0.0/8`);
}

function parsePort(text: string): Result<number, string> {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65535) return ok(port);
  return err(`the port must be a number from 0 to 65535, not ${JSON.stringify(text)}`);
}

function formatItem({ protocol, net, port }: FailsafePort): string {
  const name = protocolName(protocol).toLowerCase();
  if (net === null) return `${name}:${port}`;
  return `${name}:${familyOf(net) === 6 ? `[${net}]` : net}:${port}`;
}
