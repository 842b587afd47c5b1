import { parseAddress } from '../net/address.ts';
import { cidrContains, parseNet } from '../net/cidr.ts';
import type { FailsafePort } from '../net/failsafe.ts';
import type { ExplainSettings } from './explain-settings.ts';
import type { SeenPacket } from './seen-packet.ts';
import type { Direction, Stage, Step } from './step.ts';

type FailsafeStep = Extract<Step, { readonly kind: 'failsafe' }>;

/**
 * The failsafe entry that a packet hits, or null: by destination port, and in the untracked stage also by
 * source port of the opposite list, so that replies of failsafe connections stay tracked. An entry's net
 * is about the other side of the connection. The forward stage has no failsafes.
 */
export function findFailsafe(
  settings: ExplainSettings,
  where: { readonly stage: Stage; readonly direction: Direction },
  packet: SeenPacket,
): FailsafeStep | null {
  const { stage, direction } = where;
  if (stage === 'forward') return null;
  const isIngress = direction === 'ingress';
  const remote = isIngress ? packet.source : packet.destination;
  const lists = { inbound: settings.failsafeInbound, outbound: settings.failsafeOutbound };
  const own = isIngress ? 'inbound' : 'outbound';
  const opposite = isIngress ? 'outbound' : 'inbound';
  const find = (list: 'inbound' | 'outbound', port: number | null): FailsafeStep | null => {
    const isReply = list !== own;
    const entry = lists[list].find((one) => entryMatches(one, packet.protocol, port, remote));
    return entry === undefined ? null : { kind: 'failsafe', list, isReply, entry };
  };
  const hit = find(own, packet.destinationPort);
  return hit ?? (stage === 'untracked' ? find(opposite, packet.sourcePort) : null);
}

function entryMatches(
  entry: FailsafePort,
  protocol: number,
  port: number | null,
  remote: string,
): boolean {
  if (entry.protocol !== protocol || entry.port !== port) return false;
  if (entry.net === null) return true;
  const net = parseNet(entry.net);
  const address = parseAddress(remote);
  return net !== null && address !== null && cidrContains(net, address);
}
