import type { PolicyViewAnswer, SetAnswer } from '../../../src/control/wire.ts';
import type { ExplainSettings } from '../../../src/explain/explain-settings.ts';
import { fixedElements } from '../../../src/ruleset/element-set.ts';
import type {
  FamilyMembers,
  LocalEndpoint,
  LocalPolicy,
  MemberSet,
} from '../../../src/policy/local-policy.ts';

/** The policy and settings that the daemon answered with, ready to be evaluated. */
export function policyOfView({ endpoints, sets, settings }: PolicyViewAnswer): {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
} {
  return {
    policy: {
      // The daemon answers with endpoints and settings as src/policy and src/explain describe them.
      endpoints: endpoints as readonly LocalEndpoint[],
      sets: new Map(sets.map((set) => [set.id, memberSet(set)])),
    },
    settings: settings as ExplainSettings,
  };
}

function memberSet({ id, kind, description, ipv4, ipv6 }: SetAnswer): MemberSet {
  const known = kind === 'named-port' ? 'named-port' : 'selector';
  return { id, kind: known, description, ipv4: members(ipv4), ipv6: members(ipv6) };
}

function members(all: readonly string[]): FamilyMembers {
  return Object.assign(fixedElements(all), {
    addressesOnly: all.every((one) => !one.includes('/')),
  });
}
