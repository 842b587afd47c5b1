import type { BranchField, Family, Match, PortRange } from '../ruleset/ruleset.ts';
import { addressLength, clearHostBits, writeAddress } from './address-bytes.ts';
import { INTERFACE_KEY, interfaceName } from './batch-anonymous.ts';
import type { AnonymousSets, KeyType } from './batch-anonymous.ts';
import type { BatchBytes } from './batch-bytes.ts';
import {
  COMPARE,
  compare,
  compareOutside,
  CT,
  expression,
  loadConntrack,
  loadMeta,
  loadPayload,
  lookUp,
  mask,
  META,
  PAYLOAD_BASE,
  REGISTER,
} from './batch-expression.ts';
import type { Place } from './batch-expression.ts';
import { netInterval } from './batch-interval.ts';
import type { Interval } from './batch-interval.ts';
import { KEY_ORDER, TYPE } from './batch-set.ts';

/** Where a rule is written, and what its matches so far have made sure of. */
export interface RuleContext {
  readonly batch: BatchBytes;
  readonly sets: AnonymousSets;
  /** The map that holds the verdicts that the rule looks up. */
  readonly map?: string | undefined;
  family: Family | null;
  protocol: number | null;
}

const NFPROTO = { 4: 2, 6: 10 } as const;
const ICMP = { 4: 1, 6: 58 } as const;
const CT_STATE = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;
const CT_STATUS_DNAT = 32;
const LIMIT = { rate: 1, unit: 2, burst: 3, type: 4, flags: 5 } as const;
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;
// What nft makes of a burst of nothing.
const DEFAULT_BURST = 5;

/** A match whose anonymous set, if it needs one, was written; `write` writes its expressions. */
export type PreparedMatch = () => void;

/**
 * Writes the anonymous set that a match needs, and answers how to write its expressions. The values were
 * checked by `encodeRule`.
 */
export function prepareMatch(context: RuleContext, match: Match): PreparedMatch {
  if ('side' in match) return prepareEnd(context, match);
  const { batch } = context;
  switch (match.kind) {
    case 'iifname':
    case 'oifname': {
      const values = match.names.map(interfaceName);
      const test = oneOf(context, INTERFACE_KEY, { values, negated: false });
      return () => {
        loadMeta(batch, META[match.kind]);
        test();
      };
    }
    case 'family':
      return () => {
        requireFamily(context, match.family, true);
      };
    case 'l4proto':
      return prepareProtocols(context, match);
    case 'icmp':
      return prepareIcmp(context, match);
    case 'hoplimit':
      return () => {
        requireFamily(context, 6);
        loadPayload(batch, { base: PAYLOAD_BASE.network, offset: 7, length: 1 });
        compare(batch, COMPARE.eq, Buffer.from([match.value]));
      };
    case 'ct-state':
    case 'ct-status-dnat':
    case 'mark':
    case 'limit':
      return () => {
        writeState(context, match);
      };
  }
}

type StateMatch = Extract<
  Match,
  { readonly kind: 'ct-state' | 'ct-status-dnat' | 'mark' | 'limit' }
>;

function writeState({ batch }: RuleContext, match: StateMatch): void {
  switch (match.kind) {
    case 'ct-state':
      loadConntrack(batch, CT.state);
      hasBits(
        batch,
        match.states.reduce((bits, state) => bits | CT_STATE[state], 0),
      );
      break;
    case 'ct-status-dnat':
      loadConntrack(batch, CT.status);
      hasBits(batch, CT_STATUS_DNAT);
      break;
    case 'mark':
      loadMeta(batch, META.mark);
      mask(batch, hostNumber(match.mask), hostNumber(0));
      compare(batch, COMPARE.eq, hostNumber(match.value));
      break;
    case 'limit':
      expression(batch, 'limit', () => {
        batch.u64(LIMIT.rate, match.rate);
        batch.u64(LIMIT.unit, SECONDS[match.per]);
        batch.u32(LIMIT.burst, match.burst === 0 ? DEFAULT_BURST : match.burst);
        batch.u32(LIMIT.type, 0);
        batch.u32(LIMIT.flags, 0);
      });
  }
}

type EndMatch = Extract<Match, { readonly side: unknown }>;

