import assert from 'node:assert/strict';
import type { Rule } from '../../src/resource/rule.ts';
import { matchesSelector } from '../../src/selector/match.ts';
import { decodeRule, decodeSpec, policyOf, summaries } from './objects.ts';

function ruleOf(stored: unknown): Rule {
  const [rule] = policyOf(decodeRule(stored)).ingress;
  assert.ok(rule);
  return rule;
}

describe('readRules', () => {
  describe('fails closed by action', () => {
    const parts: readonly (readonly [string, string, Record<string, unknown>])[] = [
      ['net-invalid', 'source.nets[1]', { source: { nets: ['10.0.0.0/8', '10.0.0.300'] } }],
      [
        'net-invalid',
        'destination.notNets[0]',
        { destination: { notNets: ['::ffff:10.0.0.0/104'] } },
      ],
      [
        'service-account-invalid',
        'source.serviceAccounts.names[1]',
        { source: { serviceAccounts: { names: ['a', "b'"] } } },
      ],
      ['icmp-code-without-type', 'icmp.code', { protocol: 'ICMP', icmp: { code: 1 } }],
      ['icmp-code-without-type', 'notICMP.code', { notICMP: { code: 1 } }],
      ['http-unsupported', 'http', { http: { methods: ['GET'] } }],
      ['http-unsupported', 'http', { http: { paths: [{ exact: '/' }] } }],
    ];
    for (const [code, field, part] of parts) {
      for (const action of ['Allow', 'Pass', 'Log']) {
        it(`makes ${action} with ${JSON.stringify(part)} never match`, () => {
          const update = decodeRule({ action, ...part });
          const [rule] = policyOf(update).ingress;
          assert.match(
            rule?.neverMatches ?? '',
            new RegExp(`^${field.replaceAll(/[[\]]/g, '\\$&')}`),
          );
          assert.ok(summaries(update).includes(`error ${code} spec.ingress[0].${field}`));
        });
      }

      it(`makes Deny match without the part of ${JSON.stringify(part)}`, () => {
        const update = decodeRule({ action: 'Deny', ...part });
        const [rule] = policyOf(update).ingress;
        assert.equal(rule?.neverMatches, null);
        assert.deepEqual([rule.source.nets, rule.destination.notNets], [null, null]);
        assert.deepEqual([rule.source.selector, rule.icmp, rule.notICMP], [null, null, null]);
        assert.ok(summaries(update).includes(`error ${code} spec.ingress[0].${field}`));
      });
    }

    for (const action of ['Allow', 'Deny', 'Pass', 'Log']) {
      it(`makes ${action} with services never match`, () => {
        const update = decodeRule({ action, source: { services: { name: 'a', namespace: 'b' } } });
        assert.notEqual(policyOf(update).ingress[0]?.neverMatches, null);
        assert.deepEqual(summaries(update), [
          'error services-unsupported spec.ingress[0].source.services',
        ]);
      });
    }

    for (const action of [undefined, null, '', 'Reject', 'allow all']) {
      it(`denies where the action is ${JSON.stringify(action)}`, () => {
        const update = decodeRule({ action, source: { nets: ['10.0.0.0/8'] } });
        const [rule] = policyOf(update).ingress;
        assert.deepEqual(
          [rule?.action, rule?.neverMatches, rule?.source.nets],
          ['Deny', null, ['10.0.0.0/8']],
        );
        assert.deepEqual(summaries(update), ['error action-invalid spec.ingress[0].action']);
      });
    }

    it('takes an HTTP match without conditions for none', () => {
      const update = decodeRule({ action: 'Allow', http: {} });
      assert.equal(policyOf(update).ingress[0]?.neverMatches, null);
      assert.deepEqual(summaries(update), []);
    });

    it('keeps the other rules of the policy as they are', () => {
      const update = decodeSpec('GlobalNetworkPolicy', {
        ingress: [{ action: 'Allow', source: { nets: ['x'] } }, { action: 'Allow' }],
      });
      assert.deepEqual(
        policyOf(update).ingress.map((rule) => rule.neverMatches === null),
        [false, true],
      );
    });
  });

  describe('makes the policy absent, as Felix does, for', () => {
    const refused: readonly (readonly [string, string, Record<string, unknown>])[] = [
      ['ip-version-invalid', 'ipVersion', { ipVersion: 5 }],
      ['protocol-invalid', 'protocol', { protocol: 0 }],
      ['protocol-invalid', 'protocol', { protocol: '256' }],
      ['protocol-invalid', 'protocol', { protocol: 'sctpx' }],
      ['protocol-invalid', 'notProtocol', { notProtocol: '' }],
      ['icmp-invalid', 'icmp.type', { protocol: 'ICMP', icmp: { type: 255 } }],
      ['icmp-invalid', 'icmp.type', { protocol: 'ICMP', icmp: { type: -1 } }],
      ['icmp-invalid', 'notICMP.code', { protocol: 'ICMP', notICMP: { type: 3, code: 256 } }],
      ['selector-invalid', 'source.selector', { source: { selector: 'a = b' } }],
      ['selector-invalid', 'source.notSelector', { source: { notSelector: 'a' } }],
      [
        'selector-invalid',
        'destination.namespaceSelector',
        { destination: { namespaceSelector: '%' } },
      ],
      [
        'selector-invalid',
        'source.serviceAccounts.selector',
        { source: { serviceAccounts: { selector: '(' } } },
      ],
      ['port-invalid', 'source.ports[0]', { protocol: 'TCP', source: { ports: [0] } }],
      ['port-invalid', 'source.notPorts[1]', { protocol: 'TCP', source: { notPorts: [1, '0:9'] } }],
      [
        'port-invalid',
        'destination.ports[0]',
        { protocol: 'TCP', destination: { ports: ['80-90'] } },
      ],
      [
        'port-invalid',
        'destination.ports[0]',
        { protocol: 'TCP', destination: { ports: ['HTTP'] } },
      ],
      [
        'port-invalid',
        'destination.ports[0]',
        { protocol: 'TCP', destination: { ports: ['a-very-long-port-name'] } },
      ],
      ['ports-without-protocol', 'protocol', { destination: { ports: [80] } }],
      ['ports-without-protocol', 'protocol', { destination: { ports: ['http', '1:9'] } }],
      ['ports-without-protocol', 'protocol', { protocol: 'ICMP', source: { ports: ['http'] } }],
      ['ports-without-protocol', 'protocol', { protocol: 136, source: { notPorts: [80] } }],
    ];
    for (const [code, field, part] of refused) {
      for (const action of ['Allow', 'Deny']) {
        it(`${action} ${JSON.stringify(part)}`, () => {
          const update = decodeRule({ action, ...part });
          assert.equal(update.resource, null);
          assert.deepEqual(summaries(update), [`error ${code} spec.ingress[0].${field}`]);
        });
      }
    }

    for (const spec of [
      { selector: 'role = "db"' },
      { namespaceSelector: 'env == prod' },
      { serviceAccountSelector: 'has(' },
      { performanceHints: ['AssumeNeededOnEveryNode', 'AssumeNeededOnEveryNode'] },
    ]) {
      it(JSON.stringify(spec), () => {
        const update = decodeSpec('GlobalNetworkPolicy', spec);
        assert.equal(update.resource, null);
        assert.equal(update.problems.length, 1);
      });
    }
  });

  describe('accepts with a warning what calicoctl would have refused:', () => {
    const odd: readonly (readonly [string, Record<string, unknown>])[] = [
      ['action-invalid', { action: 'dEnY' }],
      ['protocol-invalid', { protocol: 'tcp' }],
      ['net-invalid', { source: { nets: ['10.0.0.1/8'] } }],
      ['net-invalid', { source: { nets: ['10.0.0.1'] } }],
      ['families-mixed', { source: { nets: ['10.0.0.0/8'] }, destination: { nets: ['fd00::/8'] } }],
      ['families-mixed', { ipVersion: 6, source: { nets: ['10.0.0.0/8'] } }],
      ['net-catch-all', { source: { notNets: ['0.0.0.0/0'] } }],
      ['icmp-without-protocol', { icmp: { type: 8 } }],
      ['ip-version-invalid', { ipVersion: 6, protocol: 'ICMP' }],
      ['ip-version-invalid', { ipVersion: 4, notProtocol: 58 }],
      ['selector-global', { source: { selector: 'global()' } }],
      ['selector-global', { source: { namespaceSelector: 'global() || has(a)' } }],
    ];
    for (const [code, part] of odd) {
      it(JSON.stringify(part), () => {
        const update = decodeRule({ action: 'Allow', ...part });
        assert.equal(policyOf(update).ingress[0]?.neverMatches, null);
        assert.deepEqual(
          update.problems.map((problem) => `${problem.severity} ${problem.code}`),
          [`warning ${code}`],
        );
      });
    }
  });

  describe('reads protocols and families', () => {
    const cases: readonly (readonly [Record<string, unknown>, number | null, 4 | 6 | null])[] = [
      [{}, null, null],
      [{ protocol: 'TCP' }, 6, null],
      [{ protocol: 'udplite' }, 136, null],
      [{ protocol: 132 }, 132, null],
      [{ protocol: 'ICMP' }, 1, 4],
      [{ protocol: 1 }, 1, 4],
      [{ protocol: 'ICMPv6' }, 58, 6],
      [{ protocol: '58' }, 58, 6],
      [{ protocol: 'ICMP', ipVersion: 6 }, 1, 6],
      [{ notProtocol: 'ICMP' }, null, null],
      [{ ipVersion: 4 }, null, 4],
    ];
    for (const [part, protocol, ipVersion] of cases) {
      it(`reads ${JSON.stringify(part)} as protocol ${String(protocol)}, IPv${String(ipVersion)}`, () => {
        const rule = ruleOf({ action: 'Allow', ...part });
        assert.deepEqual([rule.protocol, rule.ipVersion], [protocol, ipVersion]);
      });
    }
  });

  it('reads ICMP types and codes', () => {
    const rule = ruleOf({
      action: 'Allow',
      protocol: 'ICMP',
      icmp: { type: 0 },
      notICMP: { type: 3, code: 0 },
    });
    assert.deepEqual(
      [rule.icmp, rule.notICMP],
      [
        { type: 0, code: null },
        { type: 3, code: 0 },
      ],
    );
  });

  it('reads nets in canonical form', () => {
    const rule = ruleOf({
      action: 'Allow',
      source: { nets: ['10.1.2.3/8', '192.0.2.1', '2001:DB8:0:0::/32'], notNets: [] },
    });
    assert.deepEqual(rule.source.nets, ['10.0.0.0/8', '192.0.2.1/32', '2001:db8::/32']);
    assert.equal(rule.source.notNets, null);
  });

  it('reads ports as merged ranges and names', () => {
    const ports = [443, 80, '81:90', 'http', '443', 'http', 'dns'];
    const rule = ruleOf({ action: 'Allow', protocol: 'TCP', destination: { ports, notPorts: [] } });
    assert.deepEqual(rule.destination.ports, {
      numeric: [
        { from: 80, to: 90 },
        { from: 443, to: 443 },
      ],
      named: ['http', 'dns'],
    });
    assert.equal(rule.destination.notPorts, null);
  });

  it('accepts named ports without a protocol', () => {
    const update = decodeRule({ action: 'Allow', destination: { ports: ['http'] } });
    assert.deepEqual(summaries(update), []);
    assert.equal(policyOf(update).ingress[0]?.protocol, null);
  });

  it('joins selector and notSelector, keeping the positive part for named ports', () => {
    const { source } = ruleOf({
      action: 'Allow',
      source: { selector: 'has(role)', notSelector: "role == 'edge'" },
    });
    assert.equal(source.positiveSelector?.text, 'has(role)');
    assert.equal(source.notSelector, null);
    const { selector } = source;
    assert.ok(selector);
    assert.ok(matchesSelector(selector, () => 'web'));
    assert.ok(!matchesSelector(selector, () => 'edge'));
    assert.ok(!matchesSelector(selector, () => undefined));
  });

  it('keeps notSelector where there is no positive one', () => {
    const { source } = ruleOf({ action: 'Allow', source: { notSelector: 'has(a)' } });
    assert.deepEqual(
      [source.selector, source.positiveSelector, source.notSelector?.text],
      [null, null, 'has(a)'],
    );
  });

  it('restricts rules of a NetworkPolicy to its namespace once they select', () => {
    const update = decodeSpec('NetworkPolicy', {
      ingress: [{ action: 'Allow', source: { notSelector: 'has(a)' } }, { action: 'Allow' }],
    });
    const [first, second] = policyOf(update).ingress;
    assert.equal(first?.source.positiveSelector?.text, 'projectcalico.org/namespace == "shop"');
    assert.equal(second?.source.selector, null);
  });
});
