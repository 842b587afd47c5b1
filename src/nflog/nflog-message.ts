import { attributeOrEmpty, encodeAttribute, parseAttributes } from '../netlink/message.ts';
import type { NetlinkMessage } from '../netlink/message.ts';
import type { LoggedPacket, LogHook } from './packet-log.ts';
import { readHeaders } from './read-headers.ts';

// include/uapi/linux/netfilter/nfnetlink_log.h; NFNL_SUBSYS_ULOG << 8 and NFULNL_MSG_*.
const NFULNL_PACKET = 0x400;
/** Message type of a request that configures a group. */
export const NFULNL_CONFIG = 0x401;

const GENERIC_HEADER = 4;
const CONFIG = { command: 1, mode: 2, bufferSize: 3, timeout: 4, threshold: 5, flags: 6 } as const;
const COMMAND_BIND = 1;
const COPY_PACKET = 2;
const FLAG_SEQUENCE = 1;
const NFULA = {
  header: 1,
  mark: 2,
  timestamp: 3,
  inIndex: 4,
  outIndex: 5,
  payload: 9,
  prefix: 10,
  sequence: 12,
} as const;
const HOOKS: readonly LogHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** IPv6 with a fragment and an authentication header before TCP fits; so does IPv4 with every option. */
const COPY_BYTES = 128;
/** The kernel collects packets until one of these is reached: bytes, hundredths of a second, packets. */
const COLLECT = { bytes: 16 * 1024, hundredths: 10, packets: 32 };

/** Binds a group to the socket that sends this, copying the headers of each packet and numbering them. */
export function bindRequest(group: number): Buffer {
  const header = Buffer.alloc(GENERIC_HEADER);
  header.writeUInt16BE(group, 2);
  return Buffer.concat([
    header,
    encodeAttribute(CONFIG.command, Buffer.from([COMMAND_BIND])),
    encodeAttribute(
      CONFIG.mode,
      Buffer.concat([uint32(COPY_BYTES), Buffer.from([COPY_PACKET, 0])]),
    ),
    encodeAttribute(CONFIG.bufferSize, uint32(COLLECT.bytes)),
    encodeAttribute(CONFIG.timeout, uint32(COLLECT.hundredths)),
    encodeAttribute(CONFIG.threshold, uint32(COLLECT.packets)),
    encodeAttribute(CONFIG.flags, Buffer.from([0, FLAG_SEQUENCE])),
  ]);
}

/** One packet as the kernel reports it, with its number within the group. */
export interface NumberedPacket {
  /** Null where the kernel gives none. */
  readonly sequence: number | null;
  /** Null when its headers cannot be read. */
  readonly packet: LoggedPacket | null;
}

/** What a message cannot say by itself. */
export interface PacketSurroundings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly interfaceName: (index: number) => string;
}

/** The packet in a message of a group; null when it is another message. Never throws. */
export function readPacket(
  { type, payload }: NetlinkMessage,
  around: PacketSurroundings,
): NumberedPacket | null {
  if (type !== NFULNL_PACKET) return null;
  const attributes = parseAttributes(payload.subarray(GENERIC_HEADER));
  const sequence = numberOf(attributes, NFULA.sequence);
  const headers = readHeaders(attributeOrEmpty(attributes, NFULA.payload));
  if (headers === null) return { sequence, packet: null };
  const name = (attribute: number): string => {
    const index = numberOf(attributes, attribute);
    return index === null ? '' : around.interfaceName(index);
  };
  const packet: LoggedPacket = {
    time: timeOf(attributes) ?? around.now,
    prefix: attributeOrEmpty(attributes, NFULA.prefix).toString('utf8').replace(/\0.*$/s, ''),
    hook: HOOKS[attributeOrEmpty(attributes, NFULA.header)[2] ?? HOOKS.length] ?? null,
    iifname: name(NFULA.inIndex),
    oifname: name(NFULA.outIndex),
    mark: numberOf(attributes, NFULA.mark) ?? 0,
    ...headers,
  };
  return { sequence, packet };
}

type Attributes = ReadonlyMap<number, Buffer>;

function numberOf(attributes: Attributes, type: number): number | null {
  const bytes = attributeOrEmpty(attributes, type);
  return bytes.length === 4 ? bytes.readUInt32BE() : null;
}

// Seconds and microseconds, 64 bits each.
function timeOf(attributes: Attributes): number | null {
  const bytes = attributeOrEmpty(attributes, NFULA.timestamp);
  if (bytes.length !== 16) return null;
  const milliseconds = bytes.readBigUInt64BE(0) * 1000n + bytes.readBigUInt64BE(8) / 1000n;
  return milliseconds <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(milliseconds) : null;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
