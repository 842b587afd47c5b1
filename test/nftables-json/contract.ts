import assert from 'node:assert/strict';
import { NftablesError } from '../../src/base/errors.ts';
import type { NftablesErrorKind } from '../../src/base/errors.ts';
import type { ForeignChange, Nftables } from '../../src/nftables-json/nftables.ts';
import type { MapVerdict } from '../../src/ruleset/ruleset.ts';
import type { Operation, TableInventory, Transaction } from '../../src/ruleset/transaction.ts';
import {
  ELEMENTS,
  HASH4,
  NAMED_MAPS,
  NETS4,
  NO_NAMED_MAPS,
  PORTS4,
  rule,
  TABLE_SAMPLE,
  TAKE_APART,
} from './samples.ts';

/** A transport under test, and a way to be somebody else. */
export interface Subject {
  readonly nftables: Nftables;
  /** Has another process carry out a transaction. */
  tamper(transaction: Transaction): void;
  /** The elements of a set of ours, in any order and spelling that nft uses. */
  elements(set: string): Promise<number>;
}

const TABLE: Operation = { op: 'add-table' };
const CLEAR: Transaction = [TABLE, { op: 'delete-table' }];

/** Refusals: what is there before, the transaction, and the kind of error. */
const REFUSALS: readonly (readonly [string, Transaction, NftablesErrorKind])[] = [
  ['deleting a missing chain', [{ op: 'delete-chain', name: 'none' }], 'not-found'],
  ['flushing a missing chain', [{ op: 'flush-chain', name: 'none' }], 'not-found'],
  ['deleting a missing set', [{ op: 'delete-set', name: 'none' }], 'not-found'],
  ['flushing a missing set', [{ op: 'flush-set', name: 'none' }], 'not-found'],
  ['deleting a missing map', [{ op: 'delete-map', name: 'none' }], 'not-found'],
  ['a map to a missing chain', [addMap('m', 'none')], 'not-found'],
  ['a map to a base chain', [addMap('m', 'input')], 'invalid'],
  ['a rule that looks into a missing map', [lookUp('none', 'leaf')], 'not-found'],
  [
    'entries for a map in use',
    [addMap('m', 'leaf'), lookUp('m', 'leaf'), addMap('m', 'leaf')],
    'busy',
  ],
  [
    'deleting a map in use',
    [addMap('m', 'leaf'), lookUp('m', 'leaf'), { op: 'delete-map', name: 'm' }],
    'busy',
  ],
  [
    'deleting a chain that a map leads to',
    [...chains('far'), addMap('m', 'far'), { op: 'delete-chain', name: 'far' }],
    'busy',
  ],
  ['deleting a missing counter', [{ op: 'delete-counter', name: 'none' }], 'not-found'],
  ['a foreign object that is not there', [deleteForeign('quota')], 'not-found'],
  ['a rule in a missing chain', [addRule('none', 'accept')], 'not-found'],
  ['a jump to a missing chain', [addJump('leaf', 'none')], 'not-found'],
  [
    'a missing counter',
    [{ op: 'add-rule', chain: 'leaf', rule: rule([], [{ kind: 'counter', name: 'none' }]) }],
    'not-found',
  ],
  ['a missing set', [matchSet('none', 4)], 'not-found'],
  ['a set of the other family', [matchSet(HASH4.name, 6)], 'invalid'],
  ['triples where addresses are wanted', [matchSet(PORTS4.name, 4)], 'invalid'],
  ['deleting a chain in use', [{ op: 'delete-chain', name: 'rules' }], 'busy'],
  ['deleting a set in use', [{ op: 'delete-set', name: HASH4.name }], 'busy'],
  ['deleting a counter in use', [{ op: 'delete-counter', name: 'hits/1' }], 'busy'],
  ['deleting an absent address', [deleteFrom(HASH4, '10.9.9.9')], 'not-found'],
  ['deleting an absent prefix', [deleteFrom(NETS4, '10.0.0.0/9')], 'not-found'],
  ['a prefix inside one that is there', [addTo(NETS4, '10.1.0.0/16')], 'exists'],
  ['a prefix around one that is there', [addTo(NETS4, '192.168.0.0/16')], 'exists'],
  ['two prefixes that overlap', [addTo(NETS4, '172.16.0.0/12', '172.16.0.1')], 'exists'],
  ['a set that is of another kind', [addTo({ ...NETS4, name: HASH4.name })], 'exists'],
  ['a base chain on another hook', [addBase('input', 'output', 0)], 'invalid'],
  ['a base chain at another priority', [addBase('input', 'input', 1)], 'invalid'],
  ['a hook for a plain chain', [addBase('leaf', 'input', 0)], 'invalid'],
  ['a jump to a base chain', [addJump('leaf', 'input')], 'invalid'],
  ['reject in postrouting', [addRule('postrouting', 'reject')], 'invalid'],
  [
    'a jump from postrouting to reject',
    [addRule('leaf', 'reject'), addJump('postrouting', 'leaf')],
    'invalid',
  ],
  ['a loop', [addJump('leaf', 'rules')], 'invalid'],
  ['16 chains below a base chain', staircase(16), 'invalid'],
  ['an address of the other family', [addTo(HASH4, 'fd00::1')], 'invalid'],
  ['an element that is a name', [addTo(HASH4, 'localhost')], 'invalid'],
  [
    'a chain name of 256 bytes',
    [{ op: 'add-chain', name: 'x'.repeat(256), base: null }],
    'invalid',
  ],
  [
    'a comment of 129 bytes',
    [{ op: 'add-rule', chain: 'leaf', rule: { ...acceptRule(), comment: 'x'.repeat(129) } }],
    'invalid',
  ],
  [
    'a log prefix of 128 bytes',
    [
      {
        op: 'add-rule',
        chain: 'leaf',
        rule: rule([], [{ kind: 'log', prefix: 'x'.repeat(128) }]),
      },
    ],
    'invalid',
  ],
  [
    'two families in one rule',
    [
      {
        op: 'add-rule',
        chain: 'leaf',
        rule: rule(
          [
            { kind: 'family', family: 4 },
            { kind: 'hoplimit', value: 1 },
          ],
          [],
        ),
      },
    ],
    'invalid',
  ],
];

