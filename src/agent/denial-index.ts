import { compiledDenials } from '../compile/compile.ts';
import type { DenialPlace } from '../compile/denied-log.ts';
import type { CompileSettings } from '../compile/settings.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import { sourcesOf } from './traffic-reader.ts';

/** Who denies the packets that are logged with one prefix. */
export interface Denial {
  readonly direction: 'ingress' | 'egress';
  /** `rule`: a rule of a policy or profile; `tier`, `endpoint`: the end of one; `invalid`: conntrack says so. */
  readonly reason: 'rule' | 'tier' | 'endpoint' | 'invalid';
  readonly tier: string;
  /** Kind, namespace and name of the policy or profile; empty without one. */
  readonly kind: string;
  readonly namespace: string;
  readonly policy: string;
  /** Position from 0; null without one. */
  readonly rule: number | null;
  /** Empty for rules that endpoints share. */
  readonly endpoint: string;
  /** Null for rules that stages share. */
  readonly stage: Stage | null;
  readonly isUntracked: boolean;
}

export type Stage = 'untracked' | 'preDNAT' | 'local' | 'forward';

/** Who denies, by the prefix of what is logged, for the ruleset that a policy and settings lead to. */
export function denialIndex(
  policy: LocalPolicy,
  settings: CompileSettings,
): ReadonlyMap<string, Denial> {
  const places = compiledDenials(policy, settings);
  const counters = new Set(Array.from(places.values(), ({ counter }) => counter));
  const { rules, denials } = sourcesOf(policy.endpoints, counters);
  const untracked = untrackedPolicies(policy);
  const byCounter = new Map<string, Omit<Denial, 'stage'>>();
  for (const { counter, labels } of denials)
    byCounter.set(counter, { ...NOBODY, ...labels, isUntracked: false });
  for (const { counter, labels } of rules) {
    const { kind, namespace, policy: name, tier, direction } = labels;
    byCounter.set(counter, {
      ...{ direction, tier, kind, namespace, policy: name, endpoint: '' },
      reason: 'rule',
      rule: Number(labels.rule),
      isUntracked: untracked.has(`${kind}/${namespace}/${name}`),
    });
  }
  return new Map(Array.from(places).flatMap(([prefix, place]) => entry(prefix, place, byCounter)));
}

const NOBODY = { kind: '', namespace: '', policy: '', rule: null } as const;

function entry(
  prefix: string,
  { chain, counter }: DenialPlace,
  byCounter: ReadonlyMap<string, Omit<Denial, 'stage'>>,
): readonly (readonly [string, Denial])[] {
  const denial = byCounter.get(counter);
  return denial === undefined ? [] : [[prefix, { ...denial, stage: stageOf(chain) }]];
}

// Chains of an endpoint begin with direction and stage; those of policies with the direction alone.
function stageOf(chain: string): Stage | null {
  const stage = /^(?:in|e)gress-(untracked|preDNAT|local|forward)(?:-dnat)?\//.exec(chain)?.[1];
  return (stage as Stage | undefined) ?? null;
}

function untrackedPolicies({ endpoints }: LocalPolicy): ReadonlySet<string> {
  const policies = endpoints
    .flatMap(({ untracked }) => untracked)
    .flatMap(({ ingress, egress }) => [...ingress, ...egress]);
  return new Set(policies.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`));
}
