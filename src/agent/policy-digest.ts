import { contentHash } from '../base/hash.ts';
import { ruleCounter } from '../compile/policy-rules.ts';
import { ruleText } from '../explain/rule-text.ts';
import type { LocalEndpoint, LocalPolicy } from '../policy/local-policy.ts';
import { activeRules } from './active-rules.ts';
import type { ActiveRules } from './active-rules.ts';

/** A rule in force, in words. */
export interface DigestRule {
  readonly policy: string;
  readonly direction: 'ingress' | 'egress';
  readonly index: number;
  readonly action: string;
  readonly text: string;
  readonly counter: string;
}

/** What is in force on this host, without the members of sets: comparable with another time and process. */
export interface PolicyDigest {
  readonly hash: string;
  readonly policies: readonly {
    readonly name: string;
    readonly tier: string;
    readonly hash: string;
  }[];
  readonly rules: readonly DigestRule[];
}

/** Digests what endpoints are under. Equal policy, equal hashes. */
export function digestPolicy(endpoints: LocalPolicy['endpoints']): PolicyDigest {
  const rules: DigestRule[] = [];
  const byPolicy = new Map<string, { readonly tier: string; readonly words: string[] }>();
  for (const active of activeRules(endpoints)) {
    const name = nameOf(active);
    const entry = byPolicy.get(name) ?? { tier: active.tier, words: [active.tier] };
    byPolicy.set(name, entry);
    for (const rule of rulesOf(name, active)) {
      rules.push(rule);
      entry.words.push(`${rule.direction} ${rule.action} ${rule.text}`);
    }
  }
  const policies = Array.from(byPolicy, ([name, { tier, words }]) => ({
    name,
    tier,
    hash: contentHash(JSON.stringify(words)),
  }));
  const hash = contentHash(JSON.stringify([policies, endpoints.map(arrangement)]));
  return { hash, policies, rules };
}

const known = new WeakMap<ActiveRules['owner'], Map<string, readonly DigestRule[]>>();

// Once for each policy and direction: a change of one policy must not put all others into words again.
function rulesOf(policy: string, { owner, list }: ActiveRules): readonly DigestRule[] {
  const byDirection = known.get(owner) ?? new Map<string, readonly DigestRule[]>();
  known.set(owner, byDirection);
  const rules = byDirection.get(list.direction) ?? inWords(policy, list);
  byDirection.set(list.direction, rules);
  return rules;
}

function inWords(policy: string, list: ActiveRules['list']): readonly DigestRule[] {
  return list.rules.map((rule, index) => ({
    policy,
    direction: list.direction,
    index,
    action: rule.action,
    text: ruleText(rule),
    counter: ruleCounter(list, index),
  }));
}

function nameOf({ owner }: ActiveRules): string {
  if (!('tier' in owner)) return `profile ${owner.name}`;
  const { kind, namespace, displayName } = owner;
  return `${kind} ${namespace === '' ? displayName : `${namespace}/${displayName}`}`;
}

// Which policies are asked where, and in what order.
function arrangement({
  hostEndpoint,
  interfaces,
  profiles,
  ...stages
}: LocalEndpoint): readonly unknown[] {
  const { untracked, preDNAT, normal, forward } = stages;
  const order = [untracked, preDNAT, normal, forward].map((tiers) =>
    tiers.map(({ name, defaultAction, ingress, egress }) => [
      name,
      defaultAction,
      ingress.map((one) => [one.kind, one.namespace, one.name]),
      egress.map((one) => [one.kind, one.namespace, one.name]),
    ]),
  );
  const rulesOfProfiles = profiles.map(({ name, profile }) => [name, profile?.rules ? 1 : 0]);
  return [hostEndpoint.name, interfaces, order, rulesOfProfiles];
}
