import { possibleSetNames } from '../compile/set-names.ts';
import type { FamilyMembers, LocalPolicy, MemberSet } from '../policy/local-policy.ts';
import { fixedElements } from '../ruleset/element-set.ts';
import type { RememberedSet } from './programmed-sets.ts';

type Programmed = ReadonlyMap<string, RememberedSet>;

/**
 * A policy with the members that its sets had when they were programmed. The sets of the policy itself may only
 * be read until the next update arrives, and what arrived may not be in force yet.
 */
export function policyInForce(policy: LocalPolicy, programmed: Programmed): LocalPolicy {
  return {
    endpoints: policy.endpoints,
    sets: new Map(Array.from(policy.sets, ([id, set]) => [id, pinned(set, programmed)])),
  };
}

// Most questions are about few sets: members are looked at when they are asked for.
function pinned(set: MemberSet, programmed: Programmed): MemberSet {
  const { id, kind, description } = set;
  let ipv4: FamilyMembers | null = null;
  let ipv6: FamilyMembers | null = null;
  return {
    id,
    kind,
    description,
    get ipv4() {
      return (ipv4 ??= membersOf(id, 4, programmed));
    },
    get ipv6() {
      return (ipv6 ??= membersOf(id, 6, programmed));
    },
  };
}

// Only sets that a rule of the family refers to are programmed.
function membersOf(id: string, family: 4 | 6, programmed: Programmed): FamilyMembers {
  const name = possibleSetNames(id, family).find((one) => programmed.has(one));
  const set = programmed.get(name ?? '');
  const elements = fixedElements(set?.elements ?? []);
  return Object.assign(elements, { addressesOnly: set?.kind !== 'interval' });
}