/** What is accepted although it looks like one of the refusals. */
const ACCEPTED: readonly (readonly [string, Transaction])[] = [
  ['what is there already', TABLE_SAMPLE.filter(({ op }) => op !== 'add-rule')],
  ['15 chains below a base chain', staircase(15)],
  ['a loop that no hook reaches', [...chains('a', 'b'), addJump('a', 'b'), addJump('b', 'a')]],
  ['a base chain named as a plain one', [{ op: 'add-chain', name: 'input', base: null }]],
  ['names of 255 bytes', [...chains('x'.repeat(255)), addTo({ ...HASH4, name: 'y'.repeat(255) })]],
  ['the same element twice', [addTo(HASH4, '10.0.0.7', '10.0.0.7'), addTo(NETS4, '10.0.0.0/8')]],
  [
    'a narrower prefix in place of a wider',
    [deleteFrom(NETS4, '10.0.0.0/8'), addTo(NETS4, '10.0.0.0/9')],
  ],
  ['deleting nothing', [{ op: 'delete-elements', set: HASH4, elements: [] }]],
  ['a transaction of nothing', []],
  ['taking everything apart', TAKE_APART],
  ['maps under names', NAMED_MAPS],
  ['maps that come and go', [...NAMED_MAPS, ...NO_NAMED_MAPS]],
  [
    'a chain that was deleted before',
    [...chains('new'), { op: 'delete-chain', name: 'new' }, ...chains('new')],
  ],
  ['a new table in place of the old', [{ op: 'delete-table' }, TABLE, ...chains('only')]],
];

