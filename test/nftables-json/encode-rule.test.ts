import assert from 'node:assert/strict';
import { encodeMatch } from '../../src/nftables-json/encode-match.ts';
import { encodeRule } from '../../src/nftables-json/encode-rule.ts';
import type { Match, Rule, Statement } from '../../src/ruleset/ruleset.ts';
import { refusal } from './refusal.ts';
import { rule } from './samples.ts';

const MARK = { meta: { key: 'mark' } };

describe('encodeMatch', () => {
  const cases: readonly (readonly [Match, string, unknown, unknown])[] = [
    [{ kind: 'iifname', names: ['eth0'] }, '==', { meta: { key: 'iifname' } }, 'eth0'],
    [
      { kind: 'oifname', names: ['a*b', 'eth*', '*'] },
      '==',
      { meta: { key: 'oifname' } },
      { set: ['a*b', 'eth\\*', '\\*'] },
    ],
    [{ kind: 'family', family: 6 }, '==', { meta: { key: 'nfproto' } }, 'ipv6'],
    [
      { kind: 'l4proto', negated: true, protocols: [6, 17] },
      '!=',
      { meta: { key: 'l4proto' } },
      { set: [6, 17] },
    ],
    [
      {
        kind: 'address',
        side: 'saddr',
        family: 4,
        negated: false,
        nets: ['10.0.0.0/8', '1.2.3.4'],
      },
      '==',
      { payload: { protocol: 'ip', field: 'saddr' } },
      { set: [{ prefix: { addr: '10.0.0.0', len: 8 } }, '1.2.3.4'] },
    ],
    [
      { kind: 'address-set', side: 'daddr', family: 6, negated: true, set: 's/1' },
      '!=',
      { payload: { protocol: 'ip6', field: 'daddr' } },
      '@s/1',
    ],
    [
      {
        kind: 'port',
        side: 'dport',
        negated: false,
        ports: [
          { from: 22, to: 22 },
          { from: 80, to: 90 },
        ],
      },
      '==',
      { payload: { protocol: 'th', field: 'dport' } },
      { set: [22, { range: [80, 90] }] },
    ],
    [
      { kind: 'named-port', side: 'source', family: 4, negated: false, set: 'p' },
      '==',
      {
        concat: [
          { payload: { protocol: 'ip', field: 'saddr' } },
          { meta: { key: 'l4proto' } },
          { payload: { protocol: 'th', field: 'sport' } },
        ],
      },
      '@p',
    ],
    [
      { kind: 'icmp', family: 6, field: 'type', negated: true, values: [128] },
      '!=',
      { payload: { protocol: 'icmpv6', field: 'type' } },
      128,
    ],
    [
      { kind: 'hoplimit', value: 255 },
      '==',
      { payload: { protocol: 'ip6', field: 'hoplimit' } },
      255,
    ],
    [{ kind: 'ct-state', states: ['new'] }, 'in', { ct: { key: 'state' } }, ['new']],
    [{ kind: 'ct-status-dnat' }, 'in', { ct: { key: 'status' } }, ['dnat']],
    [{ kind: 'mark', mask: 0x10000, value: 0 }, '==', { '&': [MARK, 0x10000] }, 0],
  ];
  for (const [match, op, left, right] of cases) {
    it(`writes ${JSON.stringify(match)}`, () => {
      assert.deepEqual(encodeMatch(match), { match: { op, left, right } });
    });
  }

  it('writes a limit', () => {
    assert.deepEqual(encodeMatch({ kind: 'limit', rate: 5, per: 'minute', burst: 7 }), {
      limit: { rate: 5, per: 'minute', burst: 7 },
    });
  });

  const refused: readonly (readonly [Match, RegExp])[] = [
    [{ kind: 'iifname', names: [] }, /lists no value/],
    [{ kind: 'iifname', names: [''] }, /is empty/],
    [{ kind: 'iifname', names: ['sixteen-letters!'] }, /16 bytes/],
    [{ kind: 'iifname', names: ['fourteen-long-*'] }, /cannot escape/],
    [{ kind: 'iifname', names: ['@set'] }, /leading @/],
    [{ kind: 'l4proto', negated: false, protocols: [256] }, /protocol 256/],
    [{ kind: 'l4proto', negated: false, protocols: [1.5] }, /whole number/],
    [{ kind: 'address', side: 'saddr', family: 4, negated: false, nets: ['10.0.0.0/33'] }, /33/],
    [{ kind: 'address', side: 'saddr', family: 4, negated: false, nets: ['10.0.0.0/x'] }, /prefix/],
    [{ kind: 'address', side: 'saddr', family: 6, negated: false, nets: ['10.0.0.1'] }, /IPv6/],
    [{ kind: 'address', side: 'saddr', family: 6, negated: false, nets: ['fe80::1%lo'] }, /IPv6/],
    [{ kind: 'address-set', side: 'saddr', family: 4, negated: false, set: '' }, /needs a name/],
    [{ kind: 'port', side: 'dport', negated: false, ports: [{ from: 9, to: 8 }] }, /from 9 to/],
    [{ kind: 'port', side: 'dport', negated: false, ports: [{ from: -1, to: 8 }] }, /port -1/],
    [{ kind: 'ct-state', states: [] }, /lists no value/],
    [{ kind: 'mark', mask: 2 ** 32, value: 0 }, /mark mask/],
    [{ kind: 'limit', rate: 0, per: 'day', burst: 0 }, /rate of the limit 0/],
  ];
  for (const [match, message] of refused) {
    it(`refuses ${JSON.stringify(match)}`, () => {
      assert.throws(() => encodeMatch(match), refusal(message));
    });
  }
});

