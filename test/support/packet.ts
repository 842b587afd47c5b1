/** TCP header flags, as they stand in byte 13 of the header. */
export const TCP_FLAGS = { FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10 } as const;

/** A TCP segment to be built; `payload` is empty by default. */
export interface Segment {
  readonly src: string;
  readonly dst: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly flags: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly payload?: Buffer;
}

/** 4 for dotted addresses, 6 for the rest. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** The 4 or 16 bytes of a canonical address (no zone, no embedded IPv4). */
export function addressBytes(address: string): Buffer {
  if (familyOf(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [left = '', right] = address.split('::');
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const bytes = Buffer.alloc(16);
  head.forEach((group, i) => bytes.writeUInt16BE(group, 2 * i));
  tail.forEach((group, i) => bytes.writeUInt16BE(group, 16 - 2 * (tail.length - i)));
  return bytes;
}

function groups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** The Internet checksum (RFC 1071) over `data`. */
export function checksum(data: Buffer): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += (data[i] ?? 0) * 256 + (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** A TCP segment with a valid checksum, ready for a raw socket. */
export function tcpSegment(segment: Segment): Buffer {
  const payload = segment.payload ?? Buffer.alloc(0);
  const bytes = Buffer.concat([Buffer.alloc(20), payload]);
  bytes.writeUInt16BE(segment.sourcePort, 0);
  bytes.writeUInt16BE(segment.destinationPort, 2);
  bytes.writeUInt32BE((segment.sequence ?? 1) >>> 0, 4);
  bytes.writeUInt32BE((segment.acknowledgement ?? 0) >>> 0, 8);
  bytes.writeUInt8(5 << 4, 12);
  bytes.writeUInt8(segment.flags, 13);
  bytes.writeUInt16BE(8192, 14);
  const header = pseudoHeader(segment, 6, bytes.length);
  bytes.writeUInt16BE(checksum(Buffer.concat([header, bytes])), 16);
  return bytes;
}

/** A UDP datagram with a valid checksum, ready for a raw socket. */
export function udpDatagram(
  datagram: Pick<Segment, 'src' | 'dst' | 'sourcePort' | 'destinationPort'> & {
    readonly payload: Buffer;
  },
): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(8), datagram.payload]);
  bytes.writeUInt16BE(datagram.sourcePort, 0);
  bytes.writeUInt16BE(datagram.destinationPort, 2);
  bytes.writeUInt16BE(bytes.length, 4);
  const header = pseudoHeader(datagram, 17, bytes.length);
  // A sum of zero is written as all ones: zero would say that there is none (RFC 768).
  bytes.writeUInt16BE(checksum(Buffer.concat([header, bytes])) || 0xffff, 6);
  return bytes;
}

/** Ports and sequence number of a TCP segment. */
export function readSegment(bytes: Buffer): {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly flags: number;
} {
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    flags: bytes.readUInt8(13),
  };
}

function pseudoHeader(
  { src, dst }: Pick<Segment, 'src' | 'dst'>,
  protocol: number,
  length: number,
): Buffer {
  const tail = Buffer.from([0, protocol, length >> 8, length & 0xff]);
  return Buffer.concat([addressBytes(src), addressBytes(dst), tail]);
}

/** An ICMP request (echo: 8, timestamp: 13); ICMPv6 (echo: 128) leaves the checksum to the kernel. */
export function icmpRequest(family: 4 | 6, request: IcmpRequest): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt8(request.type, 0);
  bytes.writeUInt8(request.code, 1);
  bytes.writeUInt16BE(request.id, 4);
  bytes.writeUInt16BE(1, 6);
  if (family === 4) bytes.writeUInt16BE(checksum(bytes), 2);
  return bytes;
}

/** What tells one ICMP request from another. */
export interface IcmpRequest {
  readonly type: number;
  readonly code: number;
  readonly id: number;
}
