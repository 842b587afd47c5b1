import type { BatchBytes } from './batch-bytes.ts';
import { DATA, EXPRESSION, LIST_ITEM, VERDICT } from './batch-constants.ts';

/** Registers: of 16 bytes, and (from 8 on) the same memory in pieces of four. */
export const REGISTER = { verdict: 0, first: 1, firstOfFour: 8 } as const;
export const PAYLOAD_BASE = { network: 1, transport: 2 } as const;
export const META = { mark: 3, iifname: 6, oifname: 7, nfproto: 15, l4proto: 16 } as const;
export const CT = { state: 0, status: 2 } as const;
export const COMPARE = { eq: 0, neq: 1, lte: 3, gte: 5 } as const;

const PAYLOAD = { register: 1, base: 2, offset: 3, length: 4 } as const;
const META_KEY = { register: 1, key: 2, source: 3 } as const;
const CT_KEY = { register: 1, key: 2 } as const;
const CMP = { register: 1, operator: 2, data: 3 } as const;
const RANGE = { register: 1, operator: 2, from: 3, to: 4 } as const;
const BITWISE = { source: 1, register: 2, length: 3, mask: 4, xor: 5 } as const;
const LOOKUP = { set: 1, source: 2, register: 3, setId: 4, flags: 5 } as const;
const LOOKUP_INVERTED = 1;
const IMMEDIATE = { register: 1, data: 2 } as const;

/** Where in a packet. */
export interface Place {
  readonly base: number;
  readonly offset: number;
  readonly length: number;
}

/** One expression of a rule; `write` writes its attributes. */
export function expression(batch: BatchBytes, name: string, write: () => void): void {
  const item = batch.open(LIST_ITEM);
  batch.text(EXPRESSION.name, name);
  const data = batch.open(EXPRESSION.data);
  write();
  batch.close(data);
  batch.close(item);
}

/** Loads bytes of the packet. */
export function loadPayload(
  batch: BatchBytes,
  { base, offset, length }: Place,
  register: number = REGISTER.first,
): void {
  expression(batch, 'payload', () => {
    batch.u32(PAYLOAD.register, register);
    batch.u32(PAYLOAD.base, base);
    batch.u32(PAYLOAD.offset, offset);
    batch.u32(PAYLOAD.length, length);
  });
}

/** Loads something the kernel knows about the packet. */
export function loadMeta(batch: BatchBytes, key: number, register: number = REGISTER.first): void {
  expression(batch, 'meta', () => {
    batch.u32(META_KEY.register, register);
    batch.u32(META_KEY.key, key);
  });
}

/** Sets it from the register. */
export function storeMeta(batch: BatchBytes, key: number): void {
  expression(batch, 'meta', () => {
    batch.u32(META_KEY.key, key);
    batch.u32(META_KEY.source, REGISTER.first);
  });
}

/** Loads something of the packet's connection. */
export function loadConntrack(batch: BatchBytes, key: number): void {
  expression(batch, 'ct', () => {
    batch.u32(CT_KEY.register, REGISTER.first);
    batch.u32(CT_KEY.key, key);
  });
}

/** Goes on only if the comparison holds. */
export function compare(batch: BatchBytes, operator: number, value: Uint8Array): void {
  expression(batch, 'cmp', () => {
    batch.u32(CMP.register, REGISTER.first);
    batch.u32(CMP.operator, operator);
    writeValue(batch, CMP.data, value);
  });
}

/** Goes on only if the value is outside the range. */
export function compareOutside(batch: BatchBytes, from: Uint8Array, to: Uint8Array): void {
  expression(batch, 'range', () => {
    batch.u32(RANGE.register, REGISTER.first);
    batch.u32(RANGE.operator, COMPARE.neq);
    writeValue(batch, RANGE.from, from);
    writeValue(batch, RANGE.to, to);
  });
}

/** `register & mask ^ xor`. */
export function mask(batch: BatchBytes, bits: Uint8Array, xor: Uint8Array): void {
  expression(batch, 'bitwise', () => {
    batch.u32(BITWISE.source, REGISTER.first);
    batch.u32(BITWISE.register, REGISTER.first);
    batch.u32(BITWISE.length, bits.length);
    writeValue(batch, BITWISE.mask, bits);
    writeValue(batch, BITWISE.xor, xor);
  });
}

/** A set to look up in; anonymous ones of this batch by their id. */
export interface LookupSet {
  readonly name: string;
  readonly id?: number;
}

/** Goes on only if the set has the register's value, or has not; a map sets the verdict. */
export function lookUp(
  batch: BatchBytes,
  set: LookupSet,
  what: 'present' | 'absent' | 'verdict',
): void {
  expression(batch, 'lookup', () => {
    batch.text(LOOKUP.set, set.name);
    batch.u32(LOOKUP.source, REGISTER.first);
    if (what === 'verdict') batch.u32(LOOKUP.register, REGISTER.verdict);
    if (set.id !== undefined) batch.u32(LOOKUP.setId, set.id);
    batch.u32(LOOKUP.flags, what === 'absent' ? LOOKUP_INVERTED : 0);
  });
}

/** Puts a value into the register. */
export function loadValue(batch: BatchBytes, value: Uint8Array): void {
  expression(batch, 'immediate', () => {
    batch.u32(IMMEDIATE.register, REGISTER.first);
    writeValue(batch, IMMEDIATE.data, value);
  });
}

/** Ends the rule with a verdict. */
export function giveVerdict(batch: BatchBytes, code: number, chain: string | null): void {
  expression(batch, 'immediate', () => {
    batch.u32(IMMEDIATE.register, REGISTER.verdict);
    const data = batch.open(IMMEDIATE.data);
    writeVerdict(batch, code, chain);
    batch.close(data);
  });
}

/** The verdict itself. */
export function writeVerdict(batch: BatchBytes, code: number, chain: string | null): void {
  const verdict = batch.open(DATA.verdict);
  batch.u32(VERDICT.code, code);
  if (chain !== null) batch.text(VERDICT.chain, chain);
  batch.close(verdict);
}

function writeValue(batch: BatchBytes, attribute: number, value: Uint8Array): void {
  const data = batch.open(attribute);
  batch.bytes(DATA.value, value);
  batch.close(data);
}