describe('encodeRule', () => {
  const accept = { kind: 'accept' } as const;
  const cases: readonly (readonly [Statement, unknown])[] = [
    [{ kind: 'counter', name: 'c/1' }, { counter: 'c/1' }],
    [{ kind: 'log', prefix: 'p: ' }, { log: { prefix: 'p: ', level: 'info' } }],
    [{ kind: 'notrack' }, { notrack: null }],
    [{ kind: 'mark', keep: 0xffffffff, set: 1 }, mangle({ '|': [MARK, 1] })],
    [{ kind: 'mark', keep: 0xfffffffe, set: 0 }, mangle({ '&': [MARK, 0xfffffffe] })],
    [{ kind: 'mark', keep: 0xff, set: 0x100 }, mangle({ '|': [{ '&': [MARK, 0xff] }, 0x100] })],
    [{ kind: 'mark', keep: 0, set: 7 }, mangle(7)],
    [{ kind: 'verdict', verdict: accept }, { accept: null }],
    [{ kind: 'verdict', verdict: { kind: 'drop' } }, { drop: null }],
    [{ kind: 'verdict', verdict: { kind: 'return' } }, { return: null }],
    [
      { kind: 'verdict', verdict: { kind: 'reject' } },
      { reject: { type: 'icmpx', expr: 'port-unreachable' } },
    ],
    [{ kind: 'verdict', verdict: { kind: 'jump', chain: 'x' } }, { jump: { target: 'x' } }],
    [{ kind: 'verdict', verdict: { kind: 'goto', chain: 'x' } }, { goto: { target: 'x' } }],
    [
      {
        kind: 'verdict',
        verdict: { kind: 'dispatch', key: 'oifname', chains: new Map([['eth*', 'x']]) },
      },
      {
        vmap: {
          key: { meta: { key: 'oifname' } },
          data: { set: [['eth\\*', { goto: { target: 'x' } }]] },
        },
      },
    ],
  ];
  for (const [statement, expected] of cases) {
    it(`writes ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(encodeRule('c', rule([], [statement])).expr, [expected]);
    });
  }

  it('keeps the order: matches, then statements', () => {
    const matches: Match[] = [{ kind: 'hoplimit', value: 1 }, { kind: 'ct-status-dnat' }];
    const statements: Statement[] = [{ kind: 'notrack' }, { kind: 'verdict', verdict: accept }];
    const { expr } = encodeRule('c', rule(matches, statements));
    assert.deepEqual(expr.flatMap(Object.keys), ['match', 'match', 'notrack', 'accept']);
  });

  it('leaves an empty comment out', () => {
    const bare = { ...rule([], [{ kind: 'notrack' }]), comment: '' };
    assert.equal('comment' in encodeRule('c', bare), false);
  });

  const refused: readonly (readonly [string, Rule, RegExp])[] = [
    ['129 bytes of comment', { ...accepting(), comment: `x${'é'.repeat(64)}` }, /129 bytes/],
    ['128 bytes of prefix', rule([], [{ kind: 'log', prefix: 'é'.repeat(64) }]), /128 bytes/],
    ['a zero byte', { ...accepting(), comment: 'a\0b' }, /zero byte/],
    ['nothing at all', rule([], []), /is empty/],
    ['a negative mark', rule([], [{ kind: 'mark', keep: 0, set: -1 }]), /mark to set/],
    [
      'a dispatch to nowhere',
      rule(
        [],
        [{ kind: 'verdict', verdict: { kind: 'dispatch', key: 'iifname', chains: new Map() } }],
      ),
      /no entry/,
    ],
  ];
  for (const [what, bad, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => encodeRule('c', bad), refusal(message));
    });
  }

  function accepting(): Rule {
    return rule([], [{ kind: 'verdict', verdict: accept }]);
  }
});

function mangle(value: unknown): unknown {
  return { mangle: { key: MARK, value } };
}
