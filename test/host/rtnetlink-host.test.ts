import assert from 'node:assert/strict';
import { HostError } from '../../src/base/errors.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Host } from '../../src/host/host.ts';
import { createRtnetlinkHost } from '../../src/host/rtnetlink-host.ts';
import { encodeAttribute, encodeMessage } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import type { NetlinkSocket } from '../../src/netlink/netlink-socket.ts';
import { Deliveries } from './deliveries.ts';
import { createManualClock } from './manual-clock.ts';
import type { ManualClock } from './manual-clock.ts';

const NEW_LINK = 16;
const DEL_LINK = 17;
const NEW_ROUTE = 24;
const GET_LINK = 18;
const IFF_UP_RUNNING = 0x41;

/** A netlink socket whose answers the test gives, listing by listing. */
class FakeSocket implements NetlinkSocket {
  readonly portId = 1;
  links: readonly NetlinkMessage[] = [];
  ipv4: readonly NetlinkMessage[] = [];
  /** Called when a listing of links is asked for, before it is answered. */
  beforeLinks: () => void | Promise<void> = () => undefined;
  routeError: HostError | null = null;
  listings = 0;
  closed = false;
  readonly join = (): void => undefined;
  readonly leave = (): void => undefined;
  hear: (datagram: Buffer) => void = () => undefined;
  overrun: () => void = () => undefined;

  onMessages(listener: (datagram: Buffer) => void): void {
    this.hear = listener;
  }

  onOverrun(listener: () => void): void {
    this.overrun = listener;
  }

  async request(type: number, _flags: number, payload: Buffer): Promise<readonly NetlinkMessage[]> {
    if (type === GET_LINK) {
      this.listings += 1;
      const { links } = this;
      await this.beforeLinks();
      return links;
    }
    if (this.routeError !== null) throw this.routeError;
    return payload[0] === 2 ? this.ipv4 : [];
  }

  close(): void {
    this.closed = true;
  }
}

function message(type: number, ...payload: readonly Buffer[]): NetlinkMessage {
  return { type, flags: 0, sequence: 0, portId: 0, payload: Buffer.concat(payload) };
}

function link(type: number, index: number, name: string, flags = IFF_UP_RUNNING): NetlinkMessage {
  const header = Buffer.alloc(16);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(flags, 8);
  return message(type, header, encodeAttribute(3, Buffer.from(`${name}\0`)));
}

