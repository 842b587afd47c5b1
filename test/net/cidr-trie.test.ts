import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Cidr } from '../../src/net/cidr.ts';
import { CidrTrie } from '../../src/net/cidr-trie.ts';
import { anyCidr, crowdedCidr, family } from './generators.ts';

describe('CidrTrie', () => {
  it('gives back the nodes it no longer needs', () => {
    const given = family.chain((of) =>
      fc.tuple(
        fc.constant(of),
        fc.array(fc.tuple(fc.boolean(), fc.oneof(crowdedCidr(of), anyCidr(of))), {
          maxLength: 80,
          size: 'max',
        }),
      ),
    );
    fc.assert(
      fc.property(given, ([of, steps]) => {
        const trie = new CidrTrie(of);
        const members = new Map<string, Cidr>();
        for (const [isInsertion, cidr] of steps) {
          const isNews = isInsertion ? trie.insert(cidr) !== null : trie.delete(cidr) !== null;
          assert.equal(isNews, members.has(cidr.text) !== isInsertion);
          if (isInsertion) members.set(cidr.text, cidr);
          else members.delete(cidr.text);
          assert.ok(trie.nodeCount <= Math.max(1, 2 * members.size));
        }
        const fresh = new CidrTrie(of);
        for (const cidr of members.values()) fresh.insert(cidr);
        assert.equal(trie.nodeCount, fresh.nodeCount);
      }),
    );
  });
});
