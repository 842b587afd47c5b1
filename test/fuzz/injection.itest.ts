import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { silentLogger } from '../../src/base/logger.ts';
import { createNftables } from '../../src/nftables-json/create-nftables.ts';
import { openLibraryNftables } from '../../src/nftables-json/library-nftables.ts';
import type { Nftables } from '../../src/nftables-json/nftables.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import { nftText } from '../../src/ruleset/nft-text.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { canonicalTable } from '../faults/table-text.ts';
import { describeInOwnNamespace } from '../nftables-json/own-namespace.ts';
import { nft, realClock } from '../nftables-json/test-system.ts';
import { hostileWorld } from './hostile-world.ts';
import { rulesetOf } from './pipeline.ts';

const CANARY = 'add table inet canary; add chain inet canary c; add rule inet canary c drop';

interface Listed {
  readonly nftables: readonly { readonly rule?: { readonly chain: string } }[];
}

/** Rules by chain, as the kernel has them. */
function rulesInKernel(): ReadonlyMap<string, number> {
  const { nftables } = JSON.parse(nft('-j', 'list', 'table', 'inet', 'rampart')) as Listed;
  const counts = new Map<string, number>();
  for (const { rule } of nftables)
    if (rule !== undefined) counts.set(rule.chain, (counts.get(rule.chain) ?? 0) + 1);
  return counts;
}

function rulesWanted({ chains }: Ruleset): ReadonlyMap<string, number> {
  const withRules = [...chains.values()].filter(({ rules }) => rules.length > 0);
  return new Map(withRules.map(({ name, rules }) => [name, rules.length]));
}

function sortedEntries(counts: ReadonlyMap<string, number>): unknown {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

describeInOwnNamespace('hostile names in the real nftables', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rampart-injection-'));
  let byBatch: Nftables;
  let byJson: Nftables;

  before(async () => {
    const common = { logger: silentLogger, clock: realClock };
    // First of all: libnftables needs a larger native stack than koffi gives once anything else was loaded.
    byJson = await openLibraryNftables(common);
    const place = { runDir: directory, stateDir: directory, transport: 'library' } as const;
    byBatch = await createNftables({ ...common, ...place });
  });
  after(async () => {
    await byJson.close();
    await byBatch.close();
    nft('flush', 'ruleset');
    rmSync(directory, { recursive: true });
  });

  const byText = async (ruleset: Ruleset): Promise<void> => {
    const file = join(directory, 'rules.nft');
    await writeFile(file, [...nftText(ruleset)].join(''));
    nft('-f', file);
  };

  it('are names and nothing else, as netlink batch, as JSON and as text: the same rules, nobody else’s touched', async function () {
    this.timeout(0);
    await fc.assert(
      fc.asyncProperty(hostileWorld, async (objects) => {
        const ruleset = rulesetOf(objects);
        const transaction = diffRulesets({ kind: 'absent' }, ruleset);
        const listings: string[] = [];
        const writers = [
          (): Promise<unknown> => byBatch.apply(transaction),
          (): Promise<unknown> => byJson.apply(transaction),
          (): Promise<unknown> => byText(ruleset),
        ];
        for (const write of writers) {
          nft('flush', 'ruleset');
          nft(CANARY);
          await write();
          assert.deepEqual(sortedEntries(rulesInKernel()), sortedEntries(rulesWanted(ruleset)));
          assert.equal(nft('list', 'tables'), 'table inet canary\ntable inet rampart\n');
          assert.match(nft('list', 'table', 'inet', 'canary'), /chain c \{\s+drop\s+\}/);
          listings.push(canonicalTable(nft('-s', 'list', 'table', 'inet', 'rampart')));
        }
        assert.equal(listings[1], listings[0]);
        assert.equal(listings[2], listings[0]);
      }),
      { numRuns: 8 },
    );
  });
});