function route(index: number, lastByte: number): NetlinkMessage {
  return message(
    NEW_ROUTE,
    Buffer.from([2, 32, 0, 0, 255, 2, 254, 2, 0, 0, 0, 0]),
    encodeAttribute(1, Buffer.from([192, 0, 2, lastByte])),
    encodeAttribute(4, Buffer.from([index, 0, 0, 0])),
  );
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('createRtnetlinkHost, events against listings', () => {
  let clock: ManualClock;
  let socket: FakeSocket;
  let warnings: LogFields[];
  let host: Host;
  let deliveries: Deliveries;

  beforeEach(() => {
    clock = createManualClock();
    socket = new FakeSocket();
    warnings = [];
    deliveries = new Deliveries();
    const logger = { ...silentLogger, warn: (fields: LogFields) => warnings.push(fields) };
    host = createRtnetlinkHost({ clock, logger }, {}, () => Promise.resolve(socket));
    socket.links = [link(NEW_LINK, 2, 'eth0')];
    socket.ipv4 = [route(2, 1)];
  });

  afterEach(() => host.close());

  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await settle();
  }

  it('applies events that arrived during a listing after it', async () => {
    socket.beforeLinks = () => {
      socket.hear(encodeMessage(link(DEL_LINK, 2, 'eth0')));
      socket.hear(encodeMessage(link(NEW_LINK, 3, 'eth1')));
    };
    await host.start(deliveries.listener);
    assert.deepEqual(
      deliveries.all.at(-1)?.map(({ name }) => name),
      ['eth1'],
    );
  });

  it('folds the events of 10 ms into one delivery', async () => {
    await host.start(deliveries.listener);
    for (let i = 2; i < 6; i++) {
      socket.hear(encodeMessage(route(2, i)));
      await advance(2);
    }
    assert.equal(deliveries.all.length, 1);
    await advance(2);
    assert.equal(deliveries.all.length, 2);
    assert.equal(deliveries.find('eth0')?.addresses.length, 5);
    assert.equal(socket.listings, 1);
  });

  it('does not wake up for events that say nothing about the inventory', async () => {
    await host.start(deliveries.listener);
    const unicast = Buffer.from([2, 24, 0, 0, 254, 2, 0, 1, 0, 0, 0, 0]);
    socket.hear(encodeMessage(message(NEW_ROUTE, unicast)));
    socket.hear(encodeMessage(link(NEW_LINK, 2, 'eth0')));
    await advance(1000);
    assert.equal(deliveries.all.length, 1);
    assert.equal(socket.listings, 1);
  });

  it('lists again, once, for a burst of events that leave it uncertain', async () => {
    await host.start(deliveries.listener);
    for (let i = 0; i < 5; i++) {
      socket.hear(encodeMessage(link(NEW_LINK, 2, 'eth0', 0)));
      socket.hear(encodeMessage(link(NEW_LINK, 2, 'eth0')));
    }
    await advance(10);
    await advance(1000);
    assert.equal(socket.listings, 2);
  });

  it('lists again when events are lost during a listing', async () => {
    socket.beforeLinks = () => {
      socket.beforeLinks = () => undefined;
      socket.overrun();
      socket.links = [link(NEW_LINK, 2, 'eth0'), link(NEW_LINK, 3, 'eth1')];
    };
    await host.start(deliveries.listener);
    assert.equal(deliveries.find('eth1'), undefined);
    await advance(10);
    assert.ok(deliveries.find('eth1') !== undefined);
    assert.equal(socket.listings, 2);
  });

  it('lists again every refreshMs, 90 s by default', async () => {
    await host.start(deliveries.listener);
    socket.links = [];
    await advance(89_999);
    assert.equal(socket.listings, 1);
    await advance(1);
    await advance(100);
    assert.deepEqual(deliveries.all.at(-1), []);
    await advance(90_000);
    assert.equal(socket.listings, 3);
  });

  it('keeps the last inventory while listing fails, warns, and tries again after a second', async () => {
    await host.start(deliveries.listener);
    socket.routeError = new HostError('ENOMEM', 'out of memory');
    socket.overrun();
    await advance(10);
    await advance(500);
    assert.equal(deliveries.all.length, 1);
    assert.deepEqual(warnings, [{ error: 'out of memory', retryMs: 1000 }]);
    assert.equal(socket.listings, 2);
    socket.routeError = null;
    socket.ipv4 = [route(2, 1), route(2, 2)];
    await advance(500);
    assert.deepEqual(deliveries.find('eth0')?.addresses, ['192.0.2.1', '192.0.2.2']);
  });

  it('takes a missing table for an empty one', async () => {
    socket.routeError = new HostError('ENOENT', 'FIB table does not exist');
    await host.start(deliveries.listener);
    assert.deepEqual(deliveries.find('eth0')?.addresses, []);
  });

  it('rejects, and lets go of everything, when the first listing fails', async () => {
    socket.routeError = new HostError('EPERM', 'not permitted');
    socket.beforeLinks = () => {
      socket.overrun();
    };
    await assert.rejects(host.start(deliveries.listener), { code: 'EPERM' });
    assert.equal(socket.closed, true);
    await advance(200_000);
    assert.equal(socket.listings, 1);
  });

  it('rejects when it is closed while starting, and delivers nothing', async () => {
    socket.beforeLinks = () => host.close();
    await assert.rejects(host.start(deliveries.listener), { code: 'host-closed' });
    assert.equal(socket.closed, true);
    assert.deepEqual(deliveries.all, []);
  });
});
