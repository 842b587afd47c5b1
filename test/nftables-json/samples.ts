import type {
  BranchField,
  Match,
  Rule,
  SetDeclaration,
  Statement,
  Verdict,
} from '../../src/ruleset/ruleset.ts';
import type { Operation, Transaction } from '../../src/ruleset/transaction.ts';

export const HASH4: SetDeclaration = { name: 'hash/4', family: 4, kind: 'hash' };
export const HASH6: SetDeclaration = { name: 'hash/6', family: 6, kind: 'hash' };
export const NETS4: SetDeclaration = { name: 'nets/4', family: 4, kind: 'interval' };
export const NETS6: SetDeclaration = { name: 'nets/6', family: 6, kind: 'interval' };
export const PORTS4: SetDeclaration = { name: 'ports/4', family: 4, kind: 'named-port' };
export const PORTS6: SetDeclaration = { name: 'ports/6', family: 6, kind: 'named-port' };

/** Elements that fit each of the sets above. */
export const ELEMENTS: readonly (readonly [SetDeclaration, readonly string[]])[] = [
  [HASH4, ['10.0.0.1', '10.0.0.2']],
  [HASH6, ['fd00::1', '::ffff:10.0.0.1']],
  [NETS4, ['10.0.0.0/8', '192.168.0.1', '0.0.0.0/8']],
  [NETS6, ['fd00::/8', '2001:db8::1', '2001:db8:1::/48']],
  [PORTS4, ['10.0.0.1 . 6 . 80', '10.0.0.1 . 132 . 65535']],
  [PORTS6, ['fd00::1 . 17 . 53']],
];

/** Every kind of match, written in every way that is encoded differently. */
export const MATCHES: readonly Match[] = [
  { kind: 'iifname', names: ['eth0'] },
  { kind: 'iifname', names: ['eth0', 'wild*', '*'] },
  { kind: 'oifname', names: ['fifteen-letters'] },
  { kind: 'family', family: 4 },
  { kind: 'family', family: 6 },
  { kind: 'l4proto', negated: false, protocols: [6] },
  { kind: 'l4proto', negated: true, protocols: [6, 17, 132, 255] },
  { kind: 'address', side: 'saddr', family: 4, negated: false, nets: ['10.0.0.0/8'] },
  { kind: 'address', side: 'daddr', family: 4, negated: true, nets: ['10.0.0.0/8', '1.2.3.4'] },
  { kind: 'address', side: 'saddr', family: 6, negated: false, nets: ['fd00::1'] },
  { kind: 'address', side: 'daddr', family: 6, negated: true, nets: ['fd00::/8', '::/128'] },
  { kind: 'address', side: 'saddr', family: 4, negated: false, nets: ['0.0.0.0/0'] },
  { kind: 'address', side: 'saddr', family: 6, negated: true, nets: ['::/0'] },
  { kind: 'address-set', side: 'saddr', family: 4, negated: false, set: HASH4.name },
  { kind: 'address-set', side: 'daddr', family: 4, negated: true, set: NETS4.name },
  { kind: 'address-set', side: 'saddr', family: 6, negated: true, set: HASH6.name },
  { kind: 'address-set', side: 'daddr', family: 6, negated: false, set: NETS6.name },
  { kind: 'port', side: 'sport', negated: false, ports: [{ from: 22, to: 22 }] },
  { kind: 'port', side: 'dport', negated: false, ports: [{ from: 0, to: 65535 }] },
  {
    kind: 'port',
    side: 'dport',
    negated: true,
    ports: [
      { from: 22, to: 22 },
      { from: 80, to: 90 },
    ],
  },
  { kind: 'named-port', side: 'source', family: 4, negated: false, set: PORTS4.name },
  { kind: 'named-port', side: 'destination', family: 6, negated: true, set: PORTS6.name },
  { kind: 'icmp', family: 4, field: 'type', negated: false, values: [8] },
  { kind: 'icmp', family: 4, field: 'code', negated: true, values: [0, 255] },
  { kind: 'icmp', family: 6, field: 'type', negated: false, values: [133, 134, 135, 136] },
  { kind: 'icmp', family: 6, field: 'code', negated: true, values: [0] },
  { kind: 'hoplimit', value: 255 },
  { kind: 'ct-state', states: ['established', 'related'] },
  { kind: 'ct-state', states: ['new'] },
  { kind: 'ct-state', states: ['invalid', 'untracked'] },
  { kind: 'ct-status-dnat' },
  { kind: 'mark', mask: 0x10000, value: 0x10000 },
  { kind: 'mark', mask: 0xffffffff, value: 0 },
  { kind: 'limit', rate: 5, per: 'second', burst: 5 },
  { kind: 'limit', rate: 9999, per: 'minute', burst: 0 },
  { kind: 'limit', rate: 1, per: 'hour', burst: 9999 },
  { kind: 'limit', rate: 1, per: 'day', burst: 1 },
];

