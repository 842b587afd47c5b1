import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { FLOW_STATUS } from '../../src/conntrack/conntrack.ts';
import { createCtnetlinkConntrack } from '../../src/conntrack/ctnetlink-conntrack.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { itKeepsTheConntrackContract } from './conntrack-contract.ts';
import type { ConntrackRig, Talk } from './conntrack-contract.ts';

const run = promisify(execFile);

describeInNamespace('createCtnetlinkConntrack', () => {
  before(() => {
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
    // Connection tracking works in a namespace only while a rule asks for it.
    nft(`table inet track {
      chain out {
        type filter hook output priority 0;
        ct state new counter
        ct mark set 0x2a
      }
    }`);
  });

  after(() => {
    nft('delete table inet track');
    execFileSync('ip', ['link', 'set', 'lo', 'down']);
  });

  itKeepsTheConntrackContract(() => Promise.resolve(kernelRig()));

  it('lists status bits and mark', async () => {
    const rig = kernelRig();
    try {
      await rig.start('tcp4');
      const [flow] = (await rig.conntrack.list()).filter(({ protocol }) => protocol === 6);
      const expected = FLOW_STATUS.seenReply | FLOW_STATUS.assured | FLOW_STATUS.confirmed;
      assert.equal((flow?.status ?? 0) & expected, expected);
      assert.equal(flow?.mark, 0x2a);
    } finally {
      await rig.conntrack.close();
      await rig.dispose();
    }
  });

  it('lists what DNAT changed in the reply direction', async () => {
    const rig = kernelRig();
    const server = await listen('127.0.0.1');
    nft(`table inet track_nat {
      chain out {
        type nat hook output priority -100;
        ip daddr 127.9.9.9 dnat ip to 127.0.0.1
      }
    }`);
    try {
      const client = connect((server.address() as AddressInfo).port, '127.9.9.9');
      await once(client, 'connect');
      const flow = (await rig.conntrack.list()).find(
        ({ original }) => original.destination === '127.9.9.9',
      );
      assert.equal(flow?.reply.source, '127.0.0.1');
      assert.equal(flow.status & FLOW_STATUS.destinationNat, FLOW_STATUS.destinationNat);
      client.destroy();
    } finally {
      nft('delete table inet track_nat');
      server.close();
      await rig.conntrack.close();
      await rig.dispose();
    }
  });
});

function nft(script: string): void {
  execFileSync('nft', ['-f', '-'], { input: script });
}

async function listen(host: string): Promise<ReturnType<typeof createServer>> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, host);
  await once(server, 'listening');
  return server;
}

function kernelRig(): ConntrackRig {
  const closers: (() => void)[] = [];

  async function startTcp(host: string): Promise<void> {
    const server = await listen(host);
    const accepted = once(server, 'connection');
    const client = connect((server.address() as AddressInfo).port, host);
    client.on('error', () => client.destroy());
    // One byte each way: the handshake's last packet has then passed as well.
    const [peer] = (await accepted) as [NodeJS.ReadWriteStream & { destroy(): void }];
    peer.write('x');
    await once(client, 'data');
    closers.push(() => {
      client.resetAndDestroy();
      peer.destroy();
      server.close();
    });
  }

  async function startUdp(): Promise<void> {
    const receiver = createSocket('udp6');
    receiver.bind(0, '::1');
    await once(receiver, 'listening');
    const sender = createSocket('udp6');
    const received = once(receiver, 'message');
    sender.send('x', receiver.address().port, '::1');
    await received;
    closers.push(() => {
      sender.close();
      receiver.close();
    });
  }

  const starters: Readonly<Record<Talk, () => Promise<unknown>>> = {
    tcp4: () => startTcp('127.0.0.1'),
    tcp6: () => startTcp('::1'),
    udp6: startUdp,
    ping4: () => run('ping', ['-c', '1', '-W', '2', '127.0.0.1']),
    ping6: () => run('ping', ['-c', '1', '-W', '2', '::1']),
  };

  return {
    conntrack: createCtnetlinkConntrack(),
    start: async (talk) => {
      await starters[talk]();
    },
    dispose: async () => {
      for (const close of closers) close();
      // What is left of this rig must not be found by the next.
      await run('conntrack', ['-F']);
    },
  };
}
