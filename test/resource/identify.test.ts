import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isKind, keyOf, KINDS, parseKey } from '../../src/resource/identify.ts';

const PREFIX = '/calico/resources/v3/projectcalico.org';

describe('parseKey', () => {
  it('reads cluster-scoped and namespaced keys', () => {
    assert.deepEqual(parseKey(`${PREFIX}/hostendpoints/db-eth0`), {
      kind: 'HostEndpoint',
      namespace: '',
      name: 'db-eth0',
    });
    assert.deepEqual(parseKey(`${PREFIX}/networksets/shop/partners`), {
      kind: 'NetworkSet',
      namespace: 'shop',
      name: 'partners',
    });
  });

  it('does not unescape names', () => {
    assert.equal(parseKey(`${PREFIX}/tiers/a%2fb`)?.name, 'a%2fb');
  });

  for (const key of [
    '',
    PREFIX,
    `${PREFIX}/`,
    `${PREFIX}/hostendpoints`,
    `${PREFIX}/hostendpoints/`,
    `${PREFIX}/hostendpoints/a/b`,
    `${PREFIX}/hostendpoints//a`,
    `${PREFIX}/networksets/partners`,
    `${PREFIX}/networksets/shop/`,
    `${PREFIX}/networksets//partners`,
    `${PREFIX}/networksets/shop/a/b`,
    `${PREFIX}/HostEndpoints/a`,
    `${PREFIX}/ippools/a`,
    `${PREFIX}/__proto__/a`,
    `${PREFIX.slice(1)}/hostendpoints/a`,
    '/calico/v1/Ready',
    '/calico/ipam/v2/assignment/ipv4/block/10.244.7.0-26',
  ]) {
    it(`ignores ${JSON.stringify(key)}`, () => {
      assert.equal(parseKey(key), null);
    });
  }
});

describe('keyOf', () => {
  it('is the inverse of parseKey for every kind', () => {
    const segment = fc.string({ minLength: 1 }).filter((text) => !text.includes('/'));
    const kind = fc.constantFrom(...Object.keys(KINDS).filter(isKind));
    fc.assert(
      fc.property(kind, segment, segment, (of, namespace, name) => {
        const id = { kind: of, namespace: KINDS[of].namespaced ? namespace : '', name };
        assert.deepEqual(parseKey(keyOf(id)), id);
      }),
    );
  });
});
