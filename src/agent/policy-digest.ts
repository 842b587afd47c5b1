import { InvariantError } from '../base/errors.ts';
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
  const byOwner = new Map<ActiveRules['owner'], ActiveRules[]>();
  for (const active of activeRules(endpoints)) {
    rules.push(...worded(active).rules);
    const lists = byOwner.get(active.owner);
    if (lists === undefined) byOwner.set(active.owner, [active]);
    else lists.push(active);
  }
  const policies = Array.from(byOwner.values(), policyOf);
  const hash = contentHash(JSON.stringify([policies, endpoints.map(arrangement)]));
  return { hash, policies, rules };
}

/** The rules of one direction in words. */
interface Worded {
  readonly name: string;
  readonly rules: readonly DigestRule[];
  /** Of the whole policy, by how many of its directions are in force. */
  readonly policies: Map<number, PolicyDigest['policies'][number]>;
}

const known = new WeakMap<ActiveRules['list'], Worded>();

// Once for each policy and direction: a change of one policy must not put all others into words again.
function worded(active: ActiveRules): Worded {
  const before = known.get(active.list);
  if (before !== undefined) return before;
  const name = nameOf(active);
  const words = { name, rules: inWords(name, active.list), policies: new Map() };
  known.set(active.list, words);
  return words;
}

// The same object for the same policy in the same directions.
function policyOf(lists: readonly ActiveRules[]): PolicyDigest['policies'][number] {
  const [first] = lists;
  if (first === undefined) throw new InvariantError('a policy in force has rules in one direction');
  const { name, policies } = worded(first);
  const before = policies.get(lists.length);
  if (before !== undefined) return before;
  const { tier } = first;
  const words = lists.flatMap((one) =>
    worded(one).rules.map(({ direction, action, text }) => `${direction} ${action} ${text}`),
  );
  const policy = { name, tier, hash: contentHash(JSON.stringify([tier, ...words])) };
  policies.set(lists.length, policy);
  return policy;
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
