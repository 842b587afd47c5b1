import type { Packet } from '../net/packet.ts';
import { protocolHasPorts } from '../net/protocol.ts';

/** The header that a stage sees: before or after DNAT by others. */
export interface SeenPacket {
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Null for protocols without ports. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
}

/** The packet as it looks before others' DNAT, or after it. */
export function seenPacket(packet: Packet, isTranslated: boolean): SeenPacket {
  const dnat = isTranslated ? packet.dnat : null;
  const ported = protocolHasPorts(packet.protocol);
  return {
    family: packet.family,
    source: packet.source,
    destination: dnat?.destination ?? packet.destination,
    protocol: packet.protocol,
    sourcePort: ported ? packet.sourcePort : null,
    destinationPort: ported ? (dnat?.destinationPort ?? packet.destinationPort) : null,
    icmpType: packet.icmpType,
    icmpCode: packet.icmpCode,
  };
}
