import { compareBytes } from '../base/byte-order.ts';
import { isRecord } from './schema.ts';
import type { FieldType, StructType } from './schema.ts';

/**
 * A conforming value as Go's encoding/json would store it: fields in declared order, zero values left out
 * unless the type says otherwise, map keys sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped.
 */
export function serialise(type: FieldType, value: unknown): string {
  switch (type.kind) {
    case 'labels':
      return serialiseLabels(value);
    case 'list':
      return serialiseList(type.of, value);
    case 'struct':
      return serialiseStruct(type, value);
    case 'string':
    case 'duration':
    case 'opaque':
    case 'port':
    case 'protocol':
    case 'boolean':
    case 'float':
    case 'integer':
      return serialiseLeaf(type, value);
  }
}

function serialiseLeaf(type: FieldType, value: unknown): string {
  if (typeof value === 'string') return goString(value);
  if (value !== undefined) return JSON.stringify(value);
  return type.kind === 'string' ? '""' : '0';
}

function serialiseList(of: FieldType, value: unknown): string {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return `[${items.map((item) => serialise(of, item)).join(',')}]`;
}

/** A text as Go's encoding/json quotes it. */
export function goString(text: string): string {
  return JSON.stringify(text.replace(LONE_SURROGATE, '\ufffd')).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function serialiseLabels(value: unknown): string {
  if (!isRecord(value)) return '{}';
  const members = Object.entries(value)
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([key, item]) => `${goString(key)}:${goString(String(item))}`);
  return `{${members.join(',')}}`;
}

function serialiseStruct(type: StructType, value: unknown): string {
  const fields = isRecord(value) ? value : {};
  const members: string[] = [];
  for (const [name, field] of Object.entries(type.fields)) {
    const item = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field.kind === 'opaque' && typeof item !== 'string') continue;
    if (item === undefined && field.write !== 'always') continue;
    const text = serialise(field, item);
    if (field.write !== undefined || !ZERO.has(text)) members.push(`"${name}":${text}`);
  }
  return `{${members.join(',')}}`;
}

const ZERO: ReadonlySet<string> = new Set(['""', '0', 'false', '[]', '{}']);
