import type { Packet } from '../net/packet.ts';
import { protocolHasPorts, protocolName } from '../net/protocol.ts';
import type { Explanation } from './explain.ts';
import { decisiveReason } from './decisive-reason.ts';
import { describeStep } from './describe-step.ts';

/**
 * An explanation as indented text for people: the packet, what each stage asked and heard, and last the
 * verdict with the reason for it. Ends without a newline.
 */
export function formatExplanation(explanation: Explanation): string {
  const { packet, trail } = explanation;
  const lines = [describePacket(packet)];
  let direction: 'ingress' | 'egress' = 'ingress';
  for (const step of trail) {
    if (step.kind === 'stage') direction = step.direction;
    lines.push(...describeStep(step, direction));
  }
  return [...lines, verdictLine(explanation)].join('\n');
}

function verdictLine({ verdict, denial, tracked, trail, wouldDeny }: Explanation): string {
  const how = denial === null ? '' : ` (${denial})`;
  const tracking = verdict === 'allow' && !tracked ? ', not tracked' : '';
  const reason = decisiveReason(trail, verdict);
  const would = wouldDeny.length === 0 ? '' : `; would be denied by ${wouldDeny.join('; ')}`;
  return `verdict: ${verdict}${how}${tracking}${reason === null ? '' : `: ${reason}`}${would}`;
}

/** A packet in words, with its way and what connection tracking says of it. */
export function describePacket(packet: Packet): string {
  const { protocol, source, destination, sourcePort, destinationPort, dnat } = packet;
  const ends = protocolHasPorts(protocol)
    ? `${withPort(source, sourcePort)} to ${withPort(destination, destinationPort)}`
    : `${source} to ${destination}`;
  const icmp =
    packet.icmpType === null ? '' : ` type ${packet.icmpType} code ${packet.icmpCode ?? 0}`;
  const translated =
    dnat === null
      ? ''
      : `, translated to ${withPort(dnat.destination, dnat.destinationPort ?? destinationPort)}`;
  const what = `${protocolName(protocol)}${icmp} from ${ends}${translated}`;
  return `${what}, ${wayOf(packet)}, conntrack state ${packet.conntrack}`;
}

function withPort(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function wayOf({ path, iifname, oifname }: Packet): string {
  switch (path) {
    case 'input':
      return `in on ${iifname}`;
    case 'output':
      return `out on ${oifname}`;
    case 'forward':
      return `routed from ${iifname} to ${oifname}`;
    case 'loopback':
      return `from this host to itself, out on ${oifname}, in on ${iifname}`;
  }
}
