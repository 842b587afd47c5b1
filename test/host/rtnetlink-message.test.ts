import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeRtnetlink, localRouteDumpRequest } from '../../src/host/rtnetlink-message.ts';
import { encodeAttribute } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';

const NEW_LINK = 16;
const DEL_LINK = 17;
const NEW_ROUTE = 24;
const DEL_ROUTE = 25;

function message(type: number, flags: number, ...payload: readonly Buffer[]): NetlinkMessage {
  return { type, flags, sequence: 0, portId: 0, payload: Buffer.concat(payload) };
}

function linkHeader(family: number, index: number, flags: number): Buffer {
  const header = Buffer.alloc(16);
  header[0] = family;
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(flags, 8);
  return header;
}

interface RouteFields {
  readonly length?: number;
  readonly table?: number;
  readonly type?: number;
  readonly flags?: number;
}

function routeHeader({ length = 32, table = 255, type = 2, flags = 0 }: RouteFields = {}): Buffer {
  const header = Buffer.from([2, length, 0, 0, table, 2, 254, type, 0, 0, 0, 0]);
  header.writeUInt32LE(flags, 8);
  return header;
}

function name(text: string): Buffer {
  return encodeAttribute(3, Buffer.from(`${text}\0`));
}

const toInterface5 = encodeAttribute(4, Buffer.from([5, 0, 0, 0]));

function destination(...bytes: readonly number[]): Buffer {
  return encodeAttribute(1, Buffer.from(bytes));
}

describe('decodeRtnetlink', () => {
  it('reads name, IFF_UP and IFF_RUNNING of a link', () => {
    const link = message(NEW_LINK, 0, linkHeader(0, 7, 0x1043), name('eth0'));
    assert.deepEqual(decodeRtnetlink(link), {
      kind: 'link',
      index: 7,
      name: 'eth0',
      up: true,
      running: true,
    });
    const down = message(NEW_LINK, 0, linkHeader(0, 7, 0x1002), name('eth0'));
    assert.deepEqual(decodeRtnetlink(down), {
      kind: 'link',
      index: 7,
      name: 'eth0',
      up: false,
      running: false,
    });
  });

  it('reads the end of a link', () => {
    const gone = message(DEL_LINK, 0, linkHeader(0, 7, 0), name('eth0'));
    assert.deepEqual(decodeRtnetlink(gone), { kind: 'link-gone', index: 7 });
  });

  it('does not take a port that leaves its bridge for the end of the link', () => {
    assert.equal(decodeRtnetlink(message(DEL_LINK, 0, linkHeader(7, 7, 0), name('eth0'))), null);
    assert.equal(decodeRtnetlink(message(NEW_LINK, 0, linkHeader(7, 7, 0), name('eth0'))), null);
  });

  it('reads IPv4 and IPv6 local routes in canonical text', () => {
    const ipv4 = message(NEW_ROUTE, 0, routeHeader(), destination(192, 0, 2, 1), toInterface5);
    assert.deepEqual(decodeRtnetlink(ipv4), {
      kind: 'local-route',
      index: 5,
      address: '192.0.2.1',
      key: '32:0:',
    });
    const bytes = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0xab, 0, 0, 0, 0, 0, 1];
    const ipv6 = message(
      DEL_ROUTE,
      0,
      routeHeader({ length: 128 }),
      destination(...bytes),
      toInterface5,
    );
    assert.deepEqual(decodeRtnetlink(ipv6), {
      kind: 'local-route-gone',
      index: 5,
      address: 'fe80::ab:0:0:1',
      key: '128:0:',
    });
  });

  it('tells routes to one address apart by prefix length and priority', () => {
    const priority = encodeAttribute(6, Buffer.from([9, 0, 0, 0]));
    const event = decodeRtnetlink(
      message(
        NEW_ROUTE,
        0,
        routeHeader({ length: 24 }),
        destination(10, 0, 0, 0),
        toInterface5,
        priority,
      ),
    );
    assert.equal(event?.kind === 'local-route' && event.key, '24:0:09000000');
  });

  it('passes over other tables, other route types and cached routes', () => {
    for (const fields of [{ table: 254 }, { type: 1 }, { type: 3 }, { flags: 0x200 }]) {
      const route = message(
        NEW_ROUTE,
        0,
        routeHeader(fields),
        destination(10, 0, 0, 1),
        toInterface5,
      );
      assert.equal(decodeRtnetlink(route), null);
    }
  });

  it('is uncertain about a replaced route of table local, whatever its type', () => {
    for (const type of [1, 2]) {
      const route = message(
        NEW_ROUTE,
        0x100,
        routeHeader({ type }),
        destination(10, 0, 0, 1),
        toInterface5,
      );
      assert.deepEqual(decodeRtnetlink(route), { kind: 'uncertain' });
    }
  });

  it('passes over messages without the attributes that matter', () => {
    assert.equal(decodeRtnetlink(message(NEW_LINK, 0, linkHeader(0, 7, 1))), null);
    assert.equal(decodeRtnetlink(message(NEW_ROUTE, 0, routeHeader(), toInterface5)), null);
    assert.equal(
      decodeRtnetlink(message(NEW_ROUTE, 0, routeHeader(), destination(10, 0, 0, 1))),
      null,
    );
    assert.equal(decodeRtnetlink(message(20, 0, Buffer.alloc(40))), null);
  });

  it('never throws, whatever the bytes', () => {
    const anyMessage = fc.record({
      type: fc.constantFrom(NEW_LINK, DEL_LINK, NEW_ROUTE, DEL_ROUTE),
      flags: fc.nat(0xffff),
      payload: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(anyMessage, (parts) => {
        const event = decodeRtnetlink({ ...parts, sequence: 0, portId: 0 });
        assert.ok(event === null || typeof event.kind === 'string');
      }),
    );
  });
});

describe('localRouteDumpRequest', () => {
  it('asks for type local of table local', () => {
    assert.equal(localRouteDumpRequest(10).toString('hex'), '0a000000ff00000200000000');
  });
});
