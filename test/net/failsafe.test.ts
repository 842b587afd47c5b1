import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  DEFAULT_FAILSAFE_INBOUND,
  DEFAULT_FAILSAFE_OUTBOUND,
  formatFailsafePorts,
  parseFailsafePorts,
} from '../../src/net/failsafe.ts';
import type { FailsafePort } from '../../src/net/failsafe.ts';
import { anyCidr, family } from './generators.ts';

const ACCEPTED: readonly (readonly [text: string, canonical: string])[] = [
  ['22', 'tcp:22'],
  ['tcp:22', 'tcp:22'],
  ['UDP:68', 'udp:68'],
  ['sctp:5000', 'sctp:5000'],
  ['tcp:10.0.0.0/8:22', 'tcp:10.0.0.0/8:22'],
  ['tcp:10.1.2.3/8:22', 'tcp:10.0.0.0/8:22'],
  ['tcp:192.0.2.1:22', 'tcp:192.0.2.1/32:22'],
  ['tcp:[2001:db8::/64]:22', 'tcp:[2001:db8::/64]:22'],
  ['tcp:[2001:DB8::1]:22', 'tcp:[2001:db8::1/128]:22'],
  ['tcp:[192.0.2.0/24]:22', 'tcp:192.0.2.0/24:22'],
  ['[2001:db8::/64]:22', 'tcp:[2001:db8::/64]:22'],
  ['tcp::22', 'tcp:22'],
  ['tcp:0', 'tcp:0'],
  ['udp:65535', 'udp:65535'],
  [' tcp:22 , udp:53 ,, 80 ', 'tcp:22,udp:53,tcp:80'],
  ['tcp:22,tcp:22', 'tcp:22,tcp:22'],
  ['', 'none'],
  [' , ', 'none'],
  ['none', 'none'],
  [' None ', 'none'],
];

const REFUSED: readonly (readonly [text: string, error: RegExp])[] = [
  ['icmp:8', /"icmp:8": the protocol must be tcp, udp or sctp, not "icmp"/],
  ['tcp:22,gre:1', /"gre:1": the protocol must be/],
  ['6:22', /the protocol must be/],
  [':22', /the protocol must be .* not ""/],
  ['tcp:65536', /a number from 0 to 65535, not "65536"/],
  ['tcp:-1', /a number from 0 to 65535, not "-1"/],
  ['tcp:ssh', /a number from 0 to 65535, not "ssh"/],
  ['tcp:', /a number from 0 to 65535, not ""/],
  ['tcp:22:23', /"22" is neither an address nor a CIDR/],
  ['tcp:10.0.0.0/33:22', /"10.0.0.0\/33" is neither/],
  ['tcp:2001:db8::1:22', /IPv6 networks in brackets/],
  ['tcp:[2001:db8::/64]22', /IPv6 networks in brackets/],
  ['tcp:[]:22', /"\[\]" is neither/],
  ['none,tcp:22', /a number from 0 to 65535, not "none"/],
];

describe('parseFailsafePorts', () => {
  for (const [text, canonical] of ACCEPTED) {
    it(`takes ${JSON.stringify(text)} for ${canonical}`, () => {
      const parsed = parseFailsafePorts(text);
      assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
      assert.equal(formatFailsafePorts(parsed.value), canonical);
    });
  }

  for (const [text, error] of REFUSED) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const parsed = parseFailsafePorts(text);
      assert.ok(!parsed.ok);
      assert.match(parsed.error, error);
    });
  }

  it('knows protocol, peer and port', () => {
    assert.deepEqual(parseFailsafePorts('udp:[2001:db8::/64]:53,22'), {
      ok: true,
      value: [
        { protocol: 17, net: '2001:db8::/64', port: 53 },
        { protocol: 6, net: null, port: 22 },
      ],
    });
  });

  it('reads back what formatFailsafePorts writes', () => {
    const net = family
      .chain(anyCidr)
      .filter(({ family: of, bits }) => of === 4 || bits >> 32n !== 0xffffn)
      .map(({ text }) => text);
    const port: fc.Arbitrary<FailsafePort> = fc.record(
      {
        protocol: fc.constantFrom(6, 17, 132),
        net: fc.option(net),
        port: fc.integer({ min: 0, max: 65535 }),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(port, { maxLength: 5 }), (ports) => {
        assert.deepEqual(parseFailsafePorts(formatFailsafePorts(ports)), {
          ok: true,
          value: ports,
        });
      }),
    );
  });

  it('answers any text', () => {
    const text = fc
      .array(fc.constantFrom('tcp', ':', '[', ']', '22', '::', ',', '10.0.0.1', '/', ' '), {
        maxLength: 12,
      })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseFailsafePorts(given);
        if (!parsed.ok) assert.match(parsed.error, /^failsafe port "/);
        else assert.deepEqual(parseFailsafePorts(formatFailsafePorts(parsed.value)), parsed);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the default failsafe ports', () => {
  it('keep SSH and DHCP replies open inbound, DNS and DHCP outbound, and the cluster both ways', () => {
    const cluster = 'tcp:179,tcp:2379,tcp:2380,tcp:5473,tcp:6443,tcp:6666,tcp:6667';
    assert.equal(formatFailsafePorts(DEFAULT_FAILSAFE_INBOUND), `tcp:22,udp:68,${cluster}`);
    assert.equal(formatFailsafePorts(DEFAULT_FAILSAFE_OUTBOUND), `udp:53,udp:67,${cluster}`);
  });
});
