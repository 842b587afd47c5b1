import assert from 'node:assert/strict';
import { NftablesError } from '../../src/base/errors.ts';
import { loadLibc } from '../../src/netlink/libc.ts';
import { encodeMessage, NLM_F } from '../../src/netlink/message.ts';
import { openLibraryNftables } from '../../src/nftables-json/library-nftables.ts';
import type { ForeignChange } from '../../src/nftables-json/nftables.ts';
import { netfilterSockets } from './netfilter-sockets.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { nft, realClock, recordingLogger } from './test-system.ts';

const GET_GENERATION = (10 << 8) | 16;
const SO_RCVBUF = { level: 1, name: 8 };
const NETLINK_ADDRESS = Buffer.from([16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

// As after ENOBUFS: answers that nobody waited for, and no room for the next ones.
async function breakSocket(fd: number): Promise<void> {
  const libc = await loadLibc();
  const one = Buffer.from([1, 0, 0, 0]);
  assert.equal(libc.setsockopt(fd, SO_RCVBUF, one), 0);
  const request = {
    type: GET_GENERATION,
    flags: NLM_F.request,
    sequence: 4242,
    portId: 0,
    payload: Buffer.alloc(4),
  };
  for (let i = 0; i < 4; i++) libc.sendto(fd, encodeMessage(request), NETLINK_ADDRESS);
}

describeInOwnNamespace('libnftables with a broken socket', () => {
  it('reports the failure, starts anew, and is not alarmed by itself', async () => {
    const logger = recordingLogger();
    const nftables = await openLibraryNftables({ logger, clock: realClock });
    const [socket, ...others] = netfilterSockets();
    assert.ok(socket !== undefined && others.length === 0);
    const heard: ForeignChange[] = [];
    nftables.watch((change) => heard.push(change));
    await nftables.apply([{ op: 'add-table' }, { op: 'add-chain', name: 'one', base: null }]);
    await breakSocket(socket.fd);
    await assert.rejects(
      nftables.read(),
      (error: unknown) => error instanceof NftablesError && error.kind === 'unknown',
    );
    await nftables.apply([{ op: 'add-chain', name: 'two', base: null }]);
    assert.deepEqual(chains(await nftables.read()), ['one', 'two']);
    assert.deepEqual(logger.lines, ['warn libnftables failed: starting it anew']);
    const told = new Promise((resolve) => nftables.watch(resolve));
    nft('add', 'chain', 'inet', 'rampart', 'foreign');
    await told;
    assert.deepEqual(
      heard.map(({ what }) => what),
      ['chain foreign added or changed'],
    );
    await nftables.apply([{ op: 'delete-table' }]);
    await nftables.close();
    assert.deepEqual(netfilterSockets(), []);
  });
});

function chains(
  inventory: { readonly chains: readonly { readonly name: string }[] } | null,
): unknown {
  return inventory?.chains.map(({ name }) => name).sort();
}
