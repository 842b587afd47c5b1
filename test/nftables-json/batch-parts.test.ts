import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { writeAddress, writeNext, clearHostBits } from '../../src/nftables-json/address-bytes.ts';
import { BatchBytes } from '../../src/nftables-json/batch-bytes.ts';
import { mergeIntervals, netInterval } from '../../src/nftables-json/batch-interval.ts';
import { createBatchRunner } from '../../src/nftables-json/batch-runner.ts';
import { spanOf } from '../../src/nftables-json/element-span.ts';
import { KnownSets } from '../../src/nftables-json/known-sets.ts';
import { parseAttributes, parseMessages } from '../../src/netlink/message.ts';
import type { SetDeclaration } from '../../src/ruleset/ruleset.ts';
import type { BatchAnswer } from '../../src/netlink/batch-socket.ts';
import { HASH4, NETS4, rule } from './samples.ts';

const addresses = fc.oneof(
  fc.record({ family: fc.constant(4 as const), text: fc.ipV4(), prefix: fc.nat(32) }),
  fc.record({ family: fc.constant(6 as const), text: fc.ipV6(), prefix: fc.nat(128) }),
);

describe('parts of netlink batches', () => {
  it('write addresses and where their prefixes end', () => {
    fc.assert(
      fc.property(addresses, ({ family, text, prefix }) => {
        const { first, last } = spanOf(family, `${text}/${prefix}`);
        const address = Buffer.alloc(family === 4 ? 4 : 16);
        const next = Buffer.alloc(address.length);
        writeAddress(address, family, text);
        clearHostBits(address, prefix);
        assert.equal(address.toString('hex'), first);
        const after = (BigInt(`0x${last}`) + 1n).toString(16).padStart(last.length, '0');
        const isEnd = !writeNext(next, address, prefix);
        assert.equal(isEnd, after.length > last.length);
        if (!isEnd) assert.equal(next.toString('hex'), after);
      }),
    );
  });

  it('merge intervals that overlap or touch', () => {
    const nets = [
      '10.0.0.0/9',
      '10.128.0.0/9',
      '10.1.0.0/16',
      '12.0.0.1',
      '255.0.0.0/8',
      '255.1.0.0/16',
    ];
    const merged = mergeIntervals(nets.map((net) => netInterval(4, net)));
    assert.deepEqual(
      merged.map(({ first, end }) => [first.join('.'), end?.join('.')]),
      [
        ['10.0.0.0', '11.0.0.0'],
        ['12.0.0.1', '12.0.0.2'],
        ['255.0.0.0', undefined],
      ],
    );
  });

  it('write messages that can be read again, whatever their size', () => {
    const batch = new BatchBytes();
    const text = 'x'.repeat(5000);
    for (let i = 0; i < 5; i++) {
      batch.begin(7, 0x400, [1, 0]);
      batch.text(1, text);
      const nested = batch.open(2);
      batch.u32(3, i);
      batch.close(nested);
      batch.end();
    }
    const messages = parseMessages(batch.finish());
    assert.deepEqual(
      messages.map(({ type, flags, sequence }) => [type, flags, sequence]),
      [1, 2, 3, 4, 5].map((sequence) => [7, 0x401, sequence]),
    );
    for (const [index, { payload }] of messages.entries()) {
      const attributes = parseAttributes(payload.subarray(4));
      assert.equal(attributes.get(1)?.toString(), `${text}\0`);
      const nested = parseAttributes(attributes.get(2) ?? Buffer.alloc(0));
      assert.equal(nested.get(3)?.readUInt32BE(), index);
    }
  });

  it('take an IPv4 network however it is written, and nothing else', () => {
    const number = fc.oneof(
      fc.nat(300).map(String),
      fc.constantFrom('', '00', '07', '0', '-1', 'a'),
    );
    const address = fc
      .array(number, { minLength: 3, maxLength: 5 })
      .map((parts) => parts.join('.'));
    const text = fc.oneof(
      address,
      fc.tuple(fc.oneof(address, fc.ipV4()), number).map((parts) => parts.join('/')),
    );
    fc.assert(
      fc.property(text, (net) => {
        const [host = '', prefix = '32', ...rest] = net.split('/');
        const isNet = isIPv4(host) && /^\d{1,3}$/.test(prefix) && Number(prefix) <= 32;
        if (!isNet || rest.length > 0) {
          assert.throws(() => netInterval(4, net), { kind: 'invalid' });
          return;
        }
        const { first, end } = netInterval(4, net);
        const value = host.split('.').reduce((sum, part) => 256 * sum + Number(part), 0);
        const size = 2 ** (32 - Number(prefix));
        const from = value - (value % size);
        assert.equal(first.readUInt32BE(), from);
        assert.equal(end?.readUInt32BE() ?? 2 ** 32, from + size);
      }),
      { numRuns: 2000 },
    );
  });

  const outcome = async (answers: readonly BatchAnswer[] | Error): Promise<string> => {
    const runner = createBatchRunner({
      portId: 1,
      send: () => (answers instanceof Error ? Promise.reject(answers) : Promise.resolve(answers)),
      close: () => undefined,
    });
    const result = await runner.run({ bytes: Buffer.alloc(0), last: 3 });
    return result.kind === 'committed' ? 'committed' : result.reason;
  };

  it('believe the acknowledgement of the last message, a refusal before it', async () => {
    const end: BatchAnswer = { sequence: 3, answer: { kind: 'end' } };
    const refused: BatchAnswer = {
      sequence: 2,
      answer: { kind: 'refused', errno: 2, detail: '' },
    };
    assert.equal(await outcome([end]), 'committed');
    assert.equal(await outcome([refused, end]), 'message 2 of 3: ENOENT');
    assert.equal(await outcome(new Error('never sent')), 'never sent');
    await assert.rejects(outcome([]), /did not say/);
  });

  it('leave rules on sets of unknown type to nft', () => {
    const sets = new KnownSets();
    const match = { kind: 'address-set', side: 'saddr', negated: false, set: HASH4.name } as const;
    const declare = { op: 'add-elements', set: HASH4, elements: [] } as const;
    const use = (family: 4 | 6) =>
      ({ op: 'add-rule', chain: 'c', rule: rule([{ ...match, family }], []) }) as const;
    assert.equal(sets.suit([use(4)]), false);
    assert.equal(sets.suit([declare, use(4)]), true);
    assert.equal(sets.suit([declare, use(6)]), false);
    sets.landed([declare]);
    assert.equal(sets.suit([use(4)]), true);
    sets.landed([{ op: 'delete-set', name: HASH4.name }]);
    assert.equal(sets.suit([use(4)]), false);
  });

  it('know when the kernel goes through a large interval set, whatever changes in it', () => {
    const nets = Array.from({ length: 5001 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    const [first = ''] = nets;
    const add = (set: SetDeclaration, elements: readonly string[]) =>
      ({ op: 'add-elements', set, elements }) as const;
    const remove = { op: 'delete-elements', set: NETS4, elements: [first] } as const;
    const sets = new KnownSets();
    assert.equal(sets.takeLong([add(NETS4, [first])]), false);
    sets.landed([add(NETS4, nets), add(HASH4, nets)]);
    assert.equal(sets.takeLong([add(NETS4, [first])]), true);
    assert.equal(sets.takeLong([remove]), true);
    assert.equal(sets.takeLong([add(HASH4, [first])]), false);
    sets.landed([remove]);
    assert.equal(sets.takeLong([remove]), false);
    sets.landed([add(NETS4, [first])]);
    assert.equal(sets.takeLong([remove]), true);
    sets.landed([{ op: 'flush-set', name: NETS4.name }]);
    assert.equal(sets.takeLong([remove]), false);
  });
});
