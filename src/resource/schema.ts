import { describeValue } from './describe-value.ts';
import { durationSeconds } from './go-duration.ts';
import { floatLiteral } from './stored-json.ts';

/**
 * How the writer stores a field: left out when it has its zero value (Go's `omitempty`, the default),
 * written whenever it was given (a pointer), or written always.
 */
type Writing = 'when-set' | 'always';

interface Leaf {
  readonly kind: 'string' | 'boolean' | 'float' | 'duration' | 'port' | 'protocol' | 'labels';
  readonly write?: Writing;
}

/** A whole number between `min` and `max`; `80.0` and `8e1` are not whole numbers to Go's decoder. */
interface IntegerType {
  readonly kind: 'integer';
  readonly min: number;
  readonly max: number;
  readonly write?: Writing;
}

/** Anything; neither looked at nor stored again. */
interface OpaqueType {
  readonly kind: 'opaque';
  readonly write?: Writing;
}

interface ListType {
  readonly kind: 'list';
  readonly of: FieldType;
  readonly write?: Writing;
}

/** An object with named fields, in the order in which the writer stores them. */
export interface StructType {
  readonly kind: 'struct';
  readonly fields: Readonly<Record<string, FieldType>>;
  /** The fields under their exact names and under their names in lower case. */
  readonly byName: ReadonlyMap<string, NamedField>;
  /** Newer versions of the writer add fields here, so an unknown one need not be a mistake. */
  readonly growing: boolean;
  readonly write?: Writing;
}

interface NamedField {
  readonly name: string;
  readonly type: FieldType;
}

/** What a field of a stored object may hold. */
export type FieldType = Leaf | IntegerType | OpaqueType | ListType | StructType;

/** The TypeScript type of a value that conforms to `T`; every field of an object may be absent. */
export type Infer<T> = T extends { readonly kind: 'string' | 'duration' }
  ? string
  : T extends { readonly kind: 'boolean' }
    ? boolean
    : T extends { readonly kind: 'float' | 'integer' }
      ? number
      : T extends { readonly kind: 'port' | 'protocol' }
        ? number | string
        : T extends { readonly kind: 'labels' }
          ? Readonly<Record<string, string>>
          : T extends { readonly kind: 'list'; readonly of: infer Of }
            ? readonly Infer<Of>[]
            : T extends { readonly kind: 'struct'; readonly fields: infer Fields }
              ? { readonly [Name in keyof Fields]?: Infer<Fields[Name]> }
              : unknown;

/** A struct type whose field types are known to the compiler. */
export type Struct<Fields extends Readonly<Record<string, FieldType>>> = StructType & {
  readonly fields: Fields;
};

