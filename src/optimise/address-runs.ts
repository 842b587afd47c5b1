import type { AddressSide, Rule, Ruleset } from '../ruleset/ruleset.ts';
import type { AddressItem } from './address-blocks.ts';
import { holdersOf } from './holders.ts';
import { subjectOf } from './reach.ts';

/** What the rules of a chain refer to. */
export type Surroundings = Pick<Ruleset, 'chains' | 'sets'>;

/** Fewer rules than this are walked as fast as they are looked up. */
export const FEWEST_RULES = 8;

/** Rules that follow each other and are all for the addresses of sets, or those between. None: there are no such rules. */
export type Run = { readonly items: readonly AddressItem[] } | { readonly rules: readonly Rule[] };

function runsOf(rules: readonly Rule[], side: AddressSide, around: Surroundings): readonly Run[] {
  const runs: Run[] = [];
  let items: AddressItem[] = [];
  let others: Rule[] = [];
  const settle = (): void => {
    if (items.length < FEWEST_RULES) others.push(...items.flatMap((item) => item.rules));
    else {
      runs.push({ rules: others }, { items });
      others = [];
    }
    items = [];
  };
  for (const rule of rules) {
    const item = itemOf(rule, side, around);
    if (item !== null) items.push(item);
    else {
      settle();
      others.push(rule);
    }
  }
  settle();
  return runs.length === 0 ? [] : [...runs, { rules: others }];
}

/** The runs by the addresses that more rules are for, in order. */
export function bestRuns(
  rules: readonly Rule[],
  around: Surroundings,
): { readonly side: AddressSide; readonly runs: readonly Run[] } {
  const sources = { side: 'saddr', runs: runsOf(rules, 'saddr', around) } as const;
  const count = covered(sources.runs);
  if (count === rules.length) return sources;
  const destinations = { side: 'daddr', runs: runsOf(rules, 'daddr', around) } as const;
  return covered(destinations.runs) > count ? destinations : sources;
}

function covered(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + ('items' in run ? run.items.length : 0), 0);
}

function itemOf(rule: Rule, side: AddressSide, { chains, sets }: Surroundings): AddressItem | null {
  const holders = holdersOf(subjectOf(rule, chains), side);
  if (holders === null) return null;
  const isKnown = (name: string): boolean => sets.has(name);
  if (!holders[4].every(isKnown) || !holders[6].every(isKnown)) return null;
  return { last: rule.comment, rules: [rule], holders };
}
