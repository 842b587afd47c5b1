import { labels, listOf, opaque, string, strings, struct, whenSet } from './schema.ts';
import type { FieldType, Infer, Struct } from './schema.ts';

/** Kubernetes' ObjectMeta. Times are not looked at: nothing may depend on their form. */
export const metadataSchema = struct({
  name: string,
  generateName: string,
  namespace: string,
  selfLink: opaque,
  uid: string,
  resourceVersion: opaque,
  generation: opaque,
  creationTimestamp: opaque,
  deletionTimestamp: opaque,
  deletionGracePeriodSeconds: opaque,
  labels,
  annotations: labels,
  ownerReferences: listOf(opaque),
  finalizers: strings,
  managedFields: opaque,
});

/** The metadata of a stored object. */
export type StoredMetadata = Infer<typeof metadataSchema>;

/** The fields of a kind's `spec`. */
export type SpecFields = Readonly<Record<string, FieldType>>;

/** What the value of a key holds: Kubernetes' envelope around the spec of a kind. */
export interface StoredObject<Fields extends SpecFields> {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata?: StoredMetadata;
  readonly spec?: Infer<Struct<Fields>>;
}

type Envelope<Fields extends SpecFields> = Struct<{
  readonly kind: typeof string;
  readonly apiVersion: typeof string;
  readonly metadata: typeof metadataSchema;
  readonly spec: Struct<Fields>;
  readonly status: typeof opaque;
}>;

/** The schema of a whole object of a kind with this spec. */
export function objectSchema<Fields extends SpecFields>(spec: Struct<Fields>): Envelope<Fields> {
  return struct({
    kind: string,
    apiVersion: string,
    metadata: metadataSchema,
    spec: whenSet(spec),
    status: opaque,
  });
}
