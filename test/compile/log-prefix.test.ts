import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { expandLogPrefix } from '../../src/compile/log-prefix.ts';

const POLICY = { tier: 'default', kind: 'gnp', name: 'ep2-4', namespace: '' };

describe('expandLogPrefix', () => {
  const cases: readonly (readonly [string, typeof POLICY, string])[] = [
    ['calico-packet', POLICY, 'calico-packet: '],
    ['aXy9%n%%t %k %p', POLICY, 'aXy9ep2-4%default gnp ep2-4: '],
    ['x%t-%k-%n', POLICY, 'xdefault-gnp-ep2-4: '],
    ['%p', { ...POLICY, kind: 'np', namespace: 'shop' }, 'shop/ep2-4: '],
    ['%q %', POLICY, '%q %: '],
    ['%t|%k|%n', { tier: '', kind: 'pro', name: 'p1', namespace: '' }, '|pro|p1: '],
    ['a"b\nc', POLICY, 'a_b_c: '],
    ['$(reboot) $x', POLICY, '_(reboot) _x: '],
  ];
  for (const [prefix, subject, expected] of cases) {
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(prefix)}`, () => {
      assert.equal(expandLogPrefix(prefix, subject), expected);
    });
  }

  it('uses all the 127 bytes that the kernel takes', () => {
    const prefix = expandLogPrefix('%n', { ...POLICY, name: 'n'.repeat(300) });
    assert.equal(prefix, `${'n'.repeat(125)}: `);
  });

  it('never exceeds the 127 bytes that the kernel takes, and never cuts a character in half', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const prefix = expandLogPrefix('p %n', { ...POLICY, name });
        assert.ok(Buffer.byteLength(prefix) <= 127, prefix);
        assert.ok(prefix.endsWith(': '));
      }),
    );
  });
});