/** The promises of the port; every implementation passes them. */
export function describeContract(open: () => Promise<Subject>): void {
  let subject: Subject;
  let nftables: Nftables;

  before(async () => {
    subject = await open();
    nftables = subject.nftables;
  });
  beforeEach(async () => {
    await nftables.apply([...CLEAR, ...TABLE_SAMPLE]);
  });
  after(async () => {
    await nftables.apply(CLEAR);
    await nftables.close();
  });

  describe('apply', () => {
    it('counts operations and measures time', async () => {
      const applied = await nftables.apply([TABLE, { op: 'add-counter', name: 'one' }]);
      assert.equal(applied.operations, 2);
      assert.ok(applied.durationMs >= 0);
    });

    for (const [what, transaction] of ACCEPTED) {
      it(`accepts ${what}`, async () => {
        await nftables.check(transaction);
        const applied = await nftables.apply(transaction);
        assert.equal(applied.operations, transaction.length);
      });
    }

    for (const [what, transaction, kind] of REFUSALS) {
      it(`refuses ${what} and changes nothing`, async () => {
        const before = await nftables.read();
        const marked: Transaction = [{ op: 'add-counter', name: 'half-done' }, ...transaction];
        await assert.rejects(nftables.check(marked), isError(kind));
        await assert.rejects(nftables.apply(marked), isError(kind));
        assert.deepEqual(sorted(await nftables.read()), sorted(before));
      });
    }

    it('refuses everything but a table where there is none', async () => {
      await nftables.apply(CLEAR);
      await assert.rejects(nftables.apply([{ op: 'delete-table' }]), isError('not-found'));
      await assert.rejects(nftables.apply([addTo(HASH4, '10.0.0.1')]), isError('not-found'));
      assert.equal(await nftables.read(), null);
    });

    it('adds elements to what a set holds, and takes them away', async () => {
      const held = new Map(ELEMENTS.map(([set, elements]) => [set.name, elements.length]));
      await nftables.apply([addTo(HASH4, '10.0.0.9'), deleteFrom(NETS4, '192.168.0.1')]);
      assert.equal(await subject.elements(HASH4.name), Number(held.get(HASH4.name)) + 1);
      assert.equal(await subject.elements(NETS4.name), Number(held.get(NETS4.name)) - 1);
      await nftables.apply([{ op: 'flush-set', name: NETS4.name }, addTo(NETS4, '10.1.0.0/16')]);
      assert.equal(await subject.elements(NETS4.name), 1);
    });

    it('makes a set anew that a rule asks for, in one transaction', async () => {
      await nftables.apply([
        { op: 'flush-chain', name: 'rules' },
        { op: 'delete-set', name: HASH4.name },
        addTo(HASH4, '10.0.0.9'),
        matchSet(HASH4.name, 4),
      ]);
      assert.equal(await subject.elements(HASH4.name), 1);
      // What goes overlaps what comes.
      await nftables.apply([
        { op: 'delete-set', name: NETS4.name },
        addTo(NETS4, '10.1.0.0/16', '192.168.0.0/16'),
      ]);
      assert.equal(await subject.elements(NETS4.name), 2);
      await assert.rejects(
        nftables.apply([{ op: 'delete-set', name: HASH4.name }]),
        isError('busy'),
      );
    });

    it('reads elements that stand in no list', async () => {
      const list = ['10.0.1.1', '10.0.1.2'];
      const elements = { length: list.length, [Symbol.iterator]: () => list.values() };
      await nftables.apply([{ op: 'add-elements', set: HASH4, elements }]);
      assert.equal(await subject.elements(HASH4.name), 4);
    });

    it('carries calls out in the order of the calls', async () => {
      const [, counters] = await Promise.all([
        nftables.apply([{ op: 'add-counter', name: 'later' }]),
        nftables.counters(),
        nftables.apply([{ op: 'delete-counter', name: 'later' }]),
      ]);
      assert.ok(counters.some(({ name }) => name === 'later'));
      assert.ok(!(await nftables.counters()).some(({ name }) => name === 'later'));
    });
  });

  describe('check', () => {
    it('changes nothing', async () => {
      await nftables.check([{ op: 'delete-table' }]);
      assert.notEqual(await nftables.read(), null);
    });
  });

  describe('read', () => {
    it('finds every chain, set and counter', async () => {
      const found = await nftables.read();
      assert.deepEqual(sorted(found), sorted(inventoryOf(TABLE_SAMPLE)));
    });

    it('finds maps under names until they are deleted', async () => {
      await nftables.apply(NAMED_MAPS);
      const expected = inventoryOf([...TABLE_SAMPLE, ...NAMED_MAPS]);
      assert.ok(expected.maps.length > 5);
      assert.deepEqual(sorted(await nftables.read()), sorted(expected));
      await nftables.apply(NO_NAMED_MAPS);
      assert.deepEqual(sorted(await nftables.read()), sorted(inventoryOf(TABLE_SAMPLE)));
    });

    it('says null where there is no table', async () => {
      await nftables.apply(CLEAR);
      assert.equal(await nftables.read(), null);
      assert.deepEqual(await nftables.counters(), []);
      assert.equal(await nftables.list(), '');
    });
  });

  describe('list', () => {
    it('shows what the table holds', async () => {
      const text = await nftables.list();
      for (const part of ['rampart', 'raw-prerouting', 'hits/1', '10.0.0.1', 'calico-packet: '])
        assert.ok(text.includes(part), part);
    });
  });

  describe('watch', () => {
    it('tells of the changes of others and not of ours', async () => {
      const changes: ForeignChange[] = [];
      const heard = new Promise<void>((resolve) => {
        const stop = nftables.watch((change) => {
          changes.push(change);
          stop();
          resolve();
        });
      });
      await nftables.apply([{ op: 'add-counter', name: 'ours' }]);
      await assert.rejects(nftables.apply([{ op: 'delete-chain', name: 'none' }]));
      await nftables.read();
      subject.tamper([{ op: 'delete-table' }]);
      await heard;
      assert.deepEqual(
        changes.map(({ what }) => what.startsWith('table inet rampart deleted')),
        [true],
      );
    });
  });
}

