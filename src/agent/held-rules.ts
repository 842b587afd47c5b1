import { compareBytes } from '../base/byte-order.ts';
import { contentHash } from '../base/hash.ts';
import { canonicalChain, rulesetHash } from '../ruleset/canonical.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';

/** Tells rules that must not be written again from others. */
export interface HeldRules {
  /** Of all chains. */
  readonly rules: string;
  /** Of everything, where only the members of sets differ from what is in force instead; else null. */
  readonly members: string | null;
}

/** What tells `offending` from others, `good` among them. Members of sets come and go by themselves. */
export function heldRules(offending: Ruleset, good: Ruleset): HeldRules {
  const rules = rulesHash(offending);
  return { rules, members: rules === rulesHash(good) ? rulesetHash(offending) : null };
}

/** Whether these are the rules that are held. */
export function isHeld(held: HeldRules, ruleset: Ruleset): boolean {
  if (held.rules !== rulesHash(ruleset)) return false;
  return held.members === null || held.members === rulesetHash(ruleset);
}

/** A name for the rules, whatever their sets hold. */
export function rulesHash({ chains }: Ruleset): string {
  return contentHash([...chains.values()].map(canonicalChain).sort(compareBytes).join('\n'));
}
