import assert from 'node:assert/strict';
import { NftablesError } from '../../src/base/errors.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import { describeContract } from './contract.ts';
import { ELEMENTS, RULES, TABLE_SAMPLE } from './samples.ts';

describe('MemoryNftables', () => {
  describeContract(() => {
    const nftables = new MemoryNftables();
    return Promise.resolve({
      nftables,
      tamper: (transaction) => {
        nftables.tamper(transaction, { what: 'table inet rampart deleted', process: null });
      },
      elements: (set) => Promise.resolve(nftables.contents().sets.get(set)?.elements.size ?? 0),
    });
  });

  it('shows its contents as values', async () => {
    const nftables = new MemoryNftables();
    await nftables.apply(TABLE_SAMPLE);
    const { chains, sets, counters } = nftables.contents();
    assert.deepEqual(chains.get('rules')?.rules, RULES);
    assert.deepEqual([...counters], ['hits/1']);
    assert.deepEqual(
      Array.from(sets.values(), ({ elements }) => [...elements]),
      ELEMENTS.map(([, elements]) => elements),
    );
  });

  it('fails once, on demand', async () => {
    const nftables = new MemoryNftables();
    const error = new NftablesError('resources', 'no buffer space');
    nftables.failNext(error);
    nftables.failNext(error, 'read');
    await assert.rejects(nftables.apply([{ op: 'add-table' }]), error);
    assert.equal(nftables.exists, false);
    await assert.rejects(nftables.read(), error);
    await nftables.apply([{ op: 'add-table' }]);
    assert.notEqual(await nftables.read(), null);
  });

  it('keeps counts while a counter lives', async () => {
    const nftables = new MemoryNftables();
    await nftables.apply([{ op: 'add-table' }, { op: 'add-counter', name: 'a' }]);
    nftables.count('a', 2, 120);
    await nftables.apply([{ op: 'add-counter', name: 'a' }]);
    assert.deepEqual(await nftables.counters(), [{ name: 'a', packets: 2, bytes: 120 }]);
    await nftables.apply([{ op: 'delete-counter', name: 'a' }]);
    await nftables.apply([{ op: 'add-counter', name: 'a' }]);
    assert.deepEqual(await nftables.counters(), [{ name: 'a', packets: 0, bytes: 0 }]);
  });

  it('holds foreign objects until they are deleted', async () => {
    const nftables = new MemoryNftables();
    nftables.putForeign('quota', 'theirs');
    assert.deepEqual((await nftables.read())?.foreign, [{ kind: 'quota', name: 'theirs' }]);
    await nftables.apply([{ op: 'delete-foreign', kind: 'quota', name: 'theirs' }]);
    assert.deepEqual((await nftables.read())?.foreign, []);
  });

  it('rejects calls after close', async () => {
    const nftables = new MemoryNftables();
    await nftables.close();
    await assert.rejects(nftables.read(), NftablesError);
  });
});
