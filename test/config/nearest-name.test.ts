import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nearestName } from '../../src/config/nearest-name.ts';

describe('nearestName', () => {
  const keys = ['health.port', 'health.host', 'etcd.endpoints', 'stateDir'];

  it('finds the name with the fewest edits', () => {
    assert.equal(nearestName('health.prot', keys), 'health.port');
    assert.equal(nearestName('etcd.endpoint', keys), 'etcd.endpoints');
  });

  it('ignores the case of letters', () => {
    assert.equal(nearestName('STATEDIR', keys), 'stateDir');
  });

  it('does not guess when nothing is close', () => {
    assert.equal(nearestName('enforcement', keys), null);
    assert.equal(nearestName('', keys), null);
  });

  it('finds a name that is one of the candidates', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), {
      minLength: 1,
      selector: (name) => name.toLowerCase(),
    });
    fc.assert(
      fc.property(names, fc.nat(), (candidates, index) => {
        const name = candidates[index % candidates.length] ?? '';
        assert.equal(nearestName(name, candidates), name);
      }),
    );
  });
});
