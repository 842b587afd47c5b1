import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  describeOperation,
  encodeOperation,
  encodeTransaction,
} from '../../src/nftables-json/encode-transaction.ts';
import { textDeletions } from '../../src/nftables-json/text-deletions.ts';
import { transactionText } from '../../src/nftables-json/transaction-text.ts';
import type { Match, SetDeclaration, Statement, Verdict } from '../../src/ruleset/ruleset.ts';
import type { ForeignKind, Operation } from '../../src/ruleset/transaction.ts';
import { refusal } from './refusal.ts';
import {
  ELEMENTS,
  HASH4,
  HASH6,
  MATCHES,
  NAMED_MAPS,
  NO_NAMED_MAPS,
  NETS4,
  NETS6,
  PORTS4,
  RULES,
  STATEMENTS,
  TABLE_SAMPLE,
  TAKE_APART,
  VERDICTS,
} from './samples.ts';

describe('encodeOperation', () => {
  const ours = { family: 'inet', table: 'rampart' };
  const cases: readonly (readonly [Operation, unknown])[] = [
    [{ op: 'add-table' }, { add: { table: { family: 'inet', name: 'rampart' } } }],
    [{ op: 'delete-table' }, { delete: { table: { family: 'inet', name: 'rampart' } } }],
    [{ op: 'add-counter', name: 'c' }, { add: { counter: { ...ours, name: 'c' } } }],
    [{ op: 'delete-counter', name: 'c' }, { delete: { counter: { ...ours, name: 'c' } } }],
    [{ op: 'flush-set', name: 's' }, { flush: { set: { ...ours, name: 's' } } }],
    [{ op: 'delete-set', name: 's' }, { delete: { set: { ...ours, name: 's' } } }],
    [{ op: 'flush-chain', name: 'c' }, { flush: { chain: { ...ours, name: 'c' } } }],
    [{ op: 'delete-chain', name: 'c' }, { delete: { chain: { ...ours, name: 'c' } } }],
    [{ op: 'add-chain', name: 'c', base: null }, { add: { chain: { ...ours, name: 'c' } } }],
    [
      { op: 'add-chain', name: 'c', base: { hook: 'input', priority: -300 } },
      {
        add: {
          chain: {
            ...ours,
            name: 'c',
            type: 'filter',
            hook: 'input',
            prio: -300,
            policy: 'accept',
          },
        },
      },
    ],
    [
      { op: 'add-elements', set: NETS4, elements: ['10.0.0.0/8', '1.2.3.4'] },
      {
        add: {
          set: {
            ...ours,
            name: 'nets/4',
            type: 'ipv4_addr',
            flags: ['interval'],
            elem: [{ prefix: { addr: '10.0.0.0', len: 8 } }, '1.2.3.4'],
          },
        },
      },
    ],
    [
      { op: 'add-elements', set: HASH6, elements: [] },
      { add: { set: { ...ours, name: 'hash/6', type: 'ipv6_addr' } } },
    ],
    [
      { op: 'delete-elements', set: PORTS4, elements: ['10.0.0.1 . 6 . 80'] },
      {
        delete: { element: { ...ours, name: 'ports/4', elem: [{ concat: ['10.0.0.1', 6, 80] }] } },
      },
    ],
    [{ op: 'delete-elements', set: PORTS4, elements: [] }, null],
    [
      { op: 'delete-foreign', kind: 'ct helper', name: 'h' },
      { delete: { 'ct helper': { ...ours, name: 'h' } } },
    ],
    [{ op: 'delete-foreign', kind: 'ct timeout', name: 't' }, null],
  ];
  for (const [operation, expected] of cases) {
    it(`writes ${describeOperation(operation)}`, () => {
      assert.deepEqual(encodeOperation(operation), expected);
    });
  }

  const refused: readonly (readonly [SetDeclaration, string])[] = [
    [HASH4, '10.0.0.0/8'],
    [HASH4, 'localhost'],
    [HASH4, 'fd00::1'],
    [HASH6, '10.0.0.1'],
    [NETS4, '10.0.0.0/8/8'],
    [NETS4, '10.0.0.0/-1'],
    [NETS4, '"},"'],
    [PORTS4, '10.0.0.1 . tcp . 80'],
    [PORTS4, '10.0.0.1 . 6 . 65536'],
    [PORTS4, '10.0.0.1'],
  ];
  for (const [set, element] of refused) {
    it(`refuses ${element} in ${set.name}, as text and as value`, () => {
      const operation: Operation = { op: 'add-elements', set, elements: [element] };
      assert.throws(() => encodeOperation(operation), refusal(/./));
      assert.throws(() => [...transactionText([operation])], refusal(/./));
    });
  }

  it('never adds an element on its own', () => {
    const added = encodeTransaction(TABLE_SAMPLE).flatMap((command) =>
      'add' in command ? Object.keys(command.add) : [],
    );
    assert.deepEqual([...new Set(added)].sort(), ['chain', 'counter', 'rule', 'set', 'table']);
  });
});

