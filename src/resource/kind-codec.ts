import { decodeObject } from './decode-object.ts';
import { admitObject } from './admit-object.ts';
import type { Admitted } from './admit-object.ts';
import type { Findings } from './findings.ts';
import type { KindDefinition } from './kind-definition.ts';
import { objectSchema } from './object-schema.ts';
import type { SpecFields } from './object-schema.ts';
import type { Kind, Resource, ResourceId } from './resource.ts';

/** Reading and writing of one kind, whatever the fields of its spec. */
export interface KindCodec {
  /** The resource that a parsed value means; null, with the reason found, when it counts as absent. */
  readonly decode: (value: unknown, id: ResourceId, findings: Findings) => Resource | null;
  /** What calicoctl would make of a manifest of the kind. */
  readonly admit: (kind: Kind, document: unknown, findings: Findings) => Admitted;
}

/** The codec of a kind. */
export function kindCodec<Fields extends SpecFields>(
  definition: KindDefinition<Fields>,
): KindCodec {
  const schema = objectSchema(definition.spec);
  return {
    decode: (value, id, findings) => decodeObject(definition, schema, value, { id, findings }),
    admit: (kind, document, findings) =>
      admitObject(definition, schema, document, { kind, findings }),
  };
}
