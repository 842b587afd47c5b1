import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { parseAddress } from '../net/address.ts';
import { packetProblem } from '../net/packet.ts';
import type { Packet, PacketConntrack, PacketDnat, PacketPath } from '../net/packet.ts';

const PATHS: readonly PacketPath[] = ['input', 'output', 'forward', 'loopback'];
const STATES: readonly PacketConntrack[] = [
  'new',
  'established',
  'related',
  'invalid',
  'untracked',
];

type Document = Readonly<Record<string, unknown>>;

/** One field: what it is when it is absent, and what it must be. */
interface Field<T> {
  readonly otherwise: T;
  readonly allowed: string;
  accepts(value: unknown): value is T;
}

const FIELDS: { readonly [Name in Exclude<keyof Packet, 'family' | 'dnat'>]: Field<Packet[Name]> } =
  {
    path: oneOf(PATHS, 'input'),
    iifname: text(''),
    oifname: text(''),
    oifnameAfterDnat: orNull(text(''), null),
    source: text(''),
    destination: text(''),
    protocol: number(255, 6),
    sourcePort: orNull(number(65_535, 0), null),
    destinationPort: orNull(number(65_535, 0), null),
    icmpType: orNull(number(255, 0), null),
    icmpCode: orNull(number(255, 0), null),
    hopLimit: number(255, 64),
    mark: number(0xffffffff, 0),
    conntrack: oneOf(STATES, 'new'),
  };

/**
 * A packet out of what somebody sent: every field of `Packet` that is absent has its default, the family is that of
 * the source. The error says which field is wrong and what to write.
 */
export function readPacket(value: unknown): Result<Packet, string> {
  if (!isDocument(value)) return err('a packet is an object with the fields of a packet');
  const problem = fieldProblem(value) ?? dnatProblem(value['dnat']);
  if (problem !== null) return err(problem);
  const fields = Object.fromEntries(
    Object.entries(FIELDS).map(([name, { otherwise }]) => [name, value[name] ?? otherwise]),
  ) as unknown as Omit<Packet, 'family' | 'dnat'>;
  const family = parseAddress(fields.source)?.family ?? 4;
  const packet: Packet = { ...fields, family, dnat: readDnat(value['dnat']) };
  const contradiction = packetProblem(packet);
  return contradiction === null ? ok(packet) : err(contradiction);
}

function fieldProblem(document: Document): string | null {
  for (const [name, value] of Object.entries(document)) {
    if (name === 'dnat' || name === 'family' || value === undefined) continue;
    if (!isFieldName(name)) {
      return `a packet has no field "${name}"; it has ${Object.keys(FIELDS).join(', ')} and dnat`;
    }
    const field: Field<unknown> = FIELDS[name];
    if (!field.accepts(value)) return `${name}: write ${field.allowed}`;
  }
  return null;
}

function dnatProblem(dnat: unknown): string | null {
  if (dnat === undefined || dnat === null) return null;
  const isGood =
    isDocument(dnat) &&
    typeof dnat['destination'] === 'string' &&
    FIELDS.destinationPort.accepts(dnat['destinationPort'] ?? null);
  return isGood
    ? null
    : 'dnat: write an object with destination and, if it changes, destinationPort';
}

function readDnat(dnat: unknown): PacketDnat | null {
  if (!isDocument(dnat)) return null;
  const { destination, destinationPort } = dnat as Partial<PacketDnat>;
  return { destination: destination ?? '', destinationPort: destinationPort ?? null };
}

function isFieldName(name: string): name is keyof typeof FIELDS {
  return Object.hasOwn(FIELDS, name);
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(otherwise: string): Field<string> {
  return { otherwise, allowed: 'text', accepts: (value) => typeof value === 'string' };
}

function number(most: number, otherwise: number): Field<number> {
  return {
    otherwise,
    allowed: `a number from 0 to ${most}`,
    accepts: (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most,
  };
}

function oneOf<T extends string>(words: readonly T[], otherwise: T): Field<T> {
  return {
    otherwise,
    allowed: words.join(', '),
    accepts: (value): value is T => words.some((word) => word === value),
  };
}

function orNull<T>(field: Field<T>, otherwise: null): Field<T | null> {
  return {
    otherwise,
    allowed: `${field.allowed}, or null`,
    accepts: (value): value is T | null => value === null || field.accepts(value),
  };
}
