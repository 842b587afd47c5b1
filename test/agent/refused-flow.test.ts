import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mayResume, refusalOf, standingOf } from '../../src/agent/refused-flow.ts';
import { compileRuleset } from '../../src/compile/compile.ts';
import { FLOW_STATUS } from '../../src/conntrack/conntrack.ts';
import type { ExplainSettings } from '../../src/explain/explain-settings.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import { parseAddress } from '../../src/net/address.ts';
import { cidrContains, parseNet } from '../../src/net/cidr.ts';
import type { FailsafePort } from '../../src/net/failsafe.ts';
import type { Packet } from '../../src/net/packet.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import { exampleFlow, tuple } from '../conntrack/example-flow.ts';
import { localPolicyOf, packets, settings, worlds } from '../support/random-policy.ts';
import { sampleForward, samplePacket } from '../support/sample-packet.ts';
import { SETTINGS } from '../support/settings.ts';

const newPackets = packets.map((packet): Packet => ({ ...packet, conntrack: 'new' }));
const manyPackets = fc.array(newPackets, { minLength: 20, maxLength: 20 });

/** Whether one end of a flow of this host is a failsafe port, by the lists as people read them. */
function isFailsafe(
  packet: Packet,
  { failsafeInbound, failsafeOutbound }: ExplainSettings,
): boolean {
  const { path, protocol, source, dnat } = packet;
  if (path === 'forward' || ![6, 17, 132].includes(protocol)) return false;
  const to = dnat?.destination ?? packet.destination;
  const toPort = dnat?.destinationPort ?? packet.destinationPort;
  const isIn = path === 'input';
  const [own, other] = isIn
    ? [failsafeInbound, failsafeOutbound]
    : [failsafeOutbound, failsafeInbound];
  const remote = isIn ? source : to;
  return own.some(hit(toPort)) || other.some(hit(packet.sourcePort));

  function hit(port: number | null): (entry: FailsafePort) => boolean {
    return (entry) =>
      entry.protocol === protocol && entry.port === port && isWithin(remote, entry.net);
  }
}

function isWithin(text: string, net: string | null): boolean {
  const cidr = net === null ? null : parseNet(net);
  const address = parseAddress(text);
  return net === null || (cidr !== null && address !== null && cidrContains(cidr, address));
}

describe('refusalOf', () => {
  it('refuses what explain and the ruleset refuse as new, but for loopback and failsafe ports', function () {
    this.timeout(60_000);
    let refused = 0;
    let spared = 0;
    fc.assert(
      fc.property(worlds, settings, manyPackets, (world, same, many) => {
        const policy = localPolicyOf(world);
        const ruleset = compileRuleset(policy, { ...SETTINGS, ...same });
        for (const packet of many) {
          const isDenied = explainPacket({ policy, settings: same, packet }).verdict === 'deny';
          assert.equal(evaluateRuleset(ruleset, packet).verdict !== 'accept', isDenied);
          const isSpared = packet.path === 'loopback' || isFailsafe(packet, same);
          const refusal = refusalOf([packet], { policy, settings: same });
          assert.equal(refusal !== null, isDenied && !isSpared);
          if (refusal !== null) assert.notEqual(refusal.because, '');
          if (refusal !== null) refused += 1;
          if (isDenied && isSpared) spared += 1;
        }
      }),
      { numRuns: 100 },
    );
    assert.ok(refused > 100, `only ${refused} packets were refused`);
    assert.ok(spared > 10, `only ${spared} packets were spared`);
  });

  it('refuses nothing where nothing is enforced', () => {
    fc.assert(
      fc.property(worlds, settings, manyPackets, (world, same, many) => {
        const policy = localPolicyOf(world);
        const observing = { policy, settings: { ...same, enforcement: 'observe' as const } };
        for (const packet of many) assert.equal(refusalOf([packet], observing), null);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a flow of which the way is doubtful only when every way is refused', () => {
    fc.assert(
      fc.property(worlds, settings, manyPackets, (world, same, many) => {
        const judge = { policy: localPolicyOf(world), settings: same };
        const each = many.map((packet) => refusalOf([packet], judge));
        assert.equal(refusalOf(many, judge) !== null, !each.includes(null));
      }),
      { numRuns: 50 },
    );
    assert.equal(
      refusalOf([], { policy: localPolicyOf({ resources: [] }), settings: SETTINGS }),
      null,
    );
  });
});

describe('standingOf', () => {
  it('knows flows that are over and those that another one announced', () => {
    assert.equal(standingOf(exampleFlow()), 'live');
    assert.equal(standingOf(exampleFlow({ tcpState: 'time-wait' })), 'over');
    assert.equal(standingOf(exampleFlow({ status: FLOW_STATUS.dying })), 'over');
    assert.equal(standingOf(exampleFlow({ status: FLOW_STATUS.expected | 0xe })), 'exempt');
  });
});

describe('mayResume', () => {
  const policy = localPolicyOf({ resources: [] });
  const open = { policy, settings: SETTINGS, isTcpLoose: true };
  const flow = exampleFlow();

  it('says so where policy allows the other side to go on', () => {
    assert.equal(mayResume(flow, samplePacket(), open), true);
    assert.equal(mayResume(flow, sampleForward(), open), true);
  });

  it('does not where connection tracking takes up no TCP connection in its middle', () => {
    const strict = { ...open, isTcpLoose: false };
    assert.equal(mayResume(flow, samplePacket(), strict), false);
    assert.equal(mayResume(exampleFlow({ protocol: 17 }), samplePacket(), strict), true);
  });

  it('does not where its packets do not begin a flow, or have nowhere to go', () => {
    for (const protocol of [1, 58, 132])
      assert.equal(mayResume(exampleFlow({ protocol }), samplePacket({ protocol }), open), false);
    const dnat = { destination: '10.0.2.50', destinationPort: 80 };
    assert.equal(mayResume(flow, sampleForward({ dnat }), open), false);
    const masqueraded = exampleFlow({ reply: tuple({ destination: '10.0.2.1' }) });
    assert.equal(mayResume(masqueraded, sampleForward(), open), false);
  });
});
