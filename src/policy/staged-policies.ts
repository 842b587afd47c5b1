import { resourceName } from '../resource/resource.ts';
import type { LocalEndpoint, Policy } from './local-policy.ts';
import type { LocalTiers } from './local-tiers.ts';

/** What a staged policy would make of this host's policy, were it committed. */
export interface StagedPolicy {
  readonly policy: Policy;
  /** The endpoints as they would be; null: it proposes nothing that could be evaluated (Learn, Ignore). */
  readonly endpoints: readonly LocalEndpoint[] | null;
}

/** The staged policies that concern this host. */
export interface Staged {
  /** By name. */
  readonly policies: readonly StagedPolicy[];
  /** The endpoints with all that is proposed; null: nothing is. */
  readonly together: readonly LocalEndpoint[] | null;
}

/** One endpoint, the policies that are enforced on it, and what to make of others. */
export interface StagedSubject {
  readonly endpoint: LocalEndpoint;
  readonly policies: ReadonlySet<Policy>;
  readonly selects: (policy: Policy) => boolean;
  readonly arrange: (policies: Iterable<Policy>) => LocalTiers;
}

/** Whether a staged policy can concern host endpoints: only global policies select them. */
export function isStagedHere({ kind }: Policy): boolean {
  return kind === 'StagedGlobalNetworkPolicy';
}

/**
 * What each of the staged policies would change on these endpoints, alone and all together. Set adds the policy, in
 * place of the GlobalNetworkPolicy of the same name; Delete takes that away. Learn and Ignore propose no rules.
 * Policies that neither select an endpoint nor replace one that does are left out.
 */
export function stagedPolicies(
  staged: readonly Policy[],
  subjects: readonly StagedSubject[],
): Staged {
  const concerned = staged
    .filter((one) => subjects.some((subject) => isConcerned(one, subject)))
    .sort((a, b) => (resourceName(a) < resourceName(b) ? -1 : 1));
  const proposals = concerned.filter(isProposal);
  return {
    policies: concerned.map((policy) => ({
      policy,
      endpoints: isProposal(policy) ? endpointsWith([policy], subjects) : null,
    })),
    together: proposals.length === 0 ? null : endpointsWith(proposals, subjects),
  };
}

function isProposal({ stagedAction }: Policy): boolean {
  return stagedAction === 'Set' || stagedAction === 'Delete';
}

function isConcerned(staged: Policy, { policies, selects }: StagedSubject): boolean {
  if (staged.stagedAction !== 'Delete' && selects(staged)) return true;
  return isProposal(staged) && [...policies].some((policy) => isReplaced(policy, staged));
}

function isReplaced(policy: Policy, staged: Policy): boolean {
  return policy.kind === 'GlobalNetworkPolicy' && policy.displayName === staged.displayName;
}

function endpointsWith(
  staged: readonly Policy[],
  subjects: readonly StagedSubject[],
): readonly LocalEndpoint[] {
  return subjects.map((subject) => {
    const { endpoint, policies, selects, arrange } = subject;
    if (!staged.some((one) => isConcerned(one, subject))) return endpoint;
    const kept = [...policies].filter((policy) => !staged.some((one) => isReplaced(policy, one)));
    const added = staged.filter((one) => one.stagedAction === 'Set' && selects(one));
    const tiers = arrange([...kept, ...added.map(committed)]);
    const untracked = endpoint.interfaces === '*' ? [] : tiers.untracked;
    return { ...endpoint, ...tiers, untracked };
  });
}

// As it would be stored: its kind is part of the order among policies of one tier.
function committed(staged: Policy): Policy {
  return { ...staged, kind: 'GlobalNetworkPolicy', stagedAction: '' };
}
