import assert from 'node:assert/strict';
import { packetOfLog, StagedPackets } from '../../src/agent/staged-packets.ts';
import type { Packet } from '../../src/explain/explain.ts';
import { STAGED_LOG } from '../../src/compile/staged-chains.ts';
import { createMemoryPacketLog } from '../../src/nflog/memory-packet-log.ts';
import type { LoggedPacket } from '../../src/nflog/packet-log.ts';
import { loggedPacket } from '../nflog/logged-packet.ts';

function shown(changes: Partial<LoggedPacket> = {}): LoggedPacket {
  const here = { prefix: STAGED_LOG.prefix, hook: 'input', iifname: 'eth0', oifname: '' } as const;
  return loggedPacket({ ...here, ...changes });
}

function way(changes: Partial<LoggedPacket>): readonly (string | undefined)[] | null {
  const packet = packetOfLog(shown(changes));
  return packet === null ? null : [packet.path, packet.iifname, packet.oifname];
}

describe('packetOfLog', () => {
  it('knows the way by the hook, and this host talking to itself by the loopback device', () => {
    assert.deepEqual(way({}), ['input', 'eth0', '']);
    assert.deepEqual(way({ hook: 'output', iifname: '', oifname: 'eth1' }), ['output', '', 'eth1']);
    assert.deepEqual(way({ hook: 'forward', oifname: 'eth1' }), ['forward', 'eth0', 'eth1']);
    assert.deepEqual(way({ hook: 'output', iifname: '', oifname: 'lo' }), ['loopback', 'lo', 'lo']);
    assert.equal(way({ iifname: 'lo' }), null);
  });

  it('leaves out what tells nothing: fragments, neighbour discovery, other hooks', () => {
    assert.equal(way({ sourcePort: null, destinationPort: null }), null);
    const icmp = { family: 6, protocol: 58, icmpCode: 0, sourcePort: null } as const;
    assert.equal(way({ ...icmp, icmpType: 135 }), null);
    assert.notEqual(way({ ...icmp, icmpType: 128 }), null);
    assert.equal(way({ hook: 'prerouting' }), null);
    assert.equal(way({ hook: null }), null);
  });
});

describe('StagedPackets', () => {
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('listens while it is wanted, and only then', async () => {
    const log = createMemoryPacketLog();
    const heard: Packet[] = [];
    let lost = 0;
    const packets = new StagedPackets(log, {
      onPacket: (packet) => heard.push(packet),
      onLost: (many) => (lost += many),
    });
    packets.want(true);
    packets.want(true);
    await settled();
    log.log(STAGED_LOG.group, shown());
    log.lose(STAGED_LOG.group, 3);
    packets.want(false);
    log.log(STAGED_LOG.group, shown());
    assert.deepEqual([heard.length, lost, log.openGroups], [1, 3, []]);
  });

  it('gives the group back when it is not wanted any more by the time that it has it', async () => {
    const log = createMemoryPacketLog();
    const packets = new StagedPackets(log, { onPacket: () => undefined, onLost: () => undefined });
    packets.want(true);
    packets.want(false);
    await settled();
    assert.deepEqual(log.openGroups, []);
  });

  it('says who has the group, and tries again', async () => {
    const log = createMemoryPacketLog();
    log.setTaken(STAGED_LOG.group, true);
    const packets = new StagedPackets(log, { onPacket: () => undefined, onLost: () => undefined });
    packets.want(true);
    await settled();
    assert.match(packets.error ?? '', /ulogd/);
    log.setTaken(STAGED_LOG.group, false);
    packets.want(true);
    await settled();
    assert.equal(packets.error, null);
    assert.deepEqual(log.openGroups, [STAGED_LOG.group]);
  });
});
