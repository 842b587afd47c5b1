import { readSegment, tcpSegment } from '../support/packet.ts';
import type { Bench } from './bench.ts';
import { addressOf, type Family } from './check.ts';
import type { HostName } from './topology.ts';

const TCP = 6;
// A segment crosses two hops in well under a millisecond; the rest is for a busy machine.
const DELIVERY_MS = 120;

type Peer = Exclude<HostName, 'M'>;

/** A TCP segment that belongs to no connection, or pretends to belong to one. */
export interface StraySegment {
  readonly from: Peer;
  readonly to: Peer;
  readonly family: Family;
  readonly flags: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly payload?: string;
}

/** Sends a segment and says whether it was delivered to the receiving host's sockets. */
export async function segmentArrives(bench: Bench, segment: StraySegment): Promise<boolean> {
  const { from, to, family, flags } = segment;
  const sourcePort = segment.sourcePort ?? 20_000 + Math.floor(Math.random() * 10_000);
  const receiver = bench.lab.hosts[to].agent;
  const src = addressOf(to, from, family);
  const dst = addressOf(from, to, family);
  const destinationPort = segment.destinationPort ?? 8055;
  const sequence = segment.sequence ?? 1_000_000;
  const ports = { sourcePort, destinationPort };
  const payload = Buffer.from(segment.payload ?? '');
  const bytes = tcpSegment({ src, dst, ...ports, flags, sequence, acknowledgement: 1, payload });
  await receiver.call('sniff', { family, protocol: TCP });
  await bench.lab.hosts[from].agent.call('sendPacket', {
    ...{ dst, src, protocol: TCP },
    payload: bytes.toString('base64'),
  });
  await new Promise((resolve) => setTimeout(resolve, DELIVERY_MS));
  const seen = (await receiver.call('sniffed', {})).map((packet) =>
    readSegment(Buffer.from(packet, 'base64')),
  );
  return seen.some((one) => one.sourcePort === sourcePort && one.sequence === sequence);
}