/** Every verdict; the chains they name are in `TABLE_SAMPLE`. */
export const VERDICTS: readonly Verdict[] = [
  { kind: 'accept' },
  { kind: 'drop' },
  { kind: 'return' },
  { kind: 'reject' },
  { kind: 'jump', chain: 'leaf' },
  { kind: 'goto', chain: 'leaf' },
  { kind: 'dispatch', key: 'iifname', chains: new Map([['eth0', 'leaf']]) },
  {
    kind: 'dispatch',
    key: 'oifname',
    chains: new Map([
      ['eth0', 'leaf'],
      ['wild*', 'leaf'],
      ['*', 'leaf'],
    ]),
  },
  branch({ kind: 'dport', mask: 0xffff }, '22', '8000'),
  branch({ kind: 'dport', mask: 0xffc0 }, '0', '8000'),
  branch({ kind: 'saddr', family: 4, prefix: 32 }, '192.0.2.1'),
  branch({ kind: 'daddr', family: 4, prefix: 20 }, '192.0.0.0', '10.1.16.0'),
  branch({ kind: 'saddr', family: 6, prefix: 128 }, 'fd00::1'),
  branch({ kind: 'daddr', family: 6, prefix: 50 }, 'fd00::', '2001:db8:1:4000::'),
];

function branch(field: BranchField, ...keys: readonly string[]): Verdict {
  return { kind: 'branch', field, chains: new Map(keys.map((key) => [key, 'leaf'])) };
}

/** Every statement, with every verdict. */
export const STATEMENTS: readonly Statement[] = [
  { kind: 'counter', name: 'hits/1' },
  { kind: 'log', prefix: 'calico-packet: ' },
  { kind: 'log', prefix: 'x'.repeat(127) },
  { kind: 'nflog', prefix: 'p', group: 0 },
  { kind: 'nflog', prefix: 'x'.repeat(127), group: 65_535 },
  { kind: 'mark', keep: 0xffffffff, set: 0x10000 },
  { kind: 'mark', keep: 0xfffcffff, set: 0 },
  { kind: 'mark', keep: 0xfffcffff, set: 0x20000 },
  { kind: 'mark', keep: 0, set: 0xffffffff },
  { kind: 'mark', keep: 0xffffffff, set: 0 },
  { kind: 'notrack' },
  ...VERDICTS.map((verdict) => ({ kind: 'verdict', verdict }) as const),
];

/** One rule for every match and every statement. */
export const RULES: readonly Rule[] = [
  ...MATCHES.map((match) => rule([match], [{ kind: 'counter', name: 'hits/1' }])),
  ...STATEMENTS.map((statement) => rule([], [statement])),
  { ...rule([{ kind: 'l4proto', negated: false, protocols: [6] }], []), comment: 'é'.repeat(64) },
];

/** Builds a table that holds every kind of object, and every rule above in a chain reached from prerouting. */
export const TABLE_SAMPLE: Transaction = [
  { op: 'add-table' },
  { op: 'add-counter', name: 'hits/1' },
  ...ELEMENTS.map(([set, elements]) => ({ op: 'add-elements', set, elements }) as const),
  { op: 'add-chain', name: 'leaf', base: null },
  { op: 'add-chain', name: 'rules', base: null },
  { op: 'add-chain', name: 'raw-prerouting', base: { hook: 'prerouting', priority: -300 } },
  { op: 'add-chain', name: 'input', base: { hook: 'input', priority: 0 } },
  { op: 'add-chain', name: 'forward', base: { hook: 'forward', priority: 0 } },
  { op: 'add-chain', name: 'output', base: { hook: 'output', priority: 0 } },
  { op: 'add-chain', name: 'postrouting', base: { hook: 'postrouting', priority: -150 } },
  ...RULES.map((one): Operation => ({ op: 'add-rule', chain: 'rules', rule: one })),
  {
    op: 'add-rule',
    chain: 'raw-prerouting',
    rule: rule([], [{ kind: 'verdict', verdict: { kind: 'jump', chain: 'rules' } }]),
  },
];

/** Takes such a table apart again with every kind of step. */
export const TAKE_APART: Transaction = [
  { op: 'flush-chain', name: 'raw-prerouting' },
  { op: 'flush-chain', name: 'rules' },
  { op: 'delete-chain', name: 'rules' },
  { op: 'delete-chain', name: 'raw-prerouting' },
  { op: 'delete-elements', set: HASH4, elements: ['10.0.0.1'] },
  { op: 'delete-elements', set: NETS4, elements: ['10.0.0.0/8', '192.168.0.1'] },
  { op: 'delete-elements', set: PORTS4, elements: ['10.0.0.1 . 6 . 80'] },
  { op: 'flush-set', name: NETS6.name },
  { op: 'delete-set', name: HASH6.name },
  { op: 'delete-counter', name: 'hits/1' },
];

const LOOKUPS = VERDICTS.flatMap((verdict, i) =>
  'chains' in verdict ? [{ name: `m-${i}`, verdict }] : [],
);

/** Adds maps under names to the table, one for every verdict that is looked up, and rules that look there. */
export const NAMED_MAPS: Transaction = [
  { op: 'add-chain', name: 'lookups', base: null },
  ...LOOKUPS.map((map): Operation => ({ op: 'add-map', ...map })),
  ...LOOKUPS.map(({ name, verdict }): Operation => ({
    ...{ op: 'add-rule', chain: 'lookups', map: name },
    rule: rule([], [{ kind: 'verdict', verdict }]),
  })),
];

/** Takes them away again. */
export const NO_NAMED_MAPS: Transaction = [
  { op: 'flush-chain', name: 'lookups' },
  ...LOOKUPS.map(({ name }): Operation => ({ op: 'delete-map', name })),
  { op: 'delete-chain', name: 'lookups' },
];

/** A rule with a comment. */
export function rule(matches: readonly Match[], statements: readonly Statement[]): Rule {
  return { comment: 'sample', matches, statements };
}
