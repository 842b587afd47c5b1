import assert from 'node:assert/strict';
import { HostError } from '../../src/base/errors.ts';
import { errnoError, errnoName } from '../../src/netlink/errno.ts';

describe('errnoName', () => {
  it('names the errors netlink knows', () => {
    assert.deepEqual([1, 2, 11, 16, 105].map(errnoName), [
      'EPERM',
      'ENOENT',
      'EAGAIN',
      'EBUSY',
      'ENOBUFS',
    ]);
  });

  it('falls back to the number', () => {
    assert.equal(errnoName(524), 'errno 524');
  });
});

describe('errnoError', () => {
  it('carries the name as its code and explains itself', () => {
    const error = errnoError('joining netlink group 7', 1);
    assert.ok(error instanceof HostError);
    assert.equal(error.code, 'EPERM');
    assert.equal(error.message, 'joining netlink group 7: EPERM (operation not permitted)');
  });

  it("adds the kernel's own words", () => {
    const error = errnoError('request 17', 22, 'Invalid value');
    assert.equal(error.message, 'request 17: EINVAL (invalid argument; Invalid value)');
  });

  it('stays readable when nothing is known', () => {
    assert.equal(errnoError('request 17', 524).message, 'request 17: errno 524');
  });
});
