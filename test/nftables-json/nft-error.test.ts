import assert from 'node:assert/strict';
import type { NftablesErrorKind } from '../../src/base/errors.ts';
import { nftError } from '../../src/nftables-json/nft-error.ts';

describe('nftError', () => {
  const cases: readonly (readonly [string, NftablesErrorKind])[] = [
    ['Error: Could not process rule: No such file or directory', 'not-found'],
    ['Error: element does not exist', 'not-found'],
    ['Error: Could not process rule: File exists', 'exists'],
    ['Error: conflicting intervals specified', 'exists'],
    ['Error: interval overlaps with an existing one', 'exists'],
    ['Error: Could not process rule: Device or resource busy', 'busy'],
    ['netlink: Error: cache initialization failed: Operation not permitted', 'permission'],
    ['Error: Could not process rule: Cannot allocate memory', 'resources'],
    ['netlink: Error: Could not process rule: No buffer space available', 'resources'],
    ['Error: Could not process rule: Message too long', 'resources'],
    ['Error: Could not process rule: Invalid argument', 'invalid'],
    ['Error: Could not process rule: Operation not supported', 'invalid'],
    ['Error: Could not process rule: Too many links', 'invalid'],
    ['Error: Could not process rule: Numerical result out of range', 'invalid'],
    ['Error: syntax error, unexpected string', 'invalid'],
    ['Error: datatype mismatch, expected IPv6 address', 'invalid'],
    ['Error: Could not process rule: Connection refused', 'unknown'],
    ['', 'unknown'],
  ];
  for (const [text, kind] of cases) {
    it(`takes "${text}" for ${kind}`, () => {
      assert.equal(nftError(text).kind, kind);
    });
  }

  it("keeps nft's words and drops what says nothing", () => {
    const printed =
      'internal:0:0-0: Error: No such file or directory; did you mean set ‘np’?\n\n' +
      'list table inet x\n                ^^^^^^^\n' +
      'internal:0:0-0: Error: No such file or directory; did you mean set ‘np’?\n';
    assert.equal(
      nftError(printed).message,
      'Error: No such file or directory; did you mean set ‘np’?\nlist table inet x',
    );
  });

  it('always says something', () => {
    assert.equal(nftError(' \n').message, 'nft failed without a word');
    assert.ok(nftError('x'.repeat(10_000)).message.length <= 2000);
  });
});