export const string = { kind: 'string' } as const;
export const boolean = { kind: 'boolean' } as const;
/** Go's float64. */
export const float = { kind: 'float' } as const;
/** Kubernetes' Duration: Go's text form, `1m30s`. */
export const duration = { kind: 'duration' } as const;
/** Calico's numorstring.Port; conforms to a number, `first:last` or a name. */
export const port = { kind: 'port' } as const;
/** Calico's numorstring.Protocol; conforms to a number or a name. */
export const protocol = { kind: 'protocol' } as const;
/** A map of strings to strings. */
export const labels = { kind: 'labels' } as const;
export const opaque = { kind: 'opaque' } as const;
/** Go's int. */
export const integer = integerBetween(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
/** Go's uint16. */
export const portNumber = integerBetween(0, 65535);
/** A list of strings. */
export const strings = { kind: 'list', of: string } as const;

/** A whole number in a range. */
export function integerBetween(
  min: number,
  max: number,
): { readonly kind: 'integer'; readonly min: number; readonly max: number } {
  return { kind: 'integer', min, max };
}

/** A list of `of`. */
export function listOf<Of extends FieldType>(of: Of): { readonly kind: 'list'; readonly of: Of } {
  return { kind: 'list', of };
}

/** An object with these fields; field names are matched without regard to case, as Go does. */
export function struct<Fields extends Readonly<Record<string, FieldType>>>(
  fields: Fields,
): Struct<Fields> {
  const named = Object.entries(fields).map(([name, type]) => ({ name, type }));
  const byName = new Map([
    ...named.map((field) => [field.name.toLowerCase(), field] as const),
    ...named.map((field) => [field.name, field] as const),
  ]);
  return { kind: 'struct', fields, byName, growing: false };
}

/** The same field, stored whenever it was given, zero or not. */
export function whenSet<T extends FieldType>(type: T): T {
  return { ...type, write: 'when-set' };
}

/** The same field, stored always. */
export function always<T extends FieldType>(type: T): T {
  return { ...type, write: 'always' };
}

/** A value of the wrong type, and where. */
export interface Mismatch {
  readonly field: string;
  readonly message: string;
}

/** A field that the type does not have. */
export interface UnknownField {
  readonly field: string;
  readonly name: string;
  readonly type: StructType;
}

/** What conforming found; one per object. `unknown` null: unknown fields are not of interest. */
export interface Conformance {
  readonly mismatches: Mismatch[];
  readonly unknown: UnknownField[] | null;
  /** Field names, list positions, and map keys in brackets, down to where conforming has got. */
  readonly path: (string | number)[];
}

/** A fresh record for `conform`. */
export function newConformance(unknown: 'ignore-unknown' | 'collect-unknown'): Conformance {
  return { mismatches: [], unknown: unknown === 'ignore-unknown' ? null : [], path: [] };
}

/**
 * The value in its declared form, the way Go's encoding/json would decode it into a struct: field names
 * in any case, unknown fields left out, null counts as absent, types strict. Where the type does not
 * fit, the mismatch is recorded and the result must not be used.
 */
export function conform<T extends FieldType>(
  type: T,
  value: unknown,
  found: Conformance,
): Infer<T> {
  return conformAny(type, value, found) as Infer<T>;
}

function conformAny(type: FieldType, value: unknown, found: Conformance): unknown {
  switch (type.kind) {
    case 'opaque':
      return value;
    case 'integer':
      return conformInteger(type, value, found);
    case 'list':
      return conformList(type, value, found);
    case 'struct':
      return conformStruct(type, value, found);
    case 'string':
    case 'boolean':
    case 'float':
    case 'duration':
    case 'port':
    case 'protocol':
    case 'labels':
      return LEAVES[type.kind](value, found);
  }
}

type ConformLeaf = (value: unknown, found: Conformance) => unknown;

const LEAVES: Readonly<Record<Leaf['kind'], ConformLeaf>> = {
  string: (value, found) => (typeof value === 'string' ? value : mismatch(found, 'text', value)),
  boolean: (value, found) =>
    typeof value === 'boolean' ? value : mismatch(found, 'true or false', value),
  float: conformFloat,
  duration: conformDuration,
  port: conformPort,
  protocol: conformProtocol,
  labels: conformLabels,
};

/** Whether the value is an object with fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// The object itself is the result as long as nothing about it has to change, which is the rule: copying
// would cost as much as parsing did.
function conformStruct(type: StructType, value: unknown, found: Conformance): unknown {
  if (!isRecord(value)) return mismatch(found, 'an object', value);
  let result: Record<string, unknown> | null = null;
  for (const key in value) {
    const stored = value[key];
    const field = fieldNamed(type, key);
    if (field === undefined || isAbsent(stored)) {
      result ??= fieldsBefore(key, value);
      if (field === undefined) noteUnknown(key, type, found);
      continue;
    }
    found.path.push(field.name);
    const conformed = conformAny(field.type, stored, found);
    found.path.pop();
    if (conformed !== stored || field.name !== key) result ??= fieldsBefore(key, value);
    if (result !== null) result[field.name] = conformed;
  }
  return result ?? value;
}

function fieldNamed(type: StructType, key: string): NamedField | undefined {
  return type.byName.get(key) ?? type.byName.get(key.toLowerCase());
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function fieldsBefore(
  end: string,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key in value) {
    if (key === end) break;
    result[key] = value[key];
  }
  return result;
}

function noteUnknown(name: string, type: StructType, found: Conformance): void {
  found.unknown?.push({ field: pathText([...found.path, name]), name, type });
}

function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' || step.startsWith('[') ? step : `.${step}`;
  }
  return text;
}

function conformList(type: ListType, value: unknown, found: Conformance): unknown {
  if (!Array.isArray(value)) return mismatch(found, 'a list', value);
  const stored: readonly unknown[] = value;
  let result: unknown[] | null = null;
  for (let index = 0; index < stored.length; index++) {
    const item = stored[index];
    found.path.push(index);
    const conformed = isAbsent(item) ? zeroOf(type.of) : conformAny(type.of, item, found);
    found.path.pop();
    if (result === null && conformed !== item) result = stored.slice(0, index);
    result?.push(conformed);
  }
  return result ?? stored;
}

// What Go leaves in a list element that the text gives as null.
function zeroOf(type: FieldType): unknown {
  switch (type.kind) {
    case 'string':
    case 'duration':
      return '';
    case 'boolean':
      return false;
    case 'float':
    case 'integer':
    case 'port':
    case 'protocol':
      return 0;
    case 'list':
      return [];
    case 'labels':
    case 'struct':
      return {};
    case 'opaque':
      return null;
  }
}

function conformLabels(value: unknown, found: Conformance): unknown {
  if (!isRecord(value)) return mismatch(found, 'a map of texts', value);
  let hasNull = false;
  for (const key in value) {
    const item = value[key];
    if (typeof item === 'string') continue;
    if (isAbsent(item)) hasNull = true;
    else mismatchAtKey(key, item, found);
  }
  if (!hasNull) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, item ?? '']));
}

function mismatchAtKey(key: string, item: unknown, found: Conformance): void {
  found.path.push(`[${JSON.stringify(key)}]`);
  mismatch(found, 'text (put numbers and booleans in quotes)', item);
  found.path.pop();
}

function conformFloat(value: unknown, found: Conformance): unknown {
  const written = floatLiteral(value);
  if (written !== null) return written;
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : mismatch(found, 'a number', value);
}

function conformInteger(type: IntegerType, value: unknown, found: Conformance): unknown {
  if (isWhole(value, type.min, type.max)) return value;
  const range = type.min === Number.MIN_SAFE_INTEGER ? '' : ` between ${type.min} and ${type.max}`;
  return mismatch(found, `a whole number${range}`, value);
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function conformDuration(value: unknown, found: Conformance): unknown {
  return typeof value === 'string' && durationSeconds(value) !== null
    ? value
    : mismatch(found, 'a duration with a unit, such as "90s" or "1m30s"', value);
}

const PORT_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

function conformPort(value: unknown, found: Conformance): unknown {
  if (isWhole(value, 0, 65535)) return value;
  if (typeof value !== 'string') return mismatch(found, 'a port number from 1 to 65535', value);
  const [, first, last] = /^(\d+)(?::(\d+))?$/.exec(value) ?? [];
  if (first !== undefined) return conformRange(value, Number(first), found, last);
  if (PORT_NAME.test(value)) return value;
  return mismatch(found, 'a port: 80, "8000:8100" or "http", one to an entry', value);
}

function conformRange(
  text: string,
  from: number,
  found: Conformance,
  last = String(from),
): unknown {
  const to = Number(last);
  if (from > 65535 || to > 65535) return mismatch(found, 'ports from 1 to 65535', text);
  if (from > to)
    return mismatch(found, `a range with the lower port first ("${to}:${from}")`, text);
  return from === to ? from : `${from}:${to}`;
}

function conformProtocol(value: unknown, found: Conformance): unknown {
  if (isWhole(value, 0, 255)) return value;
  if (typeof value !== 'string') {
    return mismatch(found, 'a protocol name or a number from 1 to 255', value);
  }
  return /^\d+$/.test(value) && Number(value) <= 255 ? Number(value) : value;
}

function mismatch(found: Conformance, expected: string, value: unknown): null {
  const message = `must be ${expected}, not ${describeValue(value)}`;
  found.mismatches.push({ field: pathText(found.path), message });
  return null;
}
