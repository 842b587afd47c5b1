import assert from 'node:assert/strict';
import { UnsuitableHostError } from '../../src/base/errors.ts';
import { OLDEST_NFT, refuseOldNft } from '../../src/nftables-json/oldest-nft.ts';

const refuse = (version: string, transport: 'library' | 'process' = 'process'): void => {
  refuseOldNft({ transport, version });
};

describe('refuseOldNft', () => {
  for (const version of [OLDEST_NFT, '0.9.9', '0.10', '1.0', '1.0.6', '1.1.3', '2', '', 'git-2021'])
    it(`takes ${version === '' ? 'a version that is not told' : version}`, () => {
      refuse(version);
    });

  for (const version of ['0.9.7', '0.9.3', '0.9', '0.8.10', '0.5'])
    it(`refuses ${version}, with what to install`, () => {
      assert.throws(() => {
        refuse(version);
      }, UnsuitableHostError);
    });

  it('names the version, the oldest that works, and the packages', () => {
    assert.throws(() => {
      refuse('0.9.3', 'library');
    }, /^UnsuitableHostError: libnftables 0\.9\.3 is too old: 0\.9\.8 .*Install nftables.*libnftables1/);
  });
});
