import { ruleSchema } from './rule-schema.ts';
import { boolean, float, listOf, string, strings, struct, whenSet } from './schema.ts';
import type { Infer } from './schema.ts';

const rules = listOf(ruleSchema);

const namespacedFields = {
  tier: string,
  order: whenSet(float),
  ingress: rules,
  egress: rules,
  selector: string,
  types: strings,
  serviceAccountSelector: string,
  performanceHints: strings,
};

const globalFields = {
  tier: string,
  order: whenSet(float),
  ingress: rules,
  egress: rules,
  selector: string,
  types: strings,
  doNotTrack: boolean,
  preDNAT: boolean,
  applyOnForward: boolean,
  serviceAccountSelector: string,
  namespaceSelector: string,
  performanceHints: strings,
};

/** `spec` of a NetworkPolicy. */
export const namespacedPolicySchema = struct(namespacedFields);
/** `spec` of a GlobalNetworkPolicy. */
export const globalPolicySchema = struct(globalFields);
/** `spec` of a StagedNetworkPolicy (Calico v3.30). */
export const stagedNamespacedPolicySchema = struct({ stagedAction: string, ...namespacedFields });
/** `spec` of a StagedGlobalNetworkPolicy (Calico v3.30). */
export const stagedGlobalPolicySchema = struct({ stagedAction: string, ...globalFields });

/** The spec of a policy of any kind; those with fewer fields lack the others. */
export type StoredPolicySpec = Infer<typeof stagedGlobalPolicySchema>;
