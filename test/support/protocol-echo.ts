import { isInitAckTo, SCTP, sctpInit, sctpInitAck } from './sctp.ts';

/** The number of GRE. */
export const GRE = 47;

/** A packet without its IP header, and how its answer is known. */
export interface Exchange {
  readonly request: Buffer;
  readonly isReply: (payload: Buffer) => boolean;
}

// GRE version 0 that carries IPv4 (RFC 2784): no checksum, no key.
const GRE_HEADER = Buffer.from([0, 0, 0x08, 0]);

/** A packet of a protocol without ports, made out by its text. */
export function plainExchange(protocol: number): Exchange {
  const text = `probe ${process.pid} ${Math.random()}`;
  const frame = (content: string): Buffer =>
    Buffer.concat([header(protocol), Buffer.from(content)]);
  const reply = frame(`re: ${text}`);
  return { request: frame(text), isReply: (payload) => payload.equals(reply) };
}

/** The start of an SCTP association with `port`, from a port of its own. */
export function sctpExchange(port: number): Exchange {
  const random = (bound: number): number => Math.floor(Math.random() * bound);
  const sourcePort = 32_768 + random(28_000);
  const request = sctpInit({ sourcePort, destinationPort: port, tag: 1 + random(0x7fffffff) });
  return { request, isReply: (payload) => isInitAckTo(request, payload) };
}

/** What an echo server answers; undefined when `request` asks for nothing. */
export function answerTo(protocol: number, request: Buffer): Buffer | undefined {
  if (protocol === SCTP) return sctpInitAck(request);
  const { length } = header(protocol);
  const content = request.subarray(length);
  if (!content.toString().startsWith('probe ')) return undefined;
  return Buffer.concat([request.subarray(0, length), Buffer.from('re: '), content]);
}

function header(protocol: number): Buffer {
  return protocol === GRE ? GRE_HEADER : Buffer.alloc(0);
}
