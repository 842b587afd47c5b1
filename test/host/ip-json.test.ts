import assert from 'node:assert/strict';
import { inventoryFromIpJson } from '../../src/host/ip-json.ts';

describe('inventoryFromIpJson', () => {
  it('joins links with the destinations of their local routes', () => {
    const links = JSON.stringify([
      { ifindex: 2, ifname: 'eth0', flags: ['BROADCAST', 'UP', 'LOWER_UP'] },
      { ifindex: 1, ifname: 'lo', flags: ['LOOPBACK', 'UP', 'LOWER_UP'] },
    ]);
    const ipv4 = JSON.stringify([
      { type: 'local', dst: '127.0.0.0/8', dev: 'lo' },
      { type: 'local', dst: '10.0.0.9', dev: 'eth0' },
      { type: 'local', dst: '10.0.0.10', dev: 'eth0' },
    ]);
    const ipv6 = JSON.stringify([{ type: 'local', dst: 'fe80:0::1', dev: 'eth0', metric: 0 }]);
    assert.deepEqual(inventoryFromIpJson(links, [ipv4, ipv6]), [
      { index: 2, name: 'eth0', running: true, addresses: ['10.0.0.10', '10.0.0.9', 'fe80::1'] },
      { index: 1, name: 'lo', running: true, addresses: ['127.0.0.0'] },
    ]);
  });

  for (const [flags, running] of [
    [['UP', 'LOWER_UP'], true],
    [['NO-CARRIER', 'UP'], false],
    [['BROADCAST'], false],
  ] as const) {
    it(`takes ${flags.join(' ')} for ${running ? 'running' : 'not running'}`, () => {
      const links = JSON.stringify([{ ifindex: 2, ifname: 'eth0', flags }]);
      assert.equal(inventoryFromIpJson(links, [])[0]?.running, running);
    });
  }

  it('reads the empty texts that iproute2 prints where there is nothing', () => {
    assert.deepEqual(inventoryFromIpJson('', ['', '[]', '[{}]\n']), []);
  });

  it('leaves out entries of another shape', () => {
    const links = JSON.stringify([{}, null, { ifindex: '2', ifname: 'x', flags: [] }]);
    const routes = JSON.stringify([{ dst: 'default', dev: 'lo' }, { dst: '10.0.0.1' }, 5]);
    assert.deepEqual(inventoryFromIpJson(links, [routes, '{}']), []);
  });

  it('throws on text that is not JSON', () => {
    assert.throws(() => inventoryFromIpJson('1: lo: <LOOPBACK>', []), SyntaxError);
  });
});
