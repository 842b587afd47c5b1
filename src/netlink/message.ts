/** Length of `struct nlmsghdr`: length, type, flags, sequence number, port. */
export const HEADER_LENGTH = 16;

/** Flags of `nlmsghdr.nlmsg_flags` that this program sends or reads (include/uapi/linux/netlink.h). */
export const NLM_F = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  /** The objects changed while they were being listed: list them again. */
  dumpInterrupted: 0x10,
  /** On an answer: extended acknowledgement attributes follow. */
  ackTlvs: 0x200,
  /** On a dump request: NLM_F_ROOT | NLM_F_MATCH. */
  dump: 0x300,
  /** On a NEW event: the object took the place of another one. */
  replace: 0x100,
} as const;

/** Message types every netlink protocol shares. */
export const NLMSG = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

/** One netlink message, header and payload apart. `payload` is a view into the datagram it came in. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly portId: number;
  readonly payload: Buffer;
}

// NLA_F_NESTED and NLA_F_NET_BYTEORDER share the 16 bits with the type.
const ATTRIBUTE_TYPE_MASK = 0x3fff;
const ATTRIBUTE_HEADER_LENGTH = 4;

const EMPTY = Buffer.alloc(0);

/**
 * The messages of one datagram, in order. Never throws: a message that is cut off or claims an
 * impossible length ends the list. Numbers are in the order of every CPU koffi has a Linux build for: little-endian.
 */
export function parseMessages(datagram: Buffer): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset + HEADER_LENGTH <= datagram.length) {
    const length = datagram.readUInt32LE(offset);
    if (length < HEADER_LENGTH || offset + length > datagram.length) break;
    messages.push({
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      portId: datagram.readUInt32LE(offset + 12),
      payload: datagram.subarray(offset + HEADER_LENGTH, offset + length),
    });
    offset += align(length);
  }
  return messages;
}

/**
 * The attributes in `buffer` by type, without NLA_F_NESTED and NLA_F_NET_BYTEORDER; of a repeated type
 * the last one counts, as in the kernel. Never throws: what is cut off is left out.
 */
export function parseAttributes(buffer: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  let offset = 0;
  while (offset + ATTRIBUTE_HEADER_LENGTH <= buffer.length) {
    const length = buffer.readUInt16LE(offset);
    if (length < ATTRIBUTE_HEADER_LENGTH || offset + length > buffer.length) break;
    const type = buffer.readUInt16LE(offset + 2) & ATTRIBUTE_TYPE_MASK;
    attributes.set(type, buffer.subarray(offset + ATTRIBUTE_HEADER_LENGTH, offset + length));
    offset += align(length);
  }
  return attributes;
}

/** One attribute: header, payload and padding to 4 bytes. Set NLA_F_NESTED (0x8000) in `type` where it belongs. */
export function encodeAttribute(type: number, payload: Buffer): Buffer {
  const length = ATTRIBUTE_HEADER_LENGTH + payload.length;
  const attribute = Buffer.alloc(align(length));
  attribute.writeUInt16LE(length, 0);
  attribute.writeUInt16LE(type, 2);
  payload.copy(attribute, ATTRIBUTE_HEADER_LENGTH);
  return attribute;
}

/** One message as the kernel wants it, header included. */
export function encodeMessage(message: NetlinkMessage): Buffer {
  const length = HEADER_LENGTH + message.payload.length;
  const buffer = Buffer.alloc(align(length));
  buffer.writeUInt32LE(length, 0);
  buffer.writeUInt16LE(message.type, 4);
  buffer.writeUInt16LE(message.flags, 6);
  buffer.writeUInt32LE(message.sequence, 8);
  buffer.writeUInt32LE(message.portId, 12);
  message.payload.copy(buffer, HEADER_LENGTH);
  return buffer;
}

/** The payload of attribute `type`, or an empty buffer when it is absent. */
export function attributeOrEmpty(attributes: ReadonlyMap<number, Buffer>, type: number): Buffer {
  return attributes.get(type) ?? EMPTY;
}

function align(length: number): number {
  return (length + 3) & ~3;
}