describe('textDeletions', () => {
  it('holds what JSON cannot delete', () => {
    const kinds: readonly ForeignKind[] = ['quota', 'ct timeout', 'ct expectation', 'synproxy'];
    const operations = kinds.map((kind) => ({ op: 'delete-foreign', kind, name: 'x-1' }) as const);
    assert.deepEqual(textDeletions(operations), [
      'delete ct timeout inet rampart x-1',
      'delete ct expectation inet rampart x-1',
      'delete synproxy inet rampart x-1',
    ]);
  });

  it('passes over names that could be commands', () => {
    const name = 'x; flush ruleset';
    assert.deepEqual(textDeletions([{ op: 'delete-foreign', kind: 'synproxy', name }]), []);
  });
});

describe('transactionText', () => {
  const element = fc.oneof(
    fc.tuple(fc.constantFrom(NETS4, HASH4), fc.ipV4()),
    fc.tuple(
      fc.constant(NETS4),
      fc.ipV4().map((address) => `${address}/${address.length}`),
    ),
    fc.tuple(fc.constant(NETS6), fc.ipV6()),
    fc.tuple(
      fc.constant(PORTS4),
      fc.ipV4().map((address) => `${address} . 6 . 80`),
    ),
  );
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc.constantFrom(...TABLE_SAMPLE, ...TAKE_APART, ...NAMED_MAPS, ...NO_NAMED_MAPS),
    element.map(([set, one]) => ({ op: 'add-elements', set, elements: [one] }) as const),
    element.map(([set, one]) => ({ op: 'delete-elements', set, elements: [one, one] }) as const),
    fc.constantFrom<Operation>(
      { op: 'add-elements', set: HASH4, elements: [] },
      { op: 'delete-elements', set: HASH4, elements: [] },
    ),
  );

  it('is the JSON of the encoded transaction', () => {
    fc.assert(
      fc.property(fc.array(operation), (transaction) => {
        assert.deepEqual(JSON.parse([...transactionText(transaction)].join('')), {
          nftables: encodeTransaction(transaction),
        });
      }),
    );
  });

  it('comes in small pieces, whatever the size of a set', () => {
    const elements = Array.from({ length: 10_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const pieces = [...transactionText([{ op: 'add-elements', set: HASH4, elements }])];
    assert.ok(pieces.every((piece) => piece.length < 32 * 1024));
    assert.equal(pieces.join('').split('10.0.').length - 1, elements.length);
  });
});

describe('the samples that the real nft is fed with', () => {
  it('hold every kind of match', () => {
    const kinds: Record<Match['kind'], true> = {
      iifname: true,
      oifname: true,
      family: true,
      l4proto: true,
      address: true,
      'address-set': true,
      port: true,
      'named-port': true,
      icmp: true,
      hoplimit: true,
      'ct-state': true,
      'ct-status-dnat': true,
      mark: true,
      limit: true,
    };
    assertKinds(MATCHES, kinds);
  });

  it('hold every kind of statement and verdict', () => {
    const statements: Record<Statement['kind'], true> = {
      counter: true,
      log: true,
      nflog: true,
      mark: true,
      notrack: true,
      verdict: true,
    };
    const verdicts: Record<Verdict['kind'], true> = {
      accept: true,
      drop: true,
      return: true,
      reject: true,
      jump: true,
      goto: true,
      dispatch: true,
      branch: true,
    };
    assertKinds(STATEMENTS, statements);
    assertKinds(VERDICTS, verdicts);
    assert.equal(RULES.length, MATCHES.length + STATEMENTS.length + 1);
  });

  it('hold every kind of step but the removal of foreign objects', () => {
    const steps: Record<Exclude<Operation['op'], 'delete-foreign' | 'delete-table'>, true> = {
      'add-table': true,
      'add-counter': true,
      'delete-counter': true,
      'add-elements': true,
      'delete-elements': true,
      'flush-set': true,
      'delete-set': true,
      'add-chain': true,
      'flush-chain': true,
      'delete-chain': true,
      'add-map': true,
      'delete-map': true,
      'add-rule': true,
    };
    const found = [...TABLE_SAMPLE, ...TAKE_APART, ...NAMED_MAPS, ...NO_NAMED_MAPS].map(
      ({ op }) => ({ kind: op }),
    );
    assertKinds(found, steps);
    const kinds = ELEMENTS.map(([{ kind, family }]) => `${kind}${family}`);
    assert.equal(new Set(kinds).size, 6);
  });
});

function assertKinds(
  values: readonly { readonly kind: string }[],
  kinds: Readonly<Record<string, true>>,
): void {
  assert.deepEqual([...new Set(values.map(({ kind }) => kind))].sort(), Object.keys(kinds).sort());
}
