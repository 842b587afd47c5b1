import { completePolicy } from './complete-policy.ts';
import type { KindDefinition } from './kind-definition.ts';
import type { SpecFields } from './object-schema.ts';
import { readPolicy } from './policy.ts';
import {
  globalPolicySchema,
  namespacedPolicySchema,
  stagedGlobalPolicySchema,
  stagedNamespacedPolicySchema,
} from './policy-schema.ts';
import type { PolicyKind } from './resource.ts';
import type { Struct } from './schema.ts';
import { validatePolicy } from './validate-policy.ts';

function policyKind<Fields extends SpecFields>(
  kind: PolicyKind,
  spec: Struct<Fields>,
): KindDefinition<Fields> {
  return {
    spec,
    read: (input) => readPolicy(kind, input),
    validate: validatePolicy,
    complete: (object) => completePolicy(kind, object),
  };
}

/** GlobalNetworkPolicy: rules for the endpoints that a selector picks, hosts among them. */
export const globalNetworkPolicyKind = policyKind('GlobalNetworkPolicy', globalPolicySchema);
/** NetworkPolicy: the same inside one namespace. */
export const networkPolicyKind = policyKind('NetworkPolicy', namespacedPolicySchema);
/** StagedGlobalNetworkPolicy: a proposal; read, never enforced. */
export const stagedGlobalNetworkPolicyKind = policyKind(
  'StagedGlobalNetworkPolicy',
  stagedGlobalPolicySchema,
);
/** StagedNetworkPolicy: a proposal; read, never enforced. */
export const stagedNetworkPolicyKind = policyKind(
  'StagedNetworkPolicy',
  stagedNamespacedPolicySchema,
);
