import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { createNftables } from '../../src/nftables-json/create-nftables.ts';
import { openLibraryNftables } from '../../src/nftables-json/library-nftables.ts';
import type { Nftables } from '../../src/nftables-json/nftables.ts';
import type { Transaction } from '../../src/ruleset/transaction.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { NAMED_MAPS, NETS4, TABLE_SAMPLE } from './samples.ts';
import { nft, realClock, recordingLogger } from './test-system.ts';

const CLEAR: Transaction = [{ op: 'add-table' }, { op: 'delete-table' }];

describeInOwnNamespace('netlink batches beside nft', () => {
  const home = mkdtempSync(join(tmpdir(), 'rampart-batch-'));
  const logger = recordingLogger();
  let byNft: Nftables;
  let byNetlink: Nftables;
  before(async () => {
    byNft = await openLibraryNftables({ logger: silentLogger, clock: realClock });
    const directories = { runDir: home, stateDir: home };
    byNetlink = await createNftables({
      ...directories,
      transport: 'library',
      logger,
      clock: realClock,
    });
  });
  after(async () => {
    await byNft.close();
    await byNetlink.close();
    rmSync(home, { recursive: true });
  });

  const bothWays = async (transactions: readonly Transaction[]): Promise<readonly string[][]> => {
    const seen: string[][] = [];
    for (const transport of [byNft, byNetlink]) {
      await transport.apply(CLEAR);
      for (const transaction of transactions) await transport.apply(transaction);
      seen.push([nft('list', 'table', 'inet', 'rampart'), instructions()]);
    }
    await byNft.apply(CLEAR);
    assert.deepEqual(logger.lines, []);
    return seen;
  };

  it('leave the same instructions in the kernel, and nft reads them the same', async () => {
    const [fromNft, fromNetlink] = await bothWays([TABLE_SAMPLE, NAMED_MAPS]);
    assert.ok(fromNft?.every((text) => text.length > 1000));
    assert.match(fromNft?.[0] ?? '', /th dport vmap @m-/);
    assert.deepEqual(fromNetlink, fromNft);
  });

  it('hold the same intervals after single ones came and went', async () => {
    const nets = Array.from({ length: 3000 }, (_, i) => `100.${i >> 8}.${i & 255}.0/24`);
    const [fromNft, fromNetlink] = await bothWays([
      [{ op: 'add-table' }, { op: 'add-elements', set: NETS4, elements: nets }],
      [{ op: 'delete-elements', set: NETS4, elements: nets.slice(7, 9) }],
      [
        {
          op: 'add-elements',
          set: NETS4,
          elements: ['100.0.8.0/25', '255.255.255.0/24', '0.0.0.0/8'],
        },
      ],
    ]);
    assert.deepEqual(fromNetlink?.[0], fromNft?.[0]);
  });
});

// Rules as the kernel executes them. Handles differ; elements of sets come in any order.
function instructions(): string {
  return nft('--debug=netlink', 'list', 'table', 'inet', 'rampart')
    .split('\n')
    .filter((line) => line.startsWith('  ['))
    .join('\n');
}