function prepareEnd(context: RuleContext, match: EndMatch): PreparedMatch {
  const { batch } = context;
  switch (match.kind) {
    case 'address':
      return prepareAddress(context, match);
    case 'address-set':
      return () => {
        requireFamily(context, match.family);
        loadPayload(batch, addressPlace(match.family, match.side));
        lookUp(batch, { name: match.set }, match.negated ? 'absent' : 'present');
      };
    case 'port':
      return preparePorts(context, match);
    case 'named-port':
      return () => {
        writeNamedPort(context, match);
      };
  }
}

function prepareAddress(
  context: RuleContext,
  { side, family, negated, nets }: Extract<EndMatch, { kind: 'address' }>,
): PreparedMatch {
  const { batch } = context;
  const place = addressPlace(family, side);
  const intervals = nets.map((net) => netInterval(family, net));
  const [only, ...others] = intervals;
  const set = others.length === 0 ? null : context.sets.intervals(addressKey(family), intervals);
  return () => {
    requireFamily(context, family);
    if (set !== null) {
      loadPayload(batch, place);
      lookUp(batch, set, negated ? 'absent' : 'present');
    } else if (only !== undefined) comparePrefix(batch, { place, ...only, net: nets[0] }, negated);
  };
}

// Whole bytes of a prefix are compared as they are; anything else is masked first, as nft does.
function comparePrefix(
  batch: BatchBytes,
  {
    place,
    first,
    net = '',
  }: { readonly place: Place; readonly first: Buffer; readonly net: string | undefined },
  negated: boolean,
): void {
  const slash = net.indexOf('/');
  const bits = slash < 0 ? first.length * 8 : Number(net.slice(slash + 1));
  const operator = negated ? COMPARE.neq : COMPARE.eq;
  if (bits > 0 && bits % 8 === 0) {
    const length = bits / 8;
    loadPayload(batch, { ...place, length });
    compare(batch, operator, first.subarray(0, length));
    return;
  }
  loadPayload(batch, place);
  mask(batch, prefixMask(first.length, bits), Buffer.alloc(first.length));
  compare(batch, operator, first);
}

function prefixMask(length: number, bits: number): Buffer {
  const ones = Buffer.alloc(length, 0xff);
  clearHostBits(ones, bits);
  return ones;
}

function preparePorts(
  context: RuleContext,
  { side, ports, negated }: Extract<EndMatch, { kind: 'port' }>,
): PreparedMatch {
  const { batch } = context;
  const [only, ...others] = ports;
  const set = others.length === 0 ? null : portSet(context, ports);
  return () => {
    loadPayload(batch, portPlace(side));
    if (set !== null) lookUp(batch, set, negated ? 'absent' : 'present');
    else if (only !== undefined) comparePorts(batch, only, negated);
  };
}

function portSet(
  { sets }: RuleContext,
  ports: readonly PortRange[],
): ReturnType<AnonymousSets['values']> {
  if (ports.every(({ from, to }) => from === to))
    return sets.values(
      PORT_KEY,
      ports.map(({ from }) => port(from)),
    );
  return sets.intervals(
    PORT_KEY,
    ports.map(({ from, to }): Interval => ({
      first: port(from),
      end: to === 0xffff ? null : port(to + 1),
    })),
  );
}

function comparePorts(batch: BatchBytes, { from, to }: PortRange, negated: boolean): void {
  if (from === to) compare(batch, negated ? COMPARE.neq : COMPARE.eq, port(from));
  else if (negated) compareOutside(batch, port(from), port(to));
  else {
    compare(batch, COMPARE.gte, port(from));
    compare(batch, COMPARE.lte, port(to));
  }
}

function writeNamedPort(
  context: RuleContext,
  { side, family, negated, set }: Extract<EndMatch, { kind: 'named-port' }>,
): void {
  const { batch } = context;
  const isSource = side === 'source';
  const second = REGISTER.firstOfFour + addressLength(family) / 4;
  requireFamily(context, family);
  loadPayload(batch, addressPlace(family, isSource ? 'saddr' : 'daddr'));
  loadMeta(batch, META.l4proto, second);
  loadPayload(batch, portPlace(isSource ? 'sport' : 'dport'), second + 1);
  lookUp(batch, { name: set }, negated ? 'absent' : 'present');
}

function prepareProtocols(
  context: RuleContext,
  { protocols, negated }: Extract<Match, { kind: 'l4proto' }>,
): PreparedMatch {
  const values = protocols.map((one) => Buffer.from([one]));
  const test = oneOf(context, PROTOCOL_KEY, { values, negated });
  return () => {
    loadMeta(context.batch, META.l4proto);
    test();
    if (!negated && protocols.length === 1) context.protocol = protocols[0] ?? null;
  };
}

