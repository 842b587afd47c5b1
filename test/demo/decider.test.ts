import assert from 'node:assert/strict';
import { decider, isFailsafe, moved, readCounters } from '../../demo/decider.ts';

describe('decider', () => {
  const cases: readonly [about: string, names: readonly string[], by: string | null][] = [
    ['names the rule that counted', ['ingress/gnp/web/0'], 'web ingress[0]'],
    [
      'passes over rules that only logged',
      ['ingress/gnp/a.quarantine/0', 'ingress/gnp/a.quarantine/1'],
      'a.quarantine ingress[1]',
    ],
    ['compares indexes as numbers', ['ingress/gnp/web/9', 'ingress/gnp/web/10'], 'web ingress[10]'],
    [
      'prefers the end of a tier to what let the packet go on',
      ['ingress/gnp/web/0', 'ingress/tier/default/db-1-eth0'],
      'end of tier default',
    ],
    ['names an endpoint without policy', ['ingress/hep/db-1-eth0/deny'], 'no policy on db-1-eth0'],
    ['ignores the other direction', ['egress/gnp/web/0'], null],
    [
      'names everybody when more than one connection was counted',
      ['ingress/gnp/a/0', 'ingress/gnp/b/1'],
      'a ingress[0] + b ingress[1]',
    ],
    ['knows nobody when nothing counted', [], null],
  ];
  for (const [about, names, by] of cases)
    it(about, () => {
      assert.equal(decider('ingress', names), by);
    });
});

describe('moved', () => {
  it('finds counters that are new or count more, and no others', () => {
    const before = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const now = new Map([
      ['a', 1],
      ['b', 3],
      ['c', 1],
      ['d', 0],
    ]);
    assert.deepEqual(moved(before, now), ['b', 'c']);
  });
});

describe('readCounters', () => {
  it('reads our table and no other', () => {
    const counter = (table: string, packets: number): object => ({
      counter: { family: 'inet', table, name: 'x', handle: 1, packets, bytes: 0 },
    });
    const json = JSON.stringify({ nftables: [{ metainfo: {} }, counter('other', 1)] });
    assert.deepEqual([...readCounters(json)], []);
    const ours = JSON.stringify({ nftables: [counter('other', 1), counter('rampart', 7)] });
    assert.deepEqual([...readCounters(ours)], [['x', 7]]);
  });
});

describe('isFailsafe', () => {
  it('tells direction, protocol and port apart', () => {
    assert.equal(isFailsafe('ingress', { kind: 'tcp', port: 22, family: 6 }), true);
    assert.equal(isFailsafe('egress', { kind: 'tcp', port: 22, family: 4 }), false);
    assert.equal(isFailsafe('egress', { kind: 'udp', port: 53, family: 4 }), true);
    assert.equal(isFailsafe('ingress', { kind: 'ping', family: 4 }), false);
  });
});
