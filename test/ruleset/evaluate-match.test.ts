import assert from 'node:assert/strict';
import type { Packet } from '../../src/net/packet.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import { viewAt } from '../../src/ruleset/evaluate-hooks.ts';
import { evaluateMatch } from '../../src/ruleset/evaluate-match.ts';
import type { MatchOutcome } from '../../src/ruleset/evaluate-match.ts';
import type { Match, NamedSet, SetKind } from '../../src/ruleset/ruleset.ts';
import { sampleForward, sampleIPv6, samplePacket } from '../support/sample-packet.ts';

function set(
  name: string,
  kind: SetKind,
  elements: readonly string[],
  family: 4 | 6 = 4,
): NamedSet {
  return { name, family, kind, elements: fixedElements(elements) };
}

const SETS = new Map(
  [
    set('hash', 'hash', ['10.0.1.9', '10.0.1.2']),
    set('nets', 'interval', ['10.0.0.0/16', '192.0.2.7']),
    set('all', 'interval', ['0.0.0.0/0']),
    set('nets6', 'interval', ['fd00:1::/64'], 6),
    set('ports', 'named-port', ['10.0.1.1 . 6 . 8055', '10.0.1.9 . 17 . 53']),
  ].map((one) => [one.name, one]),
);

function outcome(match: Match, packet: Packet): MatchOutcome {
  const state = { mark: packet.mark, conntrack: packet.conntrack, isTranslated: false };
  return evaluateMatch(match, viewAt('forward', state, packet), SETS);
}

const ICMP: Partial<Packet> = {
  protocol: 1,
  sourcePort: null,
  destinationPort: null,
  icmpType: 8,
  icmpCode: 0,
};
const MARKED = samplePacket({ mark: 0x80010000 });
const source = { side: 'saddr', family: 4, negated: false } as const;
const notSource = { ...source, negated: true } as const;
const dport = { kind: 'port', side: 'dport', negated: false } as const;
const namedPort = { kind: 'named-port', side: 'destination', family: 4, set: 'ports' } as const;
const icmpType = { kind: 'icmp', family: 4, field: 'type', values: [8] } as const;

