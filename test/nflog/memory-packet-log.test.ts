import assert from 'node:assert/strict';
import { createMemoryPacketLog } from '../../src/nflog/memory-packet-log.ts';
import { ear, GROUP, itKeepsThePacketLogContract, TAKEN_GROUP } from './packet-log-contract.ts';
import type { PacketLogRig } from './packet-log-contract.ts';
import { loggedPacket } from './logged-packet.ts';

describe('createMemoryPacketLog', () => {
  itKeepsThePacketLogContract(() => Promise.resolve(memoryRig()));

  it('shows which groups are open', async () => {
    const log = createMemoryPacketLog();
    const subscription = await log.open(GROUP, ear());
    assert.deepEqual(log.openGroups, [GROUP]);
    subscription.close();
    assert.deepEqual(log.openGroups, []);
  });
});

function memoryRig(): PacketLogRig {
  const log = createMemoryPacketLog();
  log.setTaken(TAKEN_GROUP, true);
  return {
    log,
    send: (port, prefixes) => {
      for (const prefix of prefixes)
        log.log(GROUP, loggedPacket({ prefix, destinationPort: port }));
      return Promise.resolve();
    },
    flood: () => {
      log.lose(GROUP, 3);
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  };
}
