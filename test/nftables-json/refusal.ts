import assert from 'node:assert/strict';
import { NftablesError } from '../../src/base/errors.ts';

/** For `assert.throws`: an NftablesError of kind `invalid` whose message matches. */
export function refusal(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof NftablesError);
    assert.equal(error.kind, 'invalid');
    assert.match(error.message, message);
    return true;
  };
}
