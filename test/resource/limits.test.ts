import assert from 'node:assert/strict';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import { decodeUpdate } from '../../src/resource/decode.ts';
import { DENY_ALL, MAX_OBJECT_BYTES, MAX_PORTS, MAX_RULES } from '../../src/resource/limits.ts';
import type { Policy, ResourceUpdate } from '../../src/resource/resource.ts';
import { MAX_LENGTH } from '../../src/selector/grammar.ts';

type Spec = Readonly<Record<string, unknown>>;

function decode(spec: Spec, annotations: Readonly<Record<string, string>> = {}): ResourceUpdate {
  const document = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'p', annotations },
    spec: { selector: 'all()', ...spec },
  };
  const value = new TextEncoder().encode(JSON.stringify(document));
  const key = `${RESOURCE_PREFIX}globalnetworkpolicies/p`;
  return decodeUpdate({ key, value, revision: 1 }) ?? assert.fail('not ours');
}

function policyOf({ resource }: ResourceUpdate): Policy {
  assert.ok(resource?.kind === 'GlobalNetworkPolicy');
  return resource;
}

function errors({ problems }: ResourceUpdate): readonly string[] {
  return problems
    .filter(({ severity }) => severity === 'error')
    .map(({ code, field }) => `${code} ${field}`);
}

function selectorOf(length: number): string {
  const value = 'x'.repeat(length - 'a == ""'.length);
  return `a == "${value}"`;
}

describe('limits of one object', () => {
  it('bytes: at the limit it is read, one more and it is ignored with a reason', () => {
    const padding = (bytes: number): string => 'x'.repeat(bytes);
    const spare = new TextEncoder().encode(
      JSON.stringify({
        apiVersion: 'projectcalico.org/v3',
        kind: 'GlobalNetworkPolicy',
        metadata: { name: 'p', annotations: { a: '' } },
        spec: { selector: 'all()' },
      }),
    ).length;
    const atLimit = decode({}, { a: padding(MAX_OBJECT_BYTES - spare) });
    assert.equal(policyOf(atLimit).name, 'p');
    const beyond = decode({}, { a: padding(MAX_OBJECT_BYTES - spare + 1) });
    assert.equal(beyond.resource, null);
    assert.deepEqual(errors(beyond), ['too-large ']);
  });

  it('rules: at the limit all are honoured; one more, and the rest is one Deny', () => {
    const rules = (count: number): readonly Spec[] =>
      Array.from({ length: count }, () => ({
        action: 'Allow',
        source: { nets: ['192.0.2.1/32'] },
      }));
    const atLimit = decode({ ingress: rules(MAX_RULES), egress: [{ action: 'Allow' }] });
    assert.deepEqual(errors(atLimit), []);
    assert.equal(policyOf(atLimit).ingress.at(-1)?.action, 'Allow');
    const beyond = decode({ ingress: rules(MAX_RULES + 1), egress: [{ action: 'Allow' }] });
    assert.deepEqual(errors(beyond), ['too-many-rules spec.ingress']);
    assert.equal(policyOf(beyond).ingress.length, MAX_RULES + 1);
    assert.equal(policyOf(beyond).ingress.at(-1), DENY_ALL);
    assert.equal(policyOf(beyond).egress.length, 1);
  });

  it('ports: one more than the limit, and an Allow never matches, a Deny matches without them', () => {
    const numbers = (count: number): readonly number[] =>
      Array.from({ length: count }, (_, i) => i + 1);
    const names = (count: number): readonly string[] =>
      Array.from({ length: count }, (_, i) => `p${i}`);
    for (const make of [numbers, names]) {
      const read = (action: string, count: number): ResourceUpdate =>
        decode({ ingress: [{ action, protocol: 'TCP', destination: { ports: make(count) } }] });
      const [honoured] = policyOf(read('Allow', MAX_PORTS)).ingress;
      assert.equal(honoured?.neverMatches, null);
      assert.ok(honoured.destination.ports !== null);
      const beyond = read('Allow', MAX_PORTS + 1);
      assert.deepEqual(errors(beyond), ['too-many-ports spec.ingress[0].destination.ports']);
      assert.match(policyOf(beyond).ingress[0]?.neverMatches ?? '', /at most 10000/);
      const [deny] = policyOf(read('Deny', MAX_PORTS + 1)).ingress;
      assert.equal(deny?.neverMatches, null);
      assert.equal(deny.destination.ports, null);
    }
  });

  it('names of ports take no longer than their number', () => {
    const ports = Array.from({ length: 150_000 }, (_, i) => `p${i}`);
    const startedAt = performance.now();
    decode({ ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports } }] });
    assert.ok(performance.now() - startedAt < 2000);
  });

  it('length of a selector in a rule: one more than the limit, and an Allow never matches, a Deny matches without it', () => {
    const read = (action: string, length: number): ResourceUpdate =>
      decode({ ingress: [{ action, source: { selector: selectorOf(length) } }] });
    const [honoured] = policyOf(read('Allow', MAX_LENGTH)).ingress;
    assert.equal(honoured?.neverMatches, null);
    assert.ok(honoured.source.selector !== null);
    const beyond = read('Allow', MAX_LENGTH + 1);
    assert.deepEqual(errors(beyond), ['selector-too-long spec.ingress[0].source.selector']);
    assert.notEqual(policyOf(beyond).ingress[0]?.neverMatches, null);
    const [deny] = policyOf(read('Deny', MAX_LENGTH + 1)).ingress;
    assert.equal(deny?.neverMatches, null);
    assert.equal(deny.source.selector, null);
  });

  it('length of the selector of a policy: one more than the limit, and it is ignored as any bad selector', () => {
    assert.equal(policyOf(decode({ selector: selectorOf(MAX_LENGTH) })).name, 'p');
    const beyond = decode({ selector: selectorOf(MAX_LENGTH + 1) });
    assert.equal(beyond.resource, null);
    assert.deepEqual(errors(beyond), ['selector-invalid spec.selector']);
  });
});
