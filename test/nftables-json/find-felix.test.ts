import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { felixTables } from '../../src/nftables-json/find-felix.ts';

describe('felixTables', () => {
  it('names the tables of Felix, in its nftables and its iptables mode', () => {
    const listing = [
      'table ip calico {\n\tchain filter-cali-INPUT {\n\t}\n}',
      'table ip6 filter {\n\tchain INPUT {\n\t}\n\tchain cali-INPUT {\n\t}\n}',
      'table inet rampart {\n\tchain cali-like {\n\t}\n}',
      'table ip nat {\n\tchain DOCKER {\n\t}\n}',
    ].join('\n');
    assert.deepEqual(felixTables(listing), ['ip calico', 'ip6 filter']);
  });

  it('finds nothing where there is nothing', () => {
    assert.deepEqual(felixTables(''), []);
    assert.deepEqual(felixTables('table inet rampart {\n\tchain filter-input {\n\t}\n}\n'), []);
  });
});
