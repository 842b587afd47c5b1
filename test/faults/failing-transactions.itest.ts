import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { LogLine } from '../support/daemon.ts';
import { FailingNft } from './failing-nft.ts';
import type { NftFault } from './failing-nft.ts';
import { assertUnharmed } from './prober.ts';
import { protection, TableBench } from './table-bench.ts';

const FAILED = 'could not program nftables: the rules in force stay, trying again';
const ONE_MORE = ['192.0.2.0/24', '198.51.100.7/32', '203.0.113.14/32'];

const FAULTS: readonly (readonly [string, NftFault])[] = [
  ['EBUSY', refuses('Device or resource busy')],
  ['out of memory', refuses('Cannot allocate memory')],
  ['no buffer space', refuses('No buffer space available')],
  ['an nft too old to know what we write', refuses('Invalid argument')],
  ['an nft without JSON', { kind: 'no-json' }],
  ['an nft that dies', { kind: 'dies' }],
];

function refuses(words: string): NftFault {
  return { kind: 'refuses', words: `Error: Could not process rule: ${words}` };
}

describe('transactions that fail', () => {
  let nft: FailingNft;
  let bench: TableBench;

  beforeEach(async () => {
    nft = new FailingNft();
    bench = await TableBench.start(protection(), {
      PATH: nft.path,
      RAMPART_NFTABLES_TRANSPORT: 'process',
    });
  });
  afterEach(async () => {
    await bench.stop();
    nft.remove();
  });

  /** Failures that the daemon reported after a place in its log. */
  function failures(position: number): readonly LogLine[] {
    return bench.daemon.log.slice(position).filter(({ msg }) => msg === FAILED);
  }

  async function failsTimes(count: number, position: number): Promise<void> {
    const hasFailed = (): boolean => failures(position).length >= count;
    await bench.daemon.waitFor(`${count} failures`, hasFailed, 10_000, position);
  }

  for (const [what, fault] of FAULTS) {
    it(`row 145: ${what}: reported, retried with backoff, the old rules remain`, async () => {
      const seen = await bench.during(async () => {
        const before = await bench.table();
        const { position } = bench.daemon;
        nft.set(fault);
        bench.store(protection(ONE_MORE));
        await failsTimes(5, position);
        assert.equal(await bench.readiness(), 503);
        assert.equal(await bench.table(), before);
        const delays = failures(position).map(({ delayMs }) => delayMs);
        assert.deepEqual(delays.slice(0, 4), [20, 40, 80, 160]);
        nft.set({ kind: 'none' });
        await bench.daemon.applied(position);
        assert.match(await bench.table(), /203\.0\.113\.14/);
        assert.equal(await bench.readiness(), 200);
      });
      assertUnharmed(seen);
      await bench.assertFresh();
    });
  }

  it('a transaction that landed and is reported as failed: looked at before anything is assumed', async () => {
    const { position } = bench.daemon;
    nft.set({ kind: 'lands', words: 'netlink: Error: No buffer space available' });
    bench.store(protection(ONE_MORE));
    await failsTimes(3, position);
    assert.equal(await bench.readiness(), 503);
    assert.match(await bench.table(), /203\.0\.113\.14/);
    nft.set({ kind: 'none' });
    await bench.daemon.applied(position);
    assert.equal(await bench.readiness(), 200);
    await bench.assertFresh();
  });

  it('a table that this nft cannot read: rebuilt in one transaction, without a gap', async () => {
    const { position } = bench.daemon;
    const seen = await bench.during(async () => {
      nft.set({ kind: 'unreadable' });
      await bench.nft('insert rule inet rampart filter-input ct state invalid drop');
      await bench.daemon.applied(position);
    });
    assert.equal(failures(position).length, 4);
    assertUnharmed(seen);
    nft.set({ kind: 'none' });
    await bench.assertFresh();
  });

  it('a table that another process owns: reported, and ours again when that process ends', async () => {
    const { position } = bench.daemon;
    const owner = bench.spawn(['nft', '-i']);
    owner.stdin?.write(
      'delete table inet rampart\nadd table inet rampart { flags owner; }\nadd chain inet rampart theirs\n',
    );
    await failsTimes(2, position);
    assert.match(String(failures(position)[0]?.['error']), /not permitted/i);
    assert.equal(await bench.readiness(), 503);
    owner.stdin?.end('quit\n');
    await once(owner, 'exit');
    await bench.daemon.applied(position);
    assert.equal(await bench.readiness(), 200);
    await bench.assertFresh();
  });
});
