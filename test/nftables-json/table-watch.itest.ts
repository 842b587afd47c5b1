import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { silentLogger } from '../../src/base/logger.ts';
import { loadLibc } from '../../src/netlink/libc.ts';
import type { SocketOption } from '../../src/netlink/libc.ts';
import { openLibraryNftables } from '../../src/nftables-json/library-nftables.ts';
import type { ForeignChange, Nftables } from '../../src/nftables-json/nftables.ts';
import { netfilterSockets } from './netfilter-sockets.ts';
import type { NetfilterSocket } from './netfilter-sockets.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { nft, realClock } from './test-system.ts';

const SO_RCVBUF = { level: 1, name: 8 };
const NETLINK_ADD_MEMBERSHIP = { level: 270, name: 1 };
const NETLINK_DROP_MEMBERSHIP = { level: 270, name: 2 };
const NFNLGRP_NFTABLES = 7;

describeInOwnNamespace('the watch of the table', () => {
  let nftables: Nftables;
  let heard: ForeignChange[] = [];

  beforeEach(async () => {
    heard = [];
    nftables = await openLibraryNftables({ logger: silentLogger, clock: realClock });
    nftables.watch((change) => heard.push(change));
    await nftables.apply([{ op: 'add-table' }, { op: 'add-chain', name: 'one', base: null }]);
  });
  afterEach(async () => {
    await nftables.apply([{ op: 'add-table' }, { op: 'delete-table' }]);
    await nftables.close();
    spawnSync('nft', ['flush', 'ruleset']);
  });

  let watch: NetfilterSocket | undefined;

  async function setOnWatch(option: SocketOption, value: number): Promise<void> {
    watch = netfilterSockets().find(({ isListening }) => isListening) ?? watch;
    assert.ok(watch !== undefined);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    assert.equal((await loadLibc()).setsockopt(watch.fd, option, bytes), 0);
  }

  it('knows that it heard of everything, our own changes and other tables included', async () => {
    assert.equal(await nftables.verify(), 'heard');
    for (let i = 0; i < 20; i++) {
      await nftables.apply([{ op: 'add-counter', name: `c${i}` }]);
      nft('add', 'table', 'ip', `other${i}`);
      nft('add', 'chain', 'inet', 'rampart', `foreign${i}`);
      assert.equal(await nftables.verify(), 'heard');
    }
    assert.equal(heard.length, 20);
  });

  it('finds out that changes went unheard, says so once, and goes on hearing', async () => {
    await setOnWatch(NETLINK_DROP_MEMBERSHIP, NFNLGRP_NFTABLES);
    nft('add', 'chain', 'inet', 'rampart', 'foreign');
    await setOnWatch(NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTABLES);
    assert.deepEqual([await nftables.verify(), await nftables.verify()], ['missed', 'heard']);
    assert.deepEqual(heard, []);
  });

  it('tells when the kernel dropped notifications for want of room', async () => {
    await setOnWatch(SO_RCVBUF, 1);
    const told = new Promise<ForeignChange>((resolve) => nftables.watch(resolve));
    const rules = Array.from({ length: 500 }, () => 'add rule inet rampart one counter');
    // While this runs nobody reads the socket.
    assert.equal(spawnSync('nft', ['-f', '-'], { input: rules.join('\n') }).status, 0);
    assert.match((await told).what, /notifications were lost/);
    await setOnWatch(SO_RCVBUF, 1_000_000);
    await nftables.verify();
    nft('add', 'chain', 'inet', 'rampart', 'foreign');
    assert.equal(await nftables.verify(), 'heard');
  });
});
