import type { SetDeclaration } from '../ruleset/ruleset.ts';
import { addressLength, writeAddress } from './address-bytes.ts';
import type { BatchBytes } from './batch-bytes.ts';
import {
  DATA,
  ELEMENT,
  ELEMENT_INTERVAL_END,
  ELEMENTS,
  LIST_ITEM,
  MESSAGE,
  NLM_F_CREATE,
  SET,
  SET_FLAG,
} from './batch-constants.ts';
import { intervalReader } from './batch-interval.ts';
import type { Interval } from './batch-interval.ts';
import { beginObject } from './batch-object.ts';
import { checkAddress, splitTriple } from './encode-element.ts';
import { checkName } from './refuse.ts';

/** nft's numbers of data types; a concatenation has six bits for each. */
export const TYPE = {
  ipv4: 7,
  ipv6: 8,
  protocol: 12,
  service: 13,
  icmpType: 14,
  icmpv6Type: 29,
  icmpCode: 32,
  icmpv6Code: 33,
  interface: 41,
} as const;

/** Notes for nft when it lists a set: the byte order of its keys. */
export const KEY_ORDER = {
  none: Buffer.from([0, 4, 0, 0, 0, 0]),
  host: Buffer.from([0, 4, 1, 0, 0, 0]),
  network: Buffer.from([0, 4, 2, 0, 0, 0]),
} as const;

// A note for nft: the last interval has no end.
const OPEN_END = Buffer.from([1, 4, 1, 0, 0, 0]);

// An attribute's length has 16 bits: a list of elements goes on in another message before it is full.
const LIST_BYTES = 60_000;

/** Creates a named set when it is missing; `id` tells it from the other sets of the batch. */
export function writeSet(batch: BatchBytes, set: SetDeclaration, id: number): void {
  const { name, family, kind } = set;
  const isTriples = kind === 'named-port';
  const address = family === 4 ? TYPE.ipv4 : TYPE.ipv6;
  beginObject(batch, MESSAGE.newSet, NLM_F_CREATE);
  batch.text(SET.name, checkName('set', name));
  batch.u32(SET.flags, kind === 'interval' ? SET_FLAG.interval : 0);
  batch.u32(SET.keyType, isTriples ? tripleType(address) : address);
  batch.u32(SET.keyLength, addressLength(family) + (isTriples ? TRIPLE_REST : 0));
  batch.u32(SET.id, id);
  batch.bytes(SET.userData, isTriples ? KEY_ORDER.none : KEY_ORDER.network);
  batch.end();
}

// Each part of a concatenation fills whole registers of four bytes.
const TRIPLE_REST = 8;

function tripleType(address: number): number {
  return (address << 12) | (TYPE.protocol << 6) | TYPE.service;
}

/** Adds or deletes elements of a named set, piece by piece. Throws NftablesError `invalid`. */
export function* writeElements(
  batch: BatchBytes,
  message: typeof MESSAGE.newElements | typeof MESSAGE.deleteElements,
  { set, elements }: { readonly set: SetDeclaration; readonly elements: Iterable<string> },
): Generator<undefined, void> {
  const list = new ElementList(batch, message, { name: set.name, id: null });
  const write = elementWriter(list, set);
  for (const element of elements) {
    write(element);
    if (list.isFull) {
      list.end();
      yield;
    }
  }
  list.end();
}

function elementWriter(list: ElementList, set: SetDeclaration): (element: string) => void {
  const { family, kind } = set;
  const address = Buffer.alloc(addressLength(family) + (kind === 'named-port' ? TRIPLE_REST : 0));
  switch (kind) {
    case 'hash':
      return (element) => {
        writeAddress(address, family, checkAddress(family, element));
        list.key(address);
      };
    case 'interval': {
      const read = intervalReader(family);
      return (element) => {
        list.interval(read(element));
      };
    }
    case 'named-port':
      return (element) => {
        const [text, protocol, port] = splitTriple(family, element);
        const rest = addressLength(family);
        writeAddress(address.subarray(0, rest), family, text);
        address[rest] = protocol;
        address.writeUInt16BE(port, rest + 4);
        list.key(address);
      };
  }
}

/** Messages that add or delete elements; a new one begins whenever one is full. */
export class ElementList {
  readonly #batch: BatchBytes;
  readonly #message: number;
  readonly #set: { readonly name: string; readonly id: number | null };
  #list: number | null = null;

  constructor(
    batch: BatchBytes,
    message: typeof MESSAGE.newElements | typeof MESSAGE.deleteElements,
    set: { readonly name: string; readonly id: number | null },
  ) {
    this.#batch = batch;
    this.#message = message;
    this.#set = set;
  }

  /** Whether the next element would be better off in another message. */
  get isFull(): boolean {
    return this.#list !== null && this.#batch.length - this.#list > LIST_BYTES;
  }

  /** A single value. */
  key(value: Uint8Array): void {
    this.#element(value, 0);
  }

  /** An interval: two elements, its first value and the value behind its end. */
  interval({ first, end }: Interval): void {
    if (end === null) this.#element(first, 0, OPEN_END);
    else {
      this.#element(first, 0);
      this.#element(end, ELEMENT_INTERVAL_END);
    }
  }

  /** The mark of nft before the first interval of a set that is written whole, unless that begins at zero. */
  beforeFirst({ first }: Interval): void {
    if (first.some((byte) => byte !== 0))
      this.#element(Buffer.alloc(first.length), ELEMENT_INTERVAL_END);
  }

  /** A value and what it is mapped to; `writeData` writes the latter. */
  mapping(value: Uint8Array, writeData: () => void): void {
    const item = this.#item(value);
    const data = this.#batch.open(ELEMENT.data);
    writeData();
    this.#batch.close(data);
    this.#batch.close(item);
  }

  /** Ends the message, if one was begun. */
  end(): void {
    if (this.#list === null) return;
    this.#batch.close(this.#list);
    this.#batch.end();
    this.#list = null;
  }

  #element(value: Uint8Array, flags: number, userData?: Uint8Array): void {
    const item = this.#item(value);
    if (flags !== 0) this.#batch.u32(ELEMENT.flags, flags);
    if (userData !== undefined) this.#batch.bytes(ELEMENT.userData, userData);
    this.#batch.close(item);
  }

  #item(value: Uint8Array): number {
    this.#list ??= this.#begin();
    const item = this.#batch.open(LIST_ITEM);
    const key = this.#batch.open(ELEMENT.key);
    this.#batch.bytes(DATA.value, value);
    this.#batch.close(key);
    return item;
  }

  #begin(): number {
    const isNew = this.#message === MESSAGE.newElements;
    beginObject(this.#batch, this.#message, isNew ? NLM_F_CREATE : 0);
    this.#batch.text(ELEMENTS.set, this.#set.name);
    if (this.#set.id !== null) this.#batch.u32(ELEMENTS.setId, this.#set.id);
    return this.#batch.open(ELEMENTS.list);
  }
}
