import {
  attributeOrEmpty,
  HEADER_LENGTH,
  parseAttributes,
  parseMessages,
} from '../netlink/message.ts';
import type { NetlinkMessage } from '../netlink/message.ts';
import { TABLE } from '../ruleset/ruleset.ts';

/** Multicast group of nf_tables changes (NFNLGRP_NFTABLES) of the netlink family netfilter. */
export const NFNLGRP_NFTABLES = 7;

/** What one message of the nf_tables group says, as far as it concerns our table. */
export type TableEvent =
  /** Something in our table changed; `what` is for people: `chain ep/eth0 deleted`. */
  | { readonly kind: 'change'; readonly portId: number; readonly what: string }
  /** End of a transaction, and who made it. The pid is that of the thread, in the first pid namespace. */
  | {
      readonly kind: 'generation';
      readonly portId: number;
      readonly process: { readonly pid: number; readonly name: string } | null;
    };

const NFPROTO_INET = 1;
const NFNL_SUBSYS_NFTABLES = 10;
const GENERATION_HEADER = 4;
const NFT_MSG_NEWGEN = 15;
const NFTA_GEN = { id: 1, processId: 2, processName: 3 } as const;

/** The message that ends what is told of a transaction. */
export const NEW_GENERATION = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWGEN;

const GENERATION_LENGTH = HEADER_LENGTH + GENERATION_HEADER + 8;

/** Asks for the number of the generation in force; the answer is one message for `readGeneration`. */
export const GET_GENERATION = (NFNL_SUBSYS_NFTABLES << 8) | 16;
export const GENERATION_REQUEST = Buffer.alloc(GENERATION_HEADER);

// Message number → what happened to which kind of object, and the attribute that names the object. The table's
// name is attribute 1 of all of them (include/uapi/linux/netfilter/nf_tables.h).
const CHANGES = new Map<number, readonly [object: string, verb: string, nameAttribute: number]>([
  [0, ['table', 'added or changed', 1]],
  [2, ['table', 'deleted', 1]],
  [3, ['chain', 'added or changed', 3]],
  [5, ['chain', 'deleted', 3]],
  [6, ['rule in chain', 'added', 2]],
  [8, ['rule in chain', 'deleted', 2]],
  [9, ['set', 'added or changed', 2]],
  [11, ['set', 'deleted', 2]],
  [12, ['elements of set', 'added', 2]],
  [14, ['elements of set', 'deleted', 2]],
  [18, ['object', 'added or changed', 2]],
  [20, ['object', 'deleted', 2]],
  [22, ['flowtable', 'added or changed', 2]],
  [24, ['flowtable', 'deleted', 2]],
]);

/**
 * The events in one datagram that were not caused by a port that `isOwnPort` knows. Pure, never throws;
 * our own changes cost a look at the header only, as there may be hundreds of thousands at a time.
 */
export function readTableEvents(
  datagram: Buffer,
  isOwnPort: (portId: number) => boolean,
): readonly TableEvent[] {
  if (!hasForeignMessage(datagram, isOwnPort)) return [];
  return parseMessages(datagram).flatMap((message) =>
    message.type >> 8 !== NFNL_SUBSYS_NFTABLES || isOwnPort(message.portId)
      ? []
      : (readEvent(message) ?? []),
  );
}

/**
 * The number of the generation that the last transaction told of in one datagram began; null without any. Each
 * transaction on this network namespace, whoever makes it, begins the next generation. Pure, never throws.
 */
export function lastGeneration(datagram: Buffer): number | null {
  let last: number | null = null;
  let offset = 0;
  // The id is the first attribute: it need not be looked for among hundreds of thousands of messages.
  while (offset + HEADER_LENGTH <= datagram.length) {
    const length = datagram.readUInt32LE(offset);
    if (length < HEADER_LENGTH) break;
    const isWhole = length >= GENERATION_LENGTH && offset + length <= datagram.length;
    if (isWhole && datagram.readUInt16LE(offset + 4) === NEW_GENERATION)
      last = datagram.readUInt32BE(offset + GENERATION_LENGTH - 4);
    offset += Math.ceil(length / 4) * 4;
  }
  return last;
}

/** The number of the generation that the next transaction begins: 32 bits, never zero. */
export function generationAfter(generation: number): number {
  return (generation + 1) >>> 0 || 1;
}

/** The number in an answer to `GET_GENERATION`; null when it is not one. */
export function readGeneration({ payload }: NetlinkMessage): number | null {
  const id = attributeOrEmpty(parseAttributes(payload.subarray(GENERATION_HEADER)), NFTA_GEN.id);
  return id.length === 4 ? id.readUInt32BE() : null;
}

// Offsets within struct nlmsghdr; anything cut off is left to parseMessages.
function hasForeignMessage(datagram: Buffer, isOwnPort: (portId: number) => boolean): boolean {
  let offset = 0;
  while (offset + HEADER_LENGTH <= datagram.length) {
    if (!isOwnPort(datagram.readUInt32LE(offset + 12))) return true;
    const length = datagram.readUInt32LE(offset);
    if (length < HEADER_LENGTH) return true;
    offset += Math.ceil(length / 4) * 4;
  }
  return false;
}

function readEvent({ type, portId, payload }: NetlinkMessage): TableEvent | null {
  const attributes = parseAttributes(payload.subarray(GENERATION_HEADER));
  const number = type & 0xff;
  if (number === NFT_MSG_NEWGEN)
    return { kind: 'generation', portId, process: readProcess(attributes) };
  const change = CHANGES.get(number);
  if (change === undefined || payload[0] !== NFPROTO_INET) return null;
  if (readString(attributes, 1) !== TABLE.name) return null;
  const [object, verb, nameAttribute] = change;
  const name =
    object === 'table' ? `${TABLE.family} ${TABLE.name}` : readString(attributes, nameAttribute);
  return { kind: 'change', portId, what: `${object} ${name} ${verb}` };
}

function readProcess(
  attributes: ReadonlyMap<number, Buffer>,
): { readonly pid: number; readonly name: string } | null {
  const pid = attributeOrEmpty(attributes, NFTA_GEN.processId);
  if (pid.length !== 4) return null;
  return { pid: pid.readUInt32BE(), name: readString(attributes, NFTA_GEN.processName) };
}

function readString(attributes: ReadonlyMap<number, Buffer>, type: number): string {
  return attributeOrEmpty(attributes, type).toString('utf8').replace(/\0$/, '');
}
