import type { AddressSide, Chain, Family, Match, Rule } from '../ruleset/ruleset.ts';
import { isBound } from './reach.ts';

/**
 * For each family the sets of which one holds the address of every packet that can meet a rule or chain: none where
 * no packet of the family can.
 */
export type Holders = Readonly<Record<Family, readonly string[]>>;

const memo: Readonly<Record<AddressSide, WeakMap<object, Holders | null>>> = {
  saddr: new WeakMap(),
  daddr: new WeakMap(),
};

/** Null: packets of any address may meet it, or it has to stay in its chain. The same object for the same subject. */
export function holdersOf(subject: Rule | Chain, side: AddressSide): Holders | null {
  let holders = memo[side].get(subject);
  if (holders === undefined) {
    holders = findHolders(subject, side);
    memo[side].set(subject, holders);
  }
  return holders;
}

function findHolders(subject: Rule | Chain, side: AddressSide): Holders | null {
  if (!('rules' in subject) && isBound(subject)) return null;
  const holders = { 4: new Set<string>(), 6: new Set<string>() };
  for (const { matches } of 'rules' in subject ? subject.rules : [subject]) {
    const match = matches.find((one) => isHolder(one, side));
    if (match?.kind !== 'address-set') return null;
    holders[match.family].add(match.set);
  }
  return { 4: [...holders[4]], 6: [...holders[6]] };
}

// Each condition is necessary, so that one of several is enough.
function isHolder(match: Match, side: AddressSide): boolean {
  return match.kind === 'address-set' && match.side === side && !match.negated;
}
