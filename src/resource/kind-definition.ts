import type { Findings, Refuse } from './findings.ts';
import type { SpecFields, StoredMetadata, StoredObject } from './object-schema.ts';
import type { Resource, ResourceId } from './resource.ts';
import type { Infer, Struct } from './schema.ts';

/** One stored object on its way to becoming a resource. */
export interface ReadInput<Fields extends SpecFields> {
  readonly id: ResourceId;
  readonly metadata: StoredMetadata;
  readonly spec: Infer<Struct<Fields>>;
  readonly findings: Findings;
}

/** One object on its way into the datastore. */
export interface WriteInput<Fields extends SpecFields> {
  readonly id: ResourceId;
  readonly metadata: StoredMetadata;
  readonly spec: Infer<Struct<Fields>>;
}

/** What there is to know about one Calico kind. */
export interface KindDefinition<Fields extends SpecFields> {
  readonly spec: Struct<Fields>;
  /** What the object means; null when Calico's agent would treat it as absent, with the reason found. */
  readonly read: (input: ReadInput<Fields>) => Resource | null;
  /** The rules that calicoctl applies before it stores an object of the kind, metadata excepted. */
  readonly validate: (input: WriteInput<Fields>, refuse: Refuse) => void;
  /** The object with the defaults that Calico ≥ v3.32 stores. */
  readonly complete?: (object: StoredObject<Fields>) => StoredObject<Fields>;
  /** Stored with an empty `status`, as its type has one. */
  readonly hasStatus?: boolean;
}