function isError(kind: NftablesErrorKind): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof NftablesError, String(error));
    assert.equal(error.kind, kind, error.message);
    return true;
  };
}

function inventoryOf(transaction: Transaction): TableInventory {
  return {
    chains: transaction.flatMap((operation) =>
      operation.op === 'add-chain' ? [{ name: operation.name, base: operation.base }] : [],
    ),
    sets: transaction.flatMap((operation) =>
      operation.op === 'add-elements' ? [{ name: operation.set.name }] : [],
    ),
    maps: transaction.flatMap((operation) =>
      operation.op === 'add-map' ? [{ name: operation.name }] : [],
    ),
    counters: [{ name: 'hits/1', packets: 0, bytes: 0 }],
    foreign: [],
  };
}

function sorted(inventory: TableInventory | null): unknown {
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  return inventory === null
    ? null
    : Object.fromEntries(
        Object.entries(inventory).map(([part, list]) => [
          part,
          (list as { name: string }[]).toSorted(byName),
        ]),
      );
}

function chains(...names: readonly string[]): Transaction {
  return names.map((name) => ({ op: 'add-chain', name, base: null }));
}

function addBase(name: string, hook: 'input' | 'output', priority: number): Operation {
  return { op: 'add-chain', name, base: { hook, priority } };
}

function addTo(set: typeof HASH4, ...elements: readonly string[]): Operation {
  return { op: 'add-elements', set, elements };
}

function deleteFrom(set: typeof HASH4, ...elements: readonly string[]): Operation {
  return { op: 'delete-elements', set, elements };
}

function deleteForeign(kind: 'quota'): Operation {
  return { op: 'delete-foreign', kind, name: 'none' };
}

function acceptRule(): ReturnType<typeof rule> {
  return rule([], [{ kind: 'verdict', verdict: { kind: 'accept' } }]);
}

function addRule(chain: string, kind: 'accept' | 'reject'): Operation {
  return { op: 'add-rule', chain, rule: rule([], [{ kind: 'verdict', verdict: { kind } }]) };
}

function addJump(chain: string, to: string): Operation {
  const verdict = { kind: 'jump', chain: to } as const;
  return { op: 'add-rule', chain, rule: rule([], [{ kind: 'verdict', verdict }]) };
}

function matchSet(set: string, family: 4 | 6): Operation {
  const match = { kind: 'address-set', side: 'saddr', family, negated: false, set } as const;
  return { op: 'add-rule', chain: 'leaf', rule: rule([match], []) };
}

// A hook, and `depth` chains below it that call each other by jump and goto in turn.
function staircase(depth: number): Transaction {
  const names = Array.from({ length: depth }, (_, index) => `step/${index}`);
  const calls = ['input', ...names.slice(0, -1)].map((from, index): Operation => {
    const kind = index % 2 === 0 ? 'jump' : 'goto';
    const verdict = { kind, chain: `step/${index}` } as const;
    return { op: 'add-rule', chain: from, rule: rule([], [{ kind: 'verdict', verdict }]) };
  });
  return [...chains(...names), ...calls];
}

function portMap(to: string): MapVerdict {
  return { kind: 'branch', field: { kind: 'dport', mask: 0xffff }, chains: new Map([['22', to]]) };
}

function addMap(name: string, to: string): Operation {
  return { op: 'add-map', name, verdict: portMap(to) };
}

function lookUp(map: string, to: string): Operation {
  const tcp = { kind: 'l4proto', negated: false, protocols: [6] } as const;
  const lookup = rule([tcp], [{ kind: 'verdict', verdict: portMap(to) }]);
  return { op: 'add-rule', chain: 'leaf', rule: lookup, map };
}
