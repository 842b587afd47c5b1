import { compareBytes } from '../../../src/base/byte-order.ts';
import { compileRuleset } from '../../../src/compile/compile.ts';
import { optimiseRuleset } from '../../../src/optimise/optimise.ts';
import type { Ruleset } from '../../../src/ruleset/ruleset.ts';
import type { PrintableRuleset } from '../../../src/ruleset/nft-text.ts';
import type { World } from './load-world.ts';

/** The ruleset that rampartd would program. */
export function worldRuleset({ resolution, settings }: World): Ruleset {
  return optimiseRuleset(compileRuleset(resolution.policy, settings));
}

/** The same with the elements of sets in an order of their own: that in a set is the order of arrival. */
export function printable({ chains, counters, sets }: Ruleset): PrintableRuleset {
  const sorted = [...sets].map(
    ([name, set]) => [name, { ...set, elements: [...set.elements].sort(compareBytes) }] as const,
  );
  return { chains, counters, sets: new Map(sorted) };
}
