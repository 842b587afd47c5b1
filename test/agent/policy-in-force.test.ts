import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decisiveRules } from '../../src/agent/decisive-rules.ts';
import { policyInForce } from '../../src/agent/policy-in-force.ts';
import { ProgrammedSets } from '../../src/agent/programmed-sets.ts';
import { compileRuleset } from '../../src/compile/compile.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type { Resource } from '../../src/resource/resource.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import type { Operation } from '../../src/ruleset/transaction.ts';
import {
  entity,
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  put,
  rule,
  selector,
} from '../support/resources.ts';
import { SETTINGS } from '../support/settings.ts';
import { sampleIPv6, samplePacket } from '../support/sample-packet.ts';

const ROLE = selector("role == 'good'");
const OBJECTS: readonly Resource[] = [
  hostEndpoint('edge'),
  globalNetworkSet('good', { labels: { role: 'good' }, nets: ['10.0.1.9/32'] }),
  globalPolicy('guard', {
    ingress: [
      rule('Deny', { protocol: 17 }),
      rule('Allow', { source: entity({ selector: ROLE }) }),
    ],
  }),
];

// Only what the sets were given; iterators are read while they may be.
function readable(operation: Operation): Operation {
  return operation.op === 'add-elements'
    ? { ...operation, elements: [...operation.elements] }
    : operation;
}

function programmedHost(): {
  readonly store: PolicyStore;
  readonly explain: (packet: ReturnType<typeof samplePacket>) => ReturnType<typeof explainPacket>;
  readonly rules: (packet: ReturnType<typeof samplePacket>) => readonly string[];
} {
  const store = new PolicyStore('hosta');
  store.setInterfaces([{ name: 'eth0', running: true, addresses: ['10.0.1.1'] }], () => false);
  for (const object of OBJECTS) store.apply(put(object));
  const { policy } = store.resolve();
  const ruleset = compileRuleset(policy, SETTINGS);
  const sets = new ProgrammedSets();
  sets.landed(diffRulesets({ kind: 'absent' }, ruleset).map(readable));
  const pinned = policyInForce(policy, sets.snapshot());
  const explain = (packet: ReturnType<typeof samplePacket>): ReturnType<typeof explainPacket> =>
    explainPacket({ policy: pinned, settings: SETTINGS, packet });
  return {
    store,
    explain,
    rules: (packet) =>
      decisiveRules(explain(packet), pinned, ruleset).map(
        ({ chain, rule: text }) => `${chain}: ${text}`,
      ),
  };
}

describe('policyInForce', () => {
  it('explains with the members that were programmed, whatever arrived since', () => {
    const { store, explain } = programmedHost();
    const changed = globalNetworkSet('good', { labels: { role: 'good' }, nets: ['10.9.0.0/16'] });
    store.apply(put(changed));
    assert.equal(explain(samplePacket()).verdict, 'allow');
    assert.equal(explain(samplePacket({ source: '10.9.0.1' })).verdict, 'deny');
  });
});

describe('decisiveRules', () => {
  it('shows the nftables rule of the deciding policy rule, of the packet’s family only', () => {
    const { rules } = programmedHost();
    const [line, ...more] = rules(samplePacket());
    assert.deepEqual(more, []);
    assert.match(
      line ?? '',
      /^ingress\/gnp\/guard: ip saddr @s-\w+-4 counter name "ingress\/gnp\/guard\/1" accept comment/,
    );
    assert.match(rules(samplePacket({ protocol: 17 }))[0] ?? '', /gnp\/guard\/0" drop/);
  });

  it('shows the ends of tiers, and what conntrack calls invalid', () => {
    const { rules } = programmedHost();
    assert.match(rules(sampleIPv6())[0] ?? '', /counter name "ingress\/tier\/default\/edge" drop/);
    const invalid = rules(samplePacket({ conntrack: 'invalid' }));
    assert.match(invalid[0] ?? '', /ct state invalid counter name "ingress\/hep\/edge\/invalid"/);
  });

  it('shows none where no counted rule decided', () => {
    const { rules } = programmedHost();
    assert.deepEqual(rules(samplePacket({ conntrack: 'established' })), []);
    assert.deepEqual(rules(samplePacket({ destinationPort: 22 })), []);
  });
});
