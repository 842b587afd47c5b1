import type { Packet } from '../../src/net/packet.ts';
import { readSegment, TCP_FLAGS, tcpSegment, udpDatagram } from '../support/packet.ts';
import type { Bench } from './bench.ts';
import { addressOf, type Family } from './check.ts';
import type { HostName } from './topology.ts';

type Peer = Exclude<HostName, 'M' | 'S2'>;
type Protocol = 'tcp' | 'udp';

/** One packet of a flow of its own, sent past A's rules or not, and the way it takes through A. */
export interface Flight {
  readonly from: Peer;
  readonly to: Peer;
  readonly packet: Packet;
}

const PROTOCOL: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17 };
const DESTINATION_PORTS = [22, 53, 80, 443, 8055, 9000];
const PEERS: readonly Peer[] = ['A', 'B', 'C', 'S'];
// A packet crosses two hops in well under a millisecond; the rest is for a busy machine.
const DELIVERY_MS = 120;

/** From whom to whom, by which interfaces of A; empty: A itself. */
const WAYS: readonly (readonly [from: Peer, to: Peer, iifname: string, oifname: string])[] = [
  ['C', 'A', 'eth0', ''],
  ['B', 'A', 'eth0', ''],
  ['S', 'A', 'eth1', ''],
  ['A', 'C', '', 'eth0'],
  ['A', 'B', '', 'eth0'],
  ['A', 'S', '', 'eth1'],
  ['C', 'S', 'eth0', 'eth1'],
  ['S', 'C', 'eth1', 'eth0'],
];

/**
 * The first packets of new flows on every way, to every port, from a port that rules may name and one that none does. Not
 * from 80 to 80: that is the answer to the same packet the other way.
 */
export function flightsOf(protocol: Protocol, family: Family): readonly Flight[] {
  return WAYS.flatMap(([from, to, iifname, oifname]) =>
    DESTINATION_PORTS.flatMap((destinationPort) =>
      [80, 40_000]
        .filter((port) => port !== destinationPort)
        .map((sourcePort) => ({
          from,
          to,
          packet: {
            path: iifname === '' ? 'output' : oifname === '' ? 'input' : 'forward',
            family,
            iifname,
            oifname,
            oifnameAfterDnat: null,
            source: addressOf(to, from, family),
            destination: addressOf(from, to, family),
            protocol: PROTOCOL[protocol],
            sourcePort,
            destinationPort,
            icmpType: null,
            icmpCode: null,
            hopLimit: 64,
            mark: 0,
            conntrack: 'new',
            dnat: null,
          },
        })),
    ),
  );
}

/** Sends all of them, of one protocol and family, and answers which were delivered to their hosts. */
export async function fly(bench: Bench, flights: readonly Flight[]): Promise<ReadonlySet<Flight>> {
  const [first] = flights;
  if (first === undefined) return new Set();
  const { family, protocol } = first.packet;
  await bench.lab.hosts.A.namespace.run(['conntrack', '-F']);
  await Promise.all(PEERS.map((peer) => agentOf(bench, peer).call('sniff', { family, protocol })));
  await Promise.all(flights.map((flight, id) => send(bench, flight, id)));
  await new Promise((resolve) => setTimeout(resolve, DELIVERY_MS));
  const seen = await Promise.all(
    PEERS.map(async (peer) => {
      const payloads = await agentOf(bench, peer).call('sniffed', {});
      return payloads.map((payload) => flightKey(peer, Buffer.from(payload, 'base64'), protocol));
    }),
  );
  const keys = new Set(seen.flat());
  return new Set(flights.filter((flight, id) => keys.has(keyOf(flight, id))));
}

function agentOf(bench: Bench, peer: Peer): Bench['lab']['hosts'][Peer]['agent'] {
  return bench.lab.hosts[peer].agent;
}

async function send(bench: Bench, { from, packet }: Flight, id: number): Promise<void> {
  const { source: src, destination: dst, protocol } = packet;
  const ports = {
    sourcePort: packet.sourcePort ?? 0,
    destinationPort: packet.destinationPort ?? 0,
  };
  const bytes =
    protocol === PROTOCOL.tcp
      ? tcpSegment({ src, dst, ...ports, flags: TCP_FLAGS.SYN, sequence: FIRST_ID + id })
      : udpDatagram({ src, dst, ...ports, payload: Buffer.from(String(FIRST_ID + id)) });
  const payload = bytes.toString('base64');
  await agentOf(bench, from).call('sendPacket', { dst, src, protocol, payload });
}

// Far from what the hosts' own answers carry.
const FIRST_ID = 77_000_000;

function keyOf({ to, packet }: Flight, id: number): string {
  return `${to} ${packet.sourcePort} ${packet.destinationPort} ${FIRST_ID + id}`;
}

function flightKey(peer: Peer, payload: Buffer, protocol: number): string {
  const sourcePort = payload.readUInt16BE(0);
  const destinationPort = payload.readUInt16BE(2);
  const id =
    protocol === PROTOCOL.tcp ? readSegment(payload).sequence : payload.subarray(8).toString();
  return `${peer} ${sourcePort} ${destinationPort} ${id}`;
}
