/** The number of SCTP. */
export const SCTP = 132;

const INIT = 1;
const INIT_ACK = 2;
// Common header and one INIT or INIT ACK chunk without parameters (RFC 9260 §3.1, §3.3.2).
const LENGTH = 32;
const CHUNK = 12;

/** The first packet of an association: an INIT with a valid checksum, as connection tracking asks for it. */
export function sctpInit(association: {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tag: number;
}): Buffer {
  return packet({ ...association, type: INIT, verificationTag: 0 });
}

/** The answer to an INIT; undefined when `request` is none. */
export function sctpInitAck(request: Buffer): Buffer | undefined {
  if (request.length < LENGTH || request[CHUNK] !== INIT) return undefined;
  const tag = request.readUInt32BE(CHUNK + 4);
  return packet({
    sourcePort: request.readUInt16BE(2),
    destinationPort: request.readUInt16BE(0),
    type: INIT_ACK,
    verificationTag: tag,
    tag: tag ^ 0x55555555,
  });
}

/** Whether `answer` is the INIT ACK to this INIT. */
export function isInitAckTo(request: Buffer, answer: Buffer): boolean {
  return (
    answer.length >= LENGTH &&
    answer[CHUNK] === INIT_ACK &&
    answer.readUInt32BE(4) === request.readUInt32BE(CHUNK + 4) &&
    answer.readUInt16BE(2) === request.readUInt16BE(0)
  );
}

function packet(fields: {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly type: number;
  readonly verificationTag: number;
  readonly tag: number;
}): Buffer {
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeUInt16BE(fields.sourcePort, 0);
  bytes.writeUInt16BE(fields.destinationPort, 2);
  bytes.writeUInt32BE(fields.verificationTag >>> 0, 4);
  bytes.writeUInt8(fields.type, CHUNK);
  bytes.writeUInt16BE(LENGTH - CHUNK, CHUNK + 2);
  bytes.writeUInt32BE(fields.tag >>> 0, CHUNK + 4);
  bytes.writeUInt32BE(65_536, CHUNK + 8);
  bytes.writeUInt16BE(1, CHUNK + 12);
  bytes.writeUInt16BE(1, CHUNK + 14);
  bytes.writeUInt32BE(1, CHUNK + 16);
  bytes.writeUInt32LE(crc32c(bytes), 8);
  return bytes;
}

/** CRC-32C, bit by bit: the packets are short. */
function crc32c(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
