import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import type { CompileSettings } from '../../src/compile/settings.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import { createOptimiser, optimiseRuleset } from '../../src/optimise/optimise.ts';
import { resourceName } from '../../src/resource/resource.ts';
import type { Resource } from '../../src/resource/resource.ts';
import { canonicalRuleset } from '../../src/ruleset/canonical.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import type { Programmed } from '../../src/ruleset/diff.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { crowdedWorlds } from '../support/crowded-world.ts';
import { emptyStore, localPolicyOf, worlds } from '../support/random-policy.ts';
import { SETTINGS } from '../support/settings.ts';

// ONE_BY_ONE_RUNS=200 takes some minutes.
const RUNS = Number(process.env['ONE_BY_ONE_RUNS'] ?? 8);
/** Made anew to compare with after so many changes. */
const COMPARED_EVERY = 3;

const SETTINGS_OF: Readonly<Record<string, Partial<CompileSettings>>> = {
  drop: {},
  reject: { denyAction: 'Reject' },
  logging: { deniedLog: { group: 4, rateLimit: 10 } },
  observing: { enforcement: 'observe' },
};

/** The objects of a few worlds in some order: mostly one replaces another of its name, and some go again. */
const changes = fc
  .array(fc.oneof(worlds, crowdedWorlds), { minLength: 2, maxLength: 3 })
  .chain((many) => {
    const all = many.flatMap(({ resources }) => resources);
    const most = Math.min(all.length, 24);
    return fc.shuffledSubarray([...all], { minLength: most, maxLength: most });
  })
  .chain((all) => fc.array(fc.nat(9), { minLength: 10 }).map((dice) => ({ all, dice })));

describe('objects that change one by one', function () {
  this.timeout(600_000);

  for (const [title, own] of Object.entries(SETTINGS_OF)) {
    it(`come to the same table as all at once: ${title}`, async () => {
      await fc.assert(
        fc.asyncProperty(changes, async ({ all, dice }) => {
          const settings: CompileSettings = { ...SETTINGS, ...own };
          const store = emptyStore();
          const optimise = createOptimiser();
          const nftables = new MemoryNftables();
          const present = new Map<string, Resource>();
          let programmed: Programmed = { kind: 'absent' };
          for (const [i, resource] of all.entries()) {
            const name = resourceName(resource);
            const isGone = present.has(name) && dice[i % dice.length] === 0;
            if (isGone) present.delete(name);
            else present.set(name, resource);
            store.apply({ id: resource, resource: isGone ? null : resource, problems: [] });
            const ruleset = optimise(compileRuleset(store.resolve().policy, settings));
            await nftables.apply(diffRulesets(programmed, ruleset, true));
            programmed = { kind: 'known', ruleset };
            if (i % COMPARED_EVERY > 0 && i < all.length - 1) continue;
            // Other settings, as far as anybody remembers: made from nothing.
            const policy = localPolicyOf({ resources: [...present.values()] });
            const fresh = optimiseRuleset(compileRuleset(policy, { ...settings }));
            assert.equal(canonicalRuleset(ruleset), canonicalRuleset(fresh));
            assert.deepEqual(tableOf(nftables.contents()), tableOf(fresh));
          }
        }),
        { numRuns: RUNS },
      );
    });
  }
});

function tableOf({
  chains,
  sets,
}: Pick<Ruleset, 'chains'> & {
  readonly sets: ReadonlyMap<string, { readonly elements: Iterable<string> }>;
}): unknown {
  const members = Array.from(sets, ([name, { elements }]): [string, readonly string[]] => [
    name,
    [...elements].sort(),
  ]);
  return { chains: [...chains.keys()].sort(), sets: new Map(members) };
}
