import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { existsIn, ruleConditions } from '../../src/compile/rule-conditions.ts';
import { SetNames } from '../../src/compile/set-names.ts';
import type { Match } from '../../src/ruleset/ruleset.ts';
import type { Rule } from '../../src/resource/rule.ts';
import { entity, rule, selector } from '../support/resources.ts';

const NO_SETS = new SetNames(new Map());

/** One line per nftables rule, in a short notation. */
function conditions(fields: Partial<Rule>, disjoint = false): readonly string[] {
  return ruleConditions(rule('Allow', fields), NO_SETS, disjoint).map((matches) =>
    matches.map(notation).join(' '),
  );
}

function notation(match: Match): string {
  const not = 'negated' in match && match.negated ? '!' : '';
  switch (match.kind) {
    case 'family':
      return `ipv${match.family}`;
    case 'l4proto':
      return `${not}proto(${match.protocols.join()})`;
    case 'address':
      return `${not}${match.side}${match.family}(${match.nets.join()})`;
    case 'address-set':
      return `${not}${match.side}${match.family}@`;
    case 'named-port':
      return `${not}named-${match.side}${match.family}@`;
    case 'port':
      return `${not}${match.side}(${match.ports.map(({ from, to }) => `${from}-${to}`).join()})`;
    case 'icmp':
      return `${not}icmp${match.family}-${match.field}(${match.values.join()})`;
    case 'iifname':
    case 'oifname':
    case 'hoplimit':
    case 'ct-state':
    case 'ct-status-dnat':
    case 'mark':
    case 'limit':
      return match.kind;
  }
}

const HTTP = { numeric: [{ from: 80, to: 80 }], named: [] };

describe('ruleConditions', () => {
  const cases: readonly (readonly [string, Partial<Rule>, readonly string[]])[] = [
    ['nothing matches both families at once', {}, ['']],
    ['a protocol needs no family', { protocol: 6 }, ['proto(6)']],
    ['a negated protocol', { notProtocol: 17 }, ['!proto(17)']],
    ['ports', { protocol: 6, destination: entity({ ports: HTTP }) }, ['proto(6) dport(80-80)']],
    ['an IP version alone', { ipVersion: 6 }, ['ipv6']],
    [
      'IPv4 nets exist in IPv4 only',
      { source: entity({ nets: ['10.0.0.0/8'] }) },
      ['saddr4(10.0.0.0/8)'],
    ],
    [
      'negated IPv4 nets do not exist in IPv6 either',
      { source: entity({ notNets: ['10.0.0.0/8'] }) },
      ['!saddr4(10.0.0.0/8)'],
    ],
    [
      'mixed nets are split by family',
      { destination: entity({ nets: ['10.0.0.0/8', '2001:db8::/32'] }) },
      ['daddr4(10.0.0.0/8)', 'daddr6(2001:db8::/32)'],
    ],
    [
      'one side in IPv4 and the other in IPv6 never match',
      {
        source: entity({ nets: ['10.0.0.0/8'] }),
        destination: entity({ nets: ['2001:db8::/32'] }),
      },
      [],
    ],
    ['not everything of a family is nothing', { source: entity({ notNets: ['0.0.0.0/0'] }) }, []],
    [
      'selectors in both families',
      { source: entity({ selector: selector('has(a)') }) },
      ['saddr4@', 'saddr6@'],
    ],
    [
      'notSelector alone',
      { source: entity({ notSelector: selector('has(a)') }) },
      ['!saddr4@', '!saddr6@'],
    ],
    [
      'numeric and named ports are alternatives',
      {
        protocol: 6,
        ipVersion: 4,
        destination: entity({ ports: { ...HTTP, named: ['web', 'db'] } }),
      },
      ['ipv4 proto(6) dport(80-80)', 'proto(6) named-destination4@'],
    ],
    [
      'negated ports hold together',
      { protocol: 6, ipVersion: 4, source: entity({ notPorts: { ...HTTP, named: ['web'] } }) },
      ['proto(6) !sport(80-80) !named-source4@'],
    ],
    [
      'an ICMP type',
      { protocol: 1, ipVersion: 4, icmp: { type: 8, code: null } },
      ['proto(1) icmp4-type(8)'],
    ],
    [
      'an ICMP type and code',
      { protocol: 58, ipVersion: 6, icmp: { type: 1, code: 4 } },
      ['proto(58) icmp6-type(1) icmp6-code(4)'],
    ],
    [
      'not an ICMP type, of ICMP',
      { protocol: 1, ipVersion: 4, notICMP: { type: 8, code: null } },
      ['proto(1) !icmp4-type(8)'],
    ],
    [
      'not an ICMP type and code is not the type or not the code',
      { protocol: 1, ipVersion: 4, notICMP: { type: 3, code: 1 } },
      ['proto(1) !icmp4-type(3)', 'proto(1) icmp4-type(3) !icmp4-code(1)'],
    ],
    [
      'not an ICMP type holds for other protocols',
      { ipVersion: 4, notICMP: { type: 8, code: null } },
      ['ipv4 !proto(1)', '!icmp4-type(8)'],
    ],
    [
      'not an ICMP type says nothing about TCP',
      { protocol: 6, ipVersion: 4, notICMP: { type: 8, code: null } },
      ['ipv4 proto(6) !proto(1)'],
    ],
    [
      'ICMP fields of another protocol never match',
      { protocol: 6, ipVersion: 4, icmp: { type: 8, code: null } },
      [],
    ],
    [
      'ICMP of the other family does not exist',
      { protocol: 1, icmp: { type: 8, code: null } },
      ['proto(1) icmp4-type(8)'],
    ],
    ['what cannot be honoured never matches', { neverMatches: 'http' }, []],
  ];
  it('looks a list of names up once, however long it is', () => {
    const named = Array.from({ length: 60 }, (_, i) => `name-${i}`);
    const side = entity({ ports: { numeric: [], named }, notPorts: { numeric: [], named } });
    assert.deepEqual(conditions({ protocol: 6, ipVersion: 4, source: side, destination: side }), [
      'proto(6) !named-source4@ !named-destination4@ named-source4@ named-destination4@',
    ]);
  });

  for (const [title, fields, expected] of cases) {
    it(title, () => {
      assert.deepEqual(conditions(fields), expected);
    });
  }

  it('lets no packet meet two alternatives when they have to be disjoint', () => {
    const ports = { ...HTTP, named: ['web', 'db'] };
    assert.deepEqual(
      conditions({ protocol: 6, ipVersion: 4, destination: entity({ ports }) }, true),
      ['ipv4 proto(6) dport(80-80)', 'proto(6) named-destination4@ !dport(80-80)'],
    );
  });
});

describe('existsIn', () => {
  it('looks at all four lists of nets', () => {
    const nets = ['10.0.0.0/8'];
    for (const side of ['source', 'destination'] as const) {
      for (const field of ['nets', 'notNets'] as const) {
        const one = rule('Allow', { [side]: entity({ [field]: nets }) });
        assert.equal(existsIn(one, 4), true);
        assert.equal(existsIn(one, 6), false);
      }
    }
  });
});
