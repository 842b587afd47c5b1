import type { Kind } from '../../../src/resource/resource.ts';

/**
 * What the agent makes of an object that is in etcd all the same: everything in it counts; it is there, but
 * something in it is left out or fails closed; or it is as if it were not there.
 */
export type Stored = 'whole' | 'in part' | 'absent';

type Fields = Readonly<Record<string, unknown>>;

/** An object, whether it may be written, and what happens if somebody stores it anyway. */
export interface ValidationCase {
  readonly kind: Kind;
  /** The field that the case is about, where a refusal has to show. */
  readonly field: string;
  readonly spec: Fields;
  readonly metadata: Fields;
  /** What the refusal tells the operator to write; null: accepted. */
  readonly says: string | null;
  readonly stored: Stored;
}

/** Field, what is in the object, what a refusal says (null: accepted), and what becomes of it in etcd. */
export type Line = readonly [field: string, part: Fields, says: string | null, stored: Stored];

/** Cases on the spec of a kind; `base` is what the kind cannot do without. */
export function specCases(
  kind: Kind,
  lines: readonly Line[],
  base: Fields = {},
): readonly ValidationCase[] {
  return lines.map(([field, part, says, stored]) => ({
    kind,
    field: field === '' ? 'spec' : `spec.${field}`,
    spec: { ...base, ...part },
    metadata: {},
    says,
    stored,
  }));
}

/** Cases on one Allow rule of a GlobalNetworkPolicy. */
export function ruleCases(lines: readonly Line[]): readonly ValidationCase[] {
  return lines.map(([field, part, says, stored]) => ({
    kind: 'GlobalNetworkPolicy',
    field: `spec.ingress[0].${field}`,
    spec: { ingress: [{ action: 'Allow', ...part }] },
    metadata: {},
    says,
    stored,
  }));
}

/** Cases on the metadata of a kind; `spec` is what the kind cannot do without. */
export function metadataCases(
  kind: Kind,
  lines: readonly Line[],
  spec: Fields = {},
): readonly ValidationCase[] {
  return lines.map(([field, metadata, says, stored]) => ({
    kind,
    field: `metadata.${field}`,
    spec,
    metadata,
    says,
    stored,
  }));
}
