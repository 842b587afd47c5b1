import assert from 'node:assert/strict';
import { SeenFlows } from '../../src/agent/seen-flows.ts';
import { StagedFlows } from '../../src/agent/staged-flows.ts';
import type { StagedTally } from '../../src/agent/staged-flows.ts';
import type { Clock } from '../../src/base/clock.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type { Shadow } from '../../src/policy/resolver.ts';
import type { Policy } from '../../src/policy/local-policy.ts';
import { PARITY } from '../support/acceptance/acceptance-row.ts';
import { hostEndpoint, policy, rule } from '../support/policy-objects.ts';
import { samplePacket } from '../support/sample-packet.ts';

const CLOCK: Clock = { now: () => 1000, monotonic: () => 1, after: () => () => undefined };
const HOST = hostEndpoint('eth0');
const OPEN = policy('open', { ingress: [rule('Allow')] });

function staged(name: string, action: 'Allow' | 'Deny'): Policy {
  const proposed = policy(name, { order: 1, ingress: [rule(action)] });
  return { ...proposed, kind: 'StagedGlobalNetworkPolicy', stagedAction: 'Set' };
}

function shadowOf(...policies: readonly Policy[]): Shadow | null {
  const store = new PolicyStore(HOST.node);
  store.setInterfaces([{ name: 'eth0', running: true, addresses: [] }], () => false);
  for (const resource of [HOST, OPEN, ...policies]) {
    store.apply({ id: resource, resource, problems: [] });
  }
  return store.shadow();
}

function judge(flows: StagedFlows, shadow: Shadow | null, ...ports: readonly number[]): void {
  assert.ok(shadow);
  for (const sourcePort of ports) flows.judge(samplePacket({ sourcePort }), shadow, PARITY);
}

function denied(tallies: readonly StagedTally[]): readonly (readonly [string, number, number])[] {
  return tallies.map(({ name, judged, allowToDeny }) => [
    name.split(' ')[1] ?? '',
    judged,
    allowToDeny,
  ]);
}

describe('StagedFlows', () => {
  it('counts a flow once, and those that a staged policy would change', () => {
    const flows = new StagedFlows(CLOCK);
    const shadow = shadowOf(staged('a', 'Deny'), staged('b', 'Allow'));
    flows.use(shadow);
    judge(flows, shadow, 1, 2, 1);
    // "a" comes before "b": with both, it decides.
    assert.deepEqual(denied(flows.tallies), [
      ['a', 2, 2],
      ['b', 2, 0],
      ['', 2, 2],
    ]);
    const [example] = flows.tallies[0]?.examples ?? [];
    assert.equal(example?.packet.sourcePort, 2);
    assert.deepEqual(example.then, {
      verdict: 'deny',
      by: 'GlobalNetworkPolicy a ingress[0] Deny',
    });
  });

  it('keeps what was found of a policy that stays, and judges the flows that go on by one that is new', () => {
    const flows = new StagedFlows(CLOCK);
    const a = staged('a', 'Deny');
    const first = shadowOf(a);
    flows.use(first);
    judge(flows, first, 1, 2);
    const second = shadowOf(a, staged('b', 'Deny'));
    flows.use(second);
    judge(flows, second, 1);
    assert.deepEqual(denied(flows.tallies), [
      ['a', 2, 2],
      ['b', 1, 1],
      ['', 1, 1],
    ]);
    judge(flows, second, 1);
    assert.deepEqual(denied(flows.tallies)[1], ['b', 1, 1]);
  });

  it('forgets everything with the last staged policy', () => {
    const flows = new StagedFlows(CLOCK);
    const shadow = shadowOf(staged('a', 'Deny'));
    flows.use(shadow);
    judge(flows, shadow, 1);
    flows.use(null);
    assert.deepEqual(flows.tallies, []);
    flows.use(shadow);
    judge(flows, shadow, 1);
    assert.deepEqual(denied(flows.tallies)[0], ['a', 1, 1]);
  });

  it('keeps the latest examples only, and evaluates no more policies than it says', () => {
    const flows = new StagedFlows(CLOCK);
    const many = Array.from({ length: 60 }, (_, i) =>
      staged(`p${String(i).padStart(2, '0')}`, 'Deny'),
    );
    const shadow = shadowOf(...many);
    flows.use(shadow);
    judge(flows, shadow, ...Array.from({ length: 30 }, (_, i) => i + 1));
    const { tallies } = flows;
    assert.equal(tallies.filter(({ isEvaluated }) => isEvaluated).length, 51);
    const [first] = tallies;
    assert.equal(first?.examples.length, 20);
    assert.equal(first.examples[0]?.packet.sourcePort, 30);
    assert.equal(tallies.at(-1)?.allowToDeny, 30);
  });
});

describe('SeenFlows', () => {
  it('remembers a flow while it is met, and forgets it when it is not', () => {
    const seen = new SeenFlows();
    const packet = samplePacket();
    const met = [0, 100_000, 210_000, 330_000, 800_000, 1_300_000].map(
      (now) => seen.meet(packet, 1, now) === 1,
    );
    assert.deepEqual(met, [false, true, true, true, true, true]);
    const other = samplePacket({ sourcePort: 9 });
    assert.equal(seen.meet(other, 1, 1_300_001), -1);
    seen.meet(packet, 1, 1_500_000);
    seen.meet(packet, 1, 1_700_000);
    assert.equal(seen.meet(other, 1, 1_700_001), -1);
  });

  it('holds a bounded number of flows', () => {
    const seen = new SeenFlows();
    for (let i = 0; i < 90_000; i++) seen.meet(samplePacket({ sourcePort: i }), 1, 1);
    assert.equal(seen.meet(samplePacket({ sourcePort: 89_999 }), 1, 1), 1);
    assert.equal(seen.meet(samplePacket({ sourcePort: 0 }), 1, 1), -1);
  });
});
