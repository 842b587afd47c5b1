import type { HostEndpoint, Policy, Tier } from '../resource/resource.ts';
import { matchesSelector } from '../selector/match.ts';
import type { Problem } from '../base/problem.ts';
import { arrangeTiers } from './local-tiers.ts';
import type { LocalTiers } from './local-tiers.ts';
import { replacePolicy } from './replace-policy.ts';
import { limitRules, MAX_STAGE_RULES } from './rule-limit.ts';

/** Which policies select a local host endpoint, and how they are arranged; kept while its labels stay the same. */
export class Selection {
  readonly hostEndpoint: HostEndpoint;
  readonly labels: ReadonlyMap<string, string>;
  readonly #policies = new Set<Policy>();
  /** Of all the policies. */
  #rules = 0;
  /** Null: to be arranged anew. */
  #tiers: LocalTiers | null = null;

  constructor(
    hostEndpoint: HostEndpoint,
    labels: ReadonlyMap<string, string>,
    policies: Iterable<Policy>,
  ) {
    this.hostEndpoint = hostEndpoint;
    this.labels = labels;
    for (const policy of policies) if (this.selects(policy)) this.#add(policy);
  }

  get policies(): ReadonlySet<Policy> {
    return this.#policies;
  }

  /** Whether the endpoint's labels are what a policy asks for. */
  selects(policy: Policy): boolean {
    return matchesSelector(policy.selector, (key) => this.labels.get(key));
  }

  /** A policy changed from one state to the other; null: there is none. Answers whether that concerns the endpoint. */
  replace(before: Policy | null, after: Policy | null): boolean {
    const previous = before !== null && this.#policies.delete(before) ? before : null;
    const next = after !== null && this.selects(after) ? after : null;
    if (previous === null && next === null) return false;
    if (previous !== null) this.#rules -= ruleCount(previous);
    if (next !== null) this.#add(next);
    this.#tiers &&= replacePolicy(this.#tiers, { previous, next });
    return true;
  }

  /** Tiers came, went or changed. */
  rearrange(): void {
    this.#tiers = null;
  }

  /** The policies in their order, as far as the limit of rules allows; `problems` hears where it does not. */
  arranged(tiers: ReadonlyMap<string, Tier>, problems: Problem[]): LocalTiers {
    this.#tiers ??= arrangeTiers(this.#policies, tiers);
    const isWithin = this.#rules <= MAX_STAGE_RULES;
    return isWithin ? this.#tiers : limitRules(this.hostEndpoint, this.#tiers, problems);
  }

  #add(policy: Policy): void {
    this.#policies.add(policy);
    this.#rules += ruleCount(policy);
  }
}

function ruleCount({ ingress, egress }: Policy): number {
  return ingress.length + egress.length;
}
