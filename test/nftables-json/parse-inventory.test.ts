import assert from 'node:assert/strict';
import { NftablesError } from '../../src/base/errors.ts';
import { listedVersion, parseInventory } from '../../src/nftables-json/parse-inventory.ts';

const OURS = { family: 'inet', table: 'rampart' };

describe('parseInventory', () => {
  it('sorts objects by what they are, over several documents', () => {
    const listings = [
      document({ metainfo: { version: '1.0.6' } }, { table: { family: 'inet', name: 'rampart' } }),
      document({ counter: { ...OURS, name: 'c', packets: 1, bytes: 60 } }),
      document(
        { chain: { ...OURS, name: 'plain' } },
        {
          chain: { ...OURS, name: 'in', type: 'filter', hook: 'input', prio: -5, policy: 'accept' },
        },
        { rule: { ...OURS, chain: 'in', expr: [] } },
      ),
      document({ set: { ...OURS, name: 's', type: 'ipv4_addr' } }),
      document(
        { map: { ...OURS, name: 'm-1' } },
        { map: { ...OURS, name: 'm' } },
        { 'ct timeout': { ...OURS, name: 't' } },
      ),
    ].join('\n');
    assert.deepEqual(parseInventory(listings), {
      chains: [
        { name: 'plain', base: null },
        { name: 'in', base: { hook: 'input', priority: -5 } },
      ],
      sets: [{ name: 's' }],
      counters: [{ name: 'c', packets: 1, bytes: 60 }],
      maps: [{ name: 'm-1' }],
      foreign: [
        { kind: 'map', name: 'm' },
        { kind: 'ct timeout', name: 't' },
      ],
    });
  });

  it('passes over other tables', () => {
    const listings = document(
      { chain: { family: 'ip', table: 'rampart', name: 'a' } },
      { set: { family: 'inet', table: 'firewalld', name: 'b', type: 'ipv4_addr' } },
    );
    assert.deepEqual(parseInventory(listings), {
      ...{ chains: [], sets: [], maps: [], counters: [], foreign: [] },
    });
  });

  for (const change of [
    { type: 'nat' },
    { policy: 'drop' },
    { hook: 'ingress', dev: 'eth0' },
    { prio: 'filter' },
  ]) {
    it(`takes a base chain with ${JSON.stringify(change)} for somebody else's`, () => {
      const chain = { type: 'filter', hook: 'input', prio: 0, policy: 'accept', ...change };
      const listings = document({ chain: { ...OURS, name: 'c', ...chain } });
      assert.deepEqual(parseInventory(listings).chains, [{ name: 'c', base: 'foreign' }]);
    });
  }

  for (const text of ['table inet rampart {', '{}', '[]', 'null']) {
    it(`refuses ${text}`, () => {
      assert.throws(() => parseInventory(text), NftablesError);
    });
  }
});

describe('listedVersion', () => {
  it('finds the version, or nothing', () => {
    assert.equal(listedVersion(document({ metainfo: { version: '1.1.3' } })), '1.1.3');
    assert.equal(listedVersion(document()), '');
  });
});

function document(...entries: readonly object[]): string {
  return JSON.stringify({ nftables: entries });
}