function prepareIcmp(
  context: RuleContext,
  { family, field, negated, values }: Extract<Match, { kind: 'icmp' }>,
): PreparedMatch {
  const { batch } = context;
  const [type, code] =
    family === 4 ? [TYPE.icmpType, TYPE.icmpCode] : [TYPE.icmpv6Type, TYPE.icmpv6Code];
  const key = { type: field === 'type' ? type : code, length: 1, order: KEY_ORDER.network };
  const test = oneOf(context, key, { values: values.map((one) => Buffer.from([one])), negated });
  return () => {
    if (context.protocol !== ICMP[family]) {
      // ICMP of the other family counts as well once a rule has settled on one, as with nft.
      if (context.family === null) requireFamily(context, family);
      loadMeta(batch, META.l4proto);
      compare(batch, COMPARE.eq, Buffer.from([ICMP[family]]));
      context.protocol = ICMP[family];
    }
    const offset = field === 'type' ? 0 : 1;
    loadPayload(batch, { base: PAYLOAD_BASE.transport, offset, length: 1 });
    test();
  };
}

/** The field of a branch: the type of its keys, a key as bytes, and how to load what is looked for. */
export function prepareField(
  context: RuleContext,
  field: BranchField,
): {
  readonly key: KeyType;
  readonly value: (key: string) => Uint8Array;
  readonly load: () => void;
} {
  const { batch } = context;
  if (field.kind === 'dport') {
    const load = (): void => {
      loadPayload(batch, portPlace('dport'));
      if (field.mask !== 0xffff) mask(batch, port(field.mask), port(0));
    };
    return { key: PORT_KEY, value: (key) => port(Number(key)), load };
  }
  const { kind, family, prefix } = field;
  const length = addressLength(family);
  const load = (): void => {
    requireFamily(context, family);
    loadPayload(batch, addressPlace(family, kind));
    if (prefix < length * 8) mask(batch, prefixMask(length, prefix), Buffer.alloc(length));
  };
  const value = (key: string): Uint8Array => {
    const bytes = new Uint8Array(length);
    writeAddress(bytes, family, key);
    return bytes;
  };
  return { key: addressKey(family), value, load };
}

function oneOf(
  { batch, sets }: RuleContext,
  key: KeyType,
  { values, negated }: { readonly values: readonly Buffer[]; readonly negated: boolean },
): () => void {
  const [only, ...others] = values;
  if (only === undefined || others.length > 0) {
    const set = sets.values(key, values);
    return () => {
      lookUp(batch, set, negated ? 'absent' : 'present');
    };
  }
  return () => {
    compare(batch, negated ? COMPARE.neq : COMPARE.eq, only);
  };
}

// The table holds both families: bytes of a header mean something in one of them only.
function requireFamily(context: RuleContext, family: Family, always = false): void {
  if (context.family === family && !always) return;
  loadMeta(context.batch, META.nfproto);
  compare(context.batch, COMPARE.eq, Buffer.from([NFPROTO[family]]));
  context.family = family;
}

function hasBits(batch: BatchBytes, bits: number): void {
  mask(batch, hostNumber(bits), hostNumber(0));
  compare(batch, COMPARE.neq, hostNumber(0));
}

/** A number as the kernel itself keeps marks and states. */
export function hostNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function port(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function portPlace(side: 'sport' | 'dport'): Place {
  return { base: PAYLOAD_BASE.transport, offset: side === 'sport' ? 0 : 2, length: 2 };
}

function addressPlace(family: Family, side: 'saddr' | 'daddr'): Place {
  const start = family === 4 ? 12 : 8;
  const length = addressLength(family);
  return { base: PAYLOAD_BASE.network, offset: side === 'saddr' ? start : start + length, length };
}

function addressKey(family: Family): KeyType {
  const type = family === 4 ? TYPE.ipv4 : TYPE.ipv6;
  return { type, length: addressLength(family), order: KEY_ORDER.network };
}

const PROTOCOL_KEY: KeyType = { type: TYPE.protocol, length: 1, order: KEY_ORDER.host };
const PORT_KEY: KeyType = { type: TYPE.service, length: 2, order: KEY_ORDER.network };
