import { FLOW_STATUS } from '../conntrack/conntrack.ts';
import type { Flow } from '../conntrack/conntrack.ts';
import type { ExplainSettings } from '../explain/explain-settings.ts';
import { explainPacket } from '../explain/explain.ts';
import type { Explanation, Packet } from '../explain/explain.ts';
import { findFailsafe } from '../explain/failsafe-hit.ts';
import { decisiveReason } from '../explain/decisive-reason.ts';
import { seenPacket } from '../explain/seen-packet.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';

/** What flows are judged by. */
export interface Judge {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
}

/** Why a live flow could not begin now. */
export interface Refusal {
  readonly packet: Packet;
  /** The policy and rule, or what else denies, in one phrase. */
  readonly because: string;
  /** The host endpoint that was asked. */
  readonly endpoint: string;
}

/** What can be said of a flow before any policy: it is over, it is not judged, or it is. */
export function standingOf({ status, tcpState }: Flow): 'over' | 'exempt' | 'live' {
  if ((status & FLOW_STATUS.dying) !== 0 || tcpState === 'time-wait') return 'over';
  // A connection that another one announced (FTP) is `related`: policy is not asked about it.
  return (status & FLOW_STATUS.expected) === 0 ? 'live' : 'exempt';
}

/**
 * Why the policy refuses a flow that began with one of `packets`; null when it may go on. It is refused when each of
 * them would be, never when it stays within this host, and never when a failsafe port is at either end: its answers
 * would be let through, and begin it anew.
 */
export function refusalOf(packets: readonly Packet[], judge: Judge): Refusal | null {
  let refused: Explanation | null = null;
  for (const packet of packets) {
    if (packet.path === 'loopback' || isFailsafe(packet, judge.settings)) return null;
    const explanation = explainPacket({ ...judge, packet });
    if (explanation.verdict === 'allow') return null;
    refused ??= explanation;
  }
  if (refused === null) return null;
  const stage = refused.trail.findLast((step) => step.kind === 'stage');
  return {
    packet: refused.packet,
    because: decisiveReason(refused.trail, refused.verdict) ?? '',
    endpoint: stage?.endpoint ?? '',
  };
}

/**
 * Whether packets of the other side would begin the flow anew once it is forgotten: connection tracking takes up TCP
 * in its middle (`isTcpLoose`), and policy may allow that direction. Where addresses were translated the other side's
 * packets have nowhere to go.
 */
export function mayResume(
  flow: Flow,
  packet: Packet,
  judge: Judge & { readonly isTcpLoose: boolean },
): boolean {
  const isTaken = ![ICMP, ICMPV6, SCTP].includes(flow.protocol);
  const isRefused = flow.protocol === TCP && !judge.isTcpLoose;
  if (
    !isTaken ||
    isRefused ||
    packet.dnat !== null ||
    flow.reply.destination !== flow.original.source
  )
    return false;
  return explainPacket({ ...judge, packet: answerTo(packet) }).verdict === 'allow';
}

const ICMP = 1;
const TCP = 6;
const ICMPV6 = 58;
const SCTP = 132;

// The untracked stage knows both lists: what is sent to a failsafe port, and what comes from one of the other list.
function isFailsafe(packet: Packet, settings: ExplainSettings): boolean {
  if (packet.path === 'forward') return false;
  const direction = packet.path === 'input' ? 'ingress' : 'egress';
  const where = { stage: 'untracked', direction } as const;
  return findFailsafe(settings, where, seenPacket(packet, true)) !== null;
}

const BACK = {
  input: 'output',
  output: 'input',
  forward: 'forward',
  loopback: 'loopback',
} as const;

function answerTo(packet: Packet): Packet {
  return {
    ...packet,
    path: BACK[packet.path],
    iifname: packet.oifname,
    oifname: packet.iifname,
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: packet.source,
    destinationPort: packet.sourcePort,
  };
}
