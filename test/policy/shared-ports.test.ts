import assert from 'node:assert/strict';
import { SharedPorts } from '../../src/policy/shared-ports.ts';

describe('SharedPorts', () => {
  const list = (port: number): { name: string; protocol: number; port: number }[] => [
    { name: 'http', protocol: 6, port },
  ];

  it('keeps one list for all that are equal, however many there are', () => {
    const shared = new SharedPorts();
    const first = shared.same(list(80));
    assert.equal(shared.same(list(80)), first);
    assert.deepEqual(shared.same(list(81)), list(81));
    for (let port = 1; port <= 20_000; port++) shared.same(list(port));
    assert.deepEqual(shared.same(list(80)), list(80));
    assert.equal(shared.same([]), shared.same([]));
    const own = list(82);
    const other = list(82);
    const same = shared.same(own);
    assert.equal(shared.same(other), same);
    assert.equal(shared.same(other), same);
  });
});
