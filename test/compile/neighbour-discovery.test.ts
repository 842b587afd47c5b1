import assert from 'node:assert/strict';
import { compileRuleset } from '../../src/compile/compile.ts';
import type { Packet } from '../../src/net/packet.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import { hostEndpoint, localPolicy, policy } from '../support/policy-objects.ts';
import { sampleNeighbourSolicitation, sampleOutput } from '../support/sample-packet.ts';
import { SETTINGS } from '../support/settings.ts';

// RFC 4861: router and neighbour solicitation and advertisement, redirect; valid with hop limit 255 only.
const FROM_THIS_LINK = [133, 134, 135, 136, 137];
// RFC 2710 and 3810: multicast listener query, report, done, second report.
const LISTENERS = [130, 131, 132, 143];

/** Denies everything in both directions, with and without connection tracking. */
const CLOSED = localPolicy([
  hostEndpoint('eth0'),
  policy('closed', { ingress: [], egress: [] }),
  policy('closed-untracked', { doNotTrack: true, applyOnForward: true, ingress: [], egress: [] }),
]);

function packets(icmpType: number, hopLimit: number): readonly Packet[] {
  const incoming = sampleNeighbourSolicitation({ icmpType, hopLimit });
  const { source: destination, destination: source } = incoming;
  const { path, iifname, oifname } = sampleOutput();
  return [incoming, { ...incoming, path, iifname, oifname, source, destination }];
}

/** ICMPv6 types that pass in both directions; a type that passes in one only is named with its paths. */
function passing(keepAlive: boolean, hopLimit: number): readonly (number | string)[] {
  const ruleset = compileRuleset(CLOSED, { ...SETTINGS, neighbourDiscoveryKeepAlive: keepAlive });
  return Array.from({ length: 256 }, (_, type) => {
    const paths = packets(type, hopLimit).flatMap((packet) =>
      evaluateRuleset(ruleset, packet).verdict === 'accept' ? [packet.path] : [],
    );
    return paths.length === 2 ? [type] : paths.map((path) => `${type} ${path}`);
  }).flat();
}

describe('neighbour discovery on an endpoint that denies everything', () => {
  it('passes with redirects when it is kept alive, and no other type of ICMPv6 does', () => {
    assert.deepEqual(passing(true, 255), [130, 131, 132, ...FROM_THIS_LINK, 143]);
  });

  it('does not pass when it comes from beyond this link; listeners have no such rule', () => {
    for (const hopLimit of [1, 64, 254]) assert.deepEqual(passing(true, hopLimit), LISTENERS);
  });

  it('is denied like anything else when it is not kept alive', () => {
    assert.deepEqual(passing(false, 255), []);
  });
});
