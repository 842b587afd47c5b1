import assert from 'node:assert/strict';
import type { LoggedPacket, PacketListener, PacketLog } from '../../src/nflog/packet-log.ts';

/** The group that everybody uses, and one that another process holds. */
export const GROUP = 2000;
export const TAKEN_GROUP = 2001;

/** A PacketLog together with a way to make packets. */
export interface PacketLogRig {
  readonly log: PacketLog;
  /** A UDP packet to 127.0.0.1 and the given port passes rules that log it to GROUP, once for each prefix. */
  send(port: number, prefixes: readonly string[]): Promise<void>;
  /** As many packets as overrun whoever does not read meanwhile. */
  flood(): Promise<void>;
  dispose(): Promise<void>;
}

/** A listener that keeps what it hears. */
export interface Ear extends PacketListener {
  readonly packets: LoggedPacket[];
  lost: number;
  /** Resolves when so many packets have been heard. */
  heard(count: number): Promise<readonly LoggedPacket[]>;
  /** Resolves when something was lost. */
  missed(): Promise<void>;
}

/** Hears what carries a prefix. */
export function ear(prefix = ''): Ear {
  let wake = (): void => undefined;
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  const self: Ear = {
    prefix,
    packets: [],
    lost: 0,
    onPacket: (packet) => {
      self.packets.push(packet);
      wake();
    },
    onLost: (count) => {
      self.lost += count;
      wake();
    },
    heard: async (count) => {
      await until(() => self.packets.length >= count);
      return self.packets;
    },
    missed: () => until(() => self.lost > 0),
  };
  return self;
}

/** What every PacketLog promises; call inside a `describe`. */
export function itKeepsThePacketLogContract(setUp: () => Promise<PacketLogRig>): void {
  let rig: PacketLogRig;

  beforeEach(async () => {
    rig = await setUp();
  });

  afterEach(async () => {
    rig.log.close();
    await rig.dispose();
  });

  it('delivers a packet with its prefix, hook, interfaces, addresses and ports', async () => {
    const all = ear();
    await rig.log.open(GROUP, all);
    await rig.send(4001, ['one ']);
    const [packet] = await all.heard(1);
    assert.equal(packet?.prefix, 'one ');
    assert.equal(packet.hook, 'input');
    assert.equal(packet.iifname, 'lo');
    assert.equal(packet.oifname, '');
    assert.deepEqual([packet.source, packet.destination], ['127.0.0.1', '127.0.0.1']);
    assert.deepEqual([packet.protocol, packet.destinationPort], [17, 4001]);
    assert.ok(packet.sourcePort !== null && packet.sourcePort > 0);
    assert.ok(packet.time > 1.5e12, `${packet.time} is not a time in milliseconds`);
  });

  it('lets listeners share a group, each with its prefix', async () => {
    const [all, one, two] = [ear(), ear('one'), ear('two')];
    await Promise.all([all, one, two].map((listener) => rig.log.open(GROUP, listener)));
    await rig.send(4002, ['one ', 'two ']);
    await all.heard(2);
    assert.deepEqual(
      [all, one, two].map(({ packets }) => packets.map(({ prefix }) => prefix)),
      [['one ', 'two '], ['one '], ['two ']],
    );
  });

  it('is silent for a listener that closed, and goes on for the others', async () => {
    const [gone, stays] = [ear(), ear()];
    const subscription = await rig.log.open(GROUP, gone);
    await rig.log.open(GROUP, stays);
    subscription.close();
    subscription.close();
    await rig.send(4003, ['one ']);
    await stays.heard(1);
    assert.deepEqual(gone.packets, []);
  });

  it('opens a group again that was given back', async () => {
    (await rig.log.open(GROUP, ear())).close();
    const again = ear();
    await rig.log.open(GROUP, again);
    await rig.send(4004, ['one ']);
    assert.equal((await again.heard(1)).length, 1);
  });

  it('tells of packets that were lost, and hears the next ones', async () => {
    const listener = ear('one');
    await rig.log.open(GROUP, listener);
    await rig.flood();
    await listener.missed();
    const before = listener.packets.length;
    await rig.send(4005, ['one ']);
    await listener.heard(before + 1);
    assert.ok(listener.lost > 0);
  });

  it('names a group that another process holds, and serves the others', async () => {
    await assert.rejects(rig.log.open(TAKEN_GROUP, ear()), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'nflog-group-taken');
      assert.match(error.message, /^NFLOG group 2001 is held by another program \(.+\)/);
      return true;
    });
    const listener = ear();
    await rig.log.open(GROUP, listener);
    await rig.send(4006, ['one ']);
    await listener.heard(1);
  });

  it('rejects once closed', async () => {
    const listener = ear();
    await rig.log.open(GROUP, listener);
    rig.log.close();
    rig.log.close();
    await assert.rejects(rig.log.open(GROUP, listener), { code: 'nflog-closed' });
  });
}
