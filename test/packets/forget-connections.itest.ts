import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { forgetConnections } from '../support/conntrack.ts';
import { here } from '../support/here.ts';

const FLOWS = 2_000;
// All of them hold the address: many look for the same connections.
const NETWORKS = ['127.0.0.0/8', '127.0.0.0/16'];
const FIRST_PORT = 20_000;
const TRACKED = [
  'add table inet tracked',
  'add chain inet tracked input { type filter hook input priority 0; }',
  'add rule inet tracked input ct state new accept',
].join('; ');

describeInNamespace('forgetConnections', () => {
  const socket = createSocket('udp4');

  before(async () => {
    await here.run(['nft', TRACKED]);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  });
  after(async () => {
    socket.close();
    await here.run(['nft', 'delete table inet tracked']);
  });

  const tracked = async (): Promise<number> => Number(await here.run(['conntrack', '-C']));
  const send = (port: number): Promise<void> =>
    new Promise((resolve) => {
      socket.send('x', port, '127.0.0.1', () => {
        resolve();
      });
    });

  it('leaves none behind, though many find the same ones at a time', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < FLOWS; i++) await send(FIRST_PORT + i);
      assert.ok((await tracked()) >= FLOWS);
      await forgetConnections(here, NETWORKS);
      assert.equal(await tracked(), 0);
    }
  });
});
