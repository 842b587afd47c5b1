import { METADATA_ANNOTATION } from './display-name.ts';
import type { SpecFields, StoredMetadata, StoredObject } from './object-schema.ts';
import { tierOf } from './policy.ts';
import type { StoredPolicySpec } from './policy-schema.ts';
import type { PolicyKind } from './resource.ts';
import { goString } from './serialise.ts';

const TIER_LABEL = 'projectcalico.org/tier';

/**
 * A policy with what Calico ≥ v3.32 adds on writing: the tier, types from the rules present, the tier as a
 * label, and the name as given, in an annotation.
 */
export function completePolicy<Fields extends SpecFields>(
  kind: PolicyKind,
  object: StoredObject<Fields>,
): StoredObject<Fields> {
  const spec: StoredPolicySpec = object.spec ?? {};
  const tier = tierOf(spec);
  const staged = kind.startsWith('Staged') ? { stagedAction: stagedActionOf(spec) } : {};
  const completed = { ...spec, ...staged, tier, ...typesOf(spec) };
  return {
    ...object,
    metadata: completeMetadata(object.metadata ?? {}, tier),
    spec: completed as NonNullable<StoredObject<Fields>['spec']>,
  };
}

function stagedActionOf(spec: StoredPolicySpec): string {
  return spec.stagedAction === undefined || spec.stagedAction === '' ? 'Set' : spec.stagedAction;
}

function typesOf(spec: StoredPolicySpec): Pick<StoredPolicySpec, 'types'> {
  if ((spec.types ?? []).length > 0 || spec.stagedAction === 'Delete') return {};
  if ((spec.egress ?? []).length === 0) return { types: ['Ingress'] };
  return { types: (spec.ingress ?? []).length === 0 ? ['Egress'] : ['Ingress', 'Egress'] };
}

function completeMetadata(metadata: StoredMetadata, tier: string): StoredMetadata {
  const name = `{"name":${goString(metadata.name ?? '')}}`;
  return {
    ...metadata,
    labels: { ...metadata.labels, [TIER_LABEL]: tier },
    annotations: { ...metadata.annotations, [METADATA_ANNOTATION]: name },
  };
}
