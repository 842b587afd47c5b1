import assert from 'node:assert/strict';
import { it } from 'mocha';
import { parseTraceLine } from '../../../daemon/ctl/online/trace-event.ts';
import { traceMatch } from '../../../daemon/ctl/online/trace-match.ts';

describe('rampartctl trace', () => {
  const matches: readonly (readonly [string, string])[] = [
    ['', ''],
    ['any any any', ''],
    ['tcp any 10.0.0.1:22', 'meta l4proto 6 ip daddr 10.0.0.1 th dport 22'],
    ['udp any:53 any', 'meta l4proto 17 th sport 53'],
    [
      'tcp [2001:db8::7]:4000 2001:db8::1',
      'meta l4proto 6 ip6 saddr 2001:db8::7 th sport 4000 ip6 daddr 2001:db8::1',
    ],
    ['47 192.0.2.1', 'meta l4proto 47 ip saddr 192.0.2.1'],
  ];
  for (const [words, match] of matches)
    it(`marks "${words}" by "${match}"`, () => {
      assert.equal(traceMatch(words === '' ? [] : words.split(' ')), match);
    });

  for (const words of ['tcpp', 'tcp 10.0.0', 'tcp any any any', '300', 'tcp any 10.0.0.1:x; flush'])
    it(`refuses "${words}"`, () => {
      assert.throws(() => traceMatch(words.split(' ')), { name: 'CtlError' });
    });

  it('names the policy of a rule', () => {
    const line =
      'trace id 6109676b inet rampart ingress/gnp/web rule udp dport 9 counter name "x" drop comment "gnp web ingress 0" (verdict drop)';
    assert.deepEqual(parseTraceLine(line), {
      id: '6109676b',
      table: 'inet rampart',
      chain: 'ingress/gnp/web',
      kind: 'rule',
      text: 'udp dport 9 counter name "x" drop comment "gnp web ingress 0"',
      verdict: 'drop',
      meaning: 'GlobalNetworkPolicy web, ingress rule 0',
    });
  });

  it('keeps of a packet what an operator reads', () => {
    const line =
      'trace id 6109676b inet tr pre packet: iif "lo" @ll,0,112 0x800 ip saddr 127.0.0.1 ip daddr 127.0.0.2 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 27780 ip protocol udp ip length 30 udp sport 34595 udp dport 9 udp length 10 @th,64,16 0x780a ';
    assert.equal(
      parseTraceLine(line)?.text,
      'iif "lo" ip saddr 127.0.0.1 ip daddr 127.0.0.2 ip protocol udp udp sport 34595 udp dport 9 udp length 10',
    );
  });

  it('knows the end of a chain, and what is no event', () => {
    const end = parseTraceLine('trace id 1 ip nat PREROUTING policy accept');
    assert.deepEqual([end?.kind, end?.verdict, end?.table], ['policy', 'accept', 'ip nat']);
    assert.equal(parseTraceLine('add table inet x'), null);
  });
});
