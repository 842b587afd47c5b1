import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { objectName, policyParts, ruleComment } from '../../src/compile/names.ts';
import { globalPolicy } from '../support/resources.ts';

// What nftables' own scanner takes as an identifier.
const IDENTIFIER = /^[A-Za-z][A-Za-z0-9/\\_.-]*$/;

describe('objectName', () => {
  it('keeps names that nftables accepts', () => {
    assert.equal(objectName('ingress', 'gnp', 'allow-ssh', '0'), 'ingress/gnp/allow-ssh/0');
    assert.equal(
      objectName(
        'egress',
        ...policyParts(globalPolicy('x', { kind: 'NetworkPolicy', namespace: 'shop' })),
      ),
      'egress/np/shop/x',
    );
  });
  it('does not take a name that looks like a hash for the hash of another', () => {
    const hashed = objectName('ingress', 'a b');
    const [, lookalike = ''] = hashed.split('/');
    assert.match(lookalike, /^h-[0-9a-f]{24}$/);
    assert.notEqual(objectName('ingress', lookalike), hashed);
  });
  it('gives different parts different names, and every name fits', () => {
    const parts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const name = objectName('ingress', ...a);
        assert.match(name, IDENTIFIER);
        assert.ok(name.length < 255);
        assert.equal(name === objectName('ingress', ...b), JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe('ruleComment', () => {
  it('is plain ASCII of at most 128 bytes whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        assert.match(ruleComment(text), /^[\x20-\x7e]{0,128}$/);
        assert.doesNotMatch(ruleComment(text), /["\\]/);
      }),
    );
  });
});
