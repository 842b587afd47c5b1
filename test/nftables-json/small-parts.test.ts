import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasOverlap, spanOf } from '../../src/nftables-json/element-span.ts';
import { locateRefusal } from '../../src/nftables-json/locate-refusal.ts';
import { parseNetlinkSockets } from '../../src/nftables-json/netfilter-ports.ts';
import { SerialQueue } from '../../src/nftables-json/serial-queue.ts';

describe('locateRefusal', () => {
  it('finds the first operation that is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), async (length, seed) => {
        const guilty = seed % length;
        assert.equal(await locateRefusal(length, (n) => Promise.resolve(n <= guilty)), guilty);
      }),
    );
  });

  it('finds nothing where all is accepted by now', async () => {
    assert.equal(await locateRefusal(7, () => Promise.resolve(true)), null);
  });
});

describe('spanOf', () => {
  const cases: readonly (readonly [4 | 6, string, string, string])[] = [
    [4, '10.1.2.3', '0a010203', '0a010203'],
    [4, '10.1.2.3/8', '0a000000', '0affffff'],
    [4, '0.0.0.0/0', '00000000', 'ffffffff'],
    [6, '::/0', '0'.repeat(32), 'f'.repeat(32)],
    [6, 'fd00::1', `fd00${'0'.repeat(27)}1`, `fd00${'0'.repeat(27)}1`],
    [
      6,
      '2001:db8:1:2:3:4:5:6/64',
      '20010db8000100020000000000000000',
      '20010db800010002ffffffffffffffff',
    ],
    [6, '::ffff:10.0.0.1', '00000000000000000000ffff0a000001', '00000000000000000000ffff0a000001'],
  ];
  for (const [family, net, first, last] of cases) {
    it(`reaches over ${net}`, () => {
      assert.deepEqual(spanOf(family, net), { first, last });
    });
  }
});

describe('hasOverlap', () => {
  const cases: readonly (readonly [readonly string[], boolean])[] = [
    [[], false],
    [['10.0.0.0/9', '10.128.0.0/9'], false],
    [['11.0.0.1', '10.0.0.0/8'], false],
    [['10.255.255.255', '10.0.0.0/8'], true],
    [['10.0.0.0/8', '10.0.0.0'], true],
  ];
  for (const [nets, expected] of cases) {
    it(`says ${expected} for ${nets.join(', ')}`, () => {
      assert.equal(hasOverlap(nets.map((net) => spanOf(4, net))), expected);
    });
  }
});

describe('parseNetlinkSockets', () => {
  it('reads protocol, port and inode', () => {
    const text =
      'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n' +
      '0000000000000000 0   4294963201 00000440 0        0        0     2        0        100\n' +
      '0000000000000000 12  4242       00000000 0        0        0     2        0        101\n';
    assert.deepEqual(parseNetlinkSockets(text), [
      { protocol: 0, portId: 4294963201, inode: '100' },
      { protocol: 12, portId: 4242, inode: '101' },
    ]);
  });
});

describe('SerialQueue', () => {
  it('runs one task at a time, in order, past failures', async () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    const task = (name: string, fails: boolean) => async (): Promise<string> => {
      log.push(`${name} starts`);
      await Promise.resolve();
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
    const first = queue.run(task('a', true));
    const second = queue.run(task('b', false));
    await assert.rejects(first, /a/);
    assert.equal(await second, 'b');
    assert.deepEqual(log, ['a starts', 'a ends', 'b starts', 'b ends']);
  });
});