describe('evaluateMatch', () => {
  const cases: readonly (readonly [string, Match, Packet, boolean])[] = [
    ['iifname', { kind: 'iifname', names: ['eth1', 'eth0'] }, sampleForward(), true],
    ['oifname', { kind: 'oifname', names: ['eth0'] }, sampleForward(), false],
    ['family', { kind: 'family', family: 6 }, sampleIPv6(), true],
    ['family, other', { kind: 'family', family: 6 }, samplePacket(), false],
    ['l4proto', { kind: 'l4proto', negated: false, protocols: [17, 6] }, samplePacket(), true],
    ['l4proto negated', { kind: 'l4proto', negated: true, protocols: [6] }, samplePacket(), false],
    [
      'address in a CIDR',
      { kind: 'address', ...source, nets: ['10.0.0.0/8'] },
      samplePacket(),
      true,
    ],
    ['address itself', { kind: 'address', ...source, nets: ['10.0.1.9'] }, samplePacket(), true],
    [
      'address in none',
      { kind: 'address', ...source, nets: ['10.0.1.8', '10.0.2.0/24'] },
      samplePacket(),
      false,
    ],
    ['not address', { kind: 'address', ...notSource, nets: ['10.0.2.0/24'] }, samplePacket(), true],
    [
      'not address, other family',
      { kind: 'address', ...notSource, nets: ['10.0.2.0/24'] },
      sampleIPv6(),
      false,
    ],
    ['hash set', { kind: 'address-set', ...source, set: 'hash' }, samplePacket(), true],
    ['not in hash set', { kind: 'address-set', ...notSource, set: 'hash' }, samplePacket(), false],
    ['interval set', { kind: 'address-set', ...source, set: 'nets' }, samplePacket(), true],
    [
      'single address of an interval set',
      { kind: 'address-set', ...source, set: 'nets' },
      samplePacket({ source: '192.0.2.7' }),
      true,
    ],
    [
      'outside an interval set',
      { kind: 'address-set', ...source, set: 'nets' },
      samplePacket({ source: '192.0.2.8' }),
      false,
    ],
    ['the set of everything', { kind: 'address-set', ...source, set: 'all' }, samplePacket(), true],
    [
      'IPv6 interval set',
      { kind: 'address-set', ...source, family: 6, set: 'nets6' },
      sampleIPv6(),
      true,
    ],
    [
      'not in an IPv6 set, IPv4 packet',
      { kind: 'address-set', ...notSource, family: 6, set: 'nets6' },
      samplePacket(),
      false,
    ],
    ['port in a range', { ...dport, ports: [{ from: 8000, to: 8055 }] }, samplePacket(), true],
    ['port outside', { ...dport, ports: [{ from: 8056, to: 9000 }] }, samplePacket(), false],
    [
      'not port',
      { ...dport, negated: true, ports: [{ from: 8055, to: 8055 }] },
      samplePacket(),
      false,
    ],
    [
      'source port',
      { ...dport, side: 'sport', ports: [{ from: 40000, to: 40000 }] },
      samplePacket(),
      true,
    ],
    ['named port', { ...namedPort, negated: false }, samplePacket(), true],
    [
      'named port, protocol',
      { ...namedPort, negated: false },
      samplePacket({ protocol: 17 }),
      false,
    ],
    [
      'named port of the source',
      { ...namedPort, side: 'source', negated: false },
      samplePacket(),
      false,
    ],
    ['not named port', { ...namedPort, negated: true }, samplePacket(), false],
    ['not named port, without ports', { ...namedPort, negated: true }, samplePacket(ICMP), true],
    ['not named port, other family', { ...namedPort, negated: true }, sampleIPv6(), false],
    ['ICMP type', { ...icmpType, negated: false }, samplePacket(ICMP), true],
    [
      'ICMP type negated',
      { ...icmpType, negated: true },
      samplePacket({ ...ICMP, icmpType: 0 }),
      true,
    ],
    ['ICMP type negated, not ICMP', { ...icmpType, negated: true }, samplePacket(), false],
    [
      'ICMP code',
      { kind: 'icmp', family: 4, field: 'code', negated: false, values: [1] },
      samplePacket(ICMP),
      false,
    ],
    ['hop limit', { kind: 'hoplimit', value: 64 }, sampleIPv6(), true],
    ['hop limit of IPv4', { kind: 'hoplimit', value: 64 }, samplePacket(), false],
    ['conntrack state', { kind: 'ct-state', states: ['invalid', 'new'] }, samplePacket(), true],
    ['mark', { kind: 'mark', mask: 0x80010000, value: 0x80010000 }, MARKED, true],
    ['mark, one bit missing', { kind: 'mark', mask: 0x00030000, value: 0x00030000 }, MARKED, false],
    [
      'limit, which only throttles',
      { kind: 'limit', rate: 1, per: 'day', burst: 0 },
      samplePacket(),
      true,
    ],
  ];
  for (const [what, match, packet, expected] of cases) {
    it(`${expected ? 'matches' : 'does not match'} ${what}`, () => {
      assert.equal(outcome(match, packet), expected);
    });
  }

  const unsupported: readonly (readonly [string, Match, RegExp])[] = [
    ['a missing set', { kind: 'address-set', ...source, set: 'x' }, /no set x/],
    [
      'a set of triples for addresses',
      { kind: 'address-set', ...source, set: 'ports' },
      /kind named-port/,
    ],
    ['a set of addresses for triples', { ...namedPort, negated: false, set: 'hash' }, /kind hash/],
    ['a set of the other family', { kind: 'address-set', ...source, set: 'nets6' }, /holds IPv6/],
    ['a net that is none', { kind: 'address', ...source, nets: ['10.0.0.0/40'] }, /"10.0.0.0\/40"/],
    [
      'a net of the other family',
      { kind: 'address', ...source, nets: ['fd00::/8'] },
      /not an IPv4/,
    ],
    ['an interface wildcard', { kind: 'iifname', names: ['eth*'] }, /"eth\*" is a wildcard/],
  ];
  for (const [what, match, why] of unsupported) {
    it(`does not guess about ${what}`, () => {
      const result = outcome(match, samplePacket());
      assert.match(typeof result === 'object' ? result.unsupported : String(result), why);
    });
  }
});
