import assert from 'node:assert/strict';
import { matchesSelector } from '../../src/selector/match.ts';
import { decodeUpdate } from '../../src/resource/decode.ts';
import { DEFAULT_ALLOW_PROFILE } from '../../src/resource/profile.ts';
import { decodeSpec, decodeValue, manifest, policyOf, summaries } from './objects.ts';
import { ODD_SAMPLES } from './odd-samples.ts';
import { STORED_SAMPLES } from './stored-samples.ts';

function outcome(update: ReturnType<typeof decodeUpdate>): string {
  if (update === null) return 'ignored';
  return update.resource === null ? 'absent' : 'present';
}

describe('decodeUpdate', () => {
  for (const [index, sample] of [...STORED_SAMPLES, ...ODD_SAMPLES].entries()) {
    it(`finds sample ${index}, ${sample.key.split('/').slice(-2).join('/')}, ${sample.outcome}`, () => {
      const value = new TextEncoder().encode(sample.value);
      const update = decodeUpdate({ key: sample.key, value, revision: 1 });
      assert.equal(outcome(update), sample.outcome);
      assert.deepEqual(summaries(update ?? { problems: [] }), sample.problems);
    });
  }

  it('takes a missing key for a deletion', () => {
    const key = '/calico/resources/v3/projectcalico.org/tiers/app';
    assert.deepEqual(decodeUpdate({ key, value: null, revision: 3 }), {
      id: { kind: 'Tier', namespace: '', name: 'app' },
      resource: null,
      problems: [],
    });
  });

  it('keeps the built-in profile whatever is stored under its name', () => {
    const key = '/calico/resources/v3/projectcalico.org/profiles/projectcalico-default-allow';
    for (const text of [null, '', '{}', '{"kind":"Profile"}']) {
      const value = text === null ? null : new TextEncoder().encode(text);
      assert.equal(decodeUpdate({ key, value, revision: 1 })?.resource, DEFAULT_ALLOW_PROFILE);
    }
  });

  it('names object, field and fix in a problem', () => {
    const update = decodeSpec('GlobalNetworkPolicy', {
      ingress: [
        { action: 'Allow' },
        { action: 'Allow', source: { nets: ['10.0.0.0/8', '10.0.0/8'] } },
      ],
    });
    assert.deepEqual(update.problems, [
      {
        severity: 'error',
        code: 'net-invalid',
        object: 'GlobalNetworkPolicy x',
        field: 'spec.ingress[1].source.nets[1]',
        message:
          '"10.0.0/8" is neither a CIDR nor an address; write one such as "10.0.0.0/8". ' +
          'Until then the Allow rule never matches.',
      },
    ]);
  });

  describe('decodes as Go does', () => {
    const mistyped: readonly (readonly [string, unknown])[] = [
      ['spec', []],
      ['spec.order', { order: '10' }],
      ['spec.types', { types: 'Ingress' }],
      ['spec.types[0]', { types: [1] }],
      ['spec.selector', { selector: true }],
      ['spec.doNotTrack', { doNotTrack: 'true' }],
      ['spec.ingress', { ingress: {} }],
      ['spec.ingress[0]', { ingress: ['Allow'] }],
      ['spec.ingress[0].ipVersion', { ingress: [{ ipVersion: '4' }] }],
      ['spec.ingress[0].ipVersion', { ingress: [{ ipVersion: 4.5 }] }],
      ['spec.ingress[0].protocol', { ingress: [{ protocol: 256 }] }],
      ['spec.ingress[0].protocol', { ingress: [{ protocol: -1 }] }],
      ['spec.ingress[0].protocol', { ingress: [{ protocol: ['TCP'] }] }],
      ['spec.ingress[0].icmp.type', { ingress: [{ icmp: { type: '8' } }] }],
      ['spec.ingress[0].source.nets', { ingress: [{ source: { nets: '10.0.0.0/8' } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: [70000] } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: [-1] } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: [80.5] } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: ['70000'] } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: ['80,443'] } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: ['80 - 90'] } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: [''] } }] }],
      ['spec.ingress[0].source.ports[0]', { ingress: [{ source: { ports: ['1:70000'] } }] }],
      ['spec.ingress[0].source.ports[1]', { ingress: [{ source: { ports: [80, '90:80'] } }] }],
    ];
    for (const [field, spec] of mistyped) {
      it(`finds ${field} of ${JSON.stringify(spec)} malformed`, () => {
        const update = decodeSpec('GlobalNetworkPolicy', spec);
        assert.equal(update.resource, null);
        assert.deepEqual(summaries(update), [`error malformed ${field}`]);
      });
    }

    it('finds labels that are not texts malformed', () => {
      const value = manifest('HostEndpoint', { node: 'n' }, { labels: { a: 1 } });
      assert.deepEqual(summaries(decodeValue('HostEndpoint', value)), [
        'error malformed metadata.labels["a"]',
      ]);
    });

    for (const port of ['80.0', '8e1', '1e999']) {
      it(`refuses the port ${port}`, () => {
        const text = JSON.stringify(
          manifest('GlobalNetworkPolicy', {
            ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: ['PORT'] } }],
          }),
        ).replace('"PORT"', port);
        assert.equal(decodeValue('GlobalNetworkPolicy', text).resource, null);
      });
    }

    for (const [text, order] of [
      ['1e3', 1000],
      ['-2.5', -2.5],
      ['10.0', 10],
      ['null', Infinity],
    ] as const) {
      it(`reads the order ${text}`, () => {
        const value = JSON.stringify(manifest('GlobalNetworkPolicy', { order: 'ORDER' }));
        const update = decodeValue('GlobalNetworkPolicy', value.replace('"ORDER"', text));
        assert.equal(policyOf(update).order, order);
      });
    }

    it('takes null for absent, in lists for the zero value', () => {
      const update = decodeSpec('GlobalNetworkPolicy', {
        tier: null,
        selector: null,
        ingress: null,
        types: ['Ingress', null],
        egress: [{ action: 'Deny', protocol: null, icmp: null, source: null }],
      });
      const policy = policyOf(update);
      assert.deepEqual(
        [policy.tier, policy.selector.text, policy.ingress],
        ['default', 'all()', []],
      );
      assert.equal(policy.egress[0]?.protocol, null);
    });

    it('takes field names in any case and ignores unknown ones', () => {
      const update = decodeSpec('GlobalNetworkPolicy', {
        ORDER: 3,
        prednat: true,
        Ingress: [{ ACTION: 'Deny', Source: { Nets: ['10.0.0.0/8'], colour: 'red' } }],
        unknown: { x: [1] },
      });
      const policy = policyOf(update);
      assert.deepEqual([policy.order, policy.preDNAT], [3, true]);
      assert.deepEqual(policy.ingress[0]?.source.nets, ['10.0.0.0/8']);
    });

    it('takes a protocol number in quotes for a number', () => {
      const update = decodeSpec('GlobalNetworkPolicy', {
        ingress: [{ action: 'Allow', protocol: '17', destination: { ports: ['53', '60:60'] } }],
      });
      const [rule] = policyOf(update).ingress;
      assert.equal(rule?.protocol, 17);
      assert.deepEqual(rule.destination.ports?.numeric, [
        { from: 53, to: 53 },
        { from: 60, to: 60 },
      ]);
    });
  });

  describe('checks identity', () => {
    const base = manifest('GlobalNetworkPolicy', {});
    const cases: readonly (readonly [string, Record<string, unknown>])[] = [
      ['kind', { ...base, kind: 'NetworkPolicy' }],
      ['kind', { ...base, kind: undefined }],
      ['apiVersion', { ...base, apiVersion: 'projectcalico.org/v2' }],
      ['apiVersion', { ...base, apiVersion: undefined }],
      ['metadata.name', { ...base, metadata: { name: 'y' } }],
      ['metadata.name', { ...base, metadata: {} }],
      ['metadata.namespace', { ...base, metadata: { name: 'x', namespace: 'shop' } }],
    ];
    for (const [field, value] of cases) {
      it(`refuses ${JSON.stringify(value)}`, () => {
        const update = decodeValue('GlobalNetworkPolicy', value);
        assert.equal(update.resource, null);
        assert.deepEqual(summaries(update), [`error identity-mismatch ${field}`]);
      });
    }

    it('refuses a namespaced object of another namespace', () => {
      const value = manifest('NetworkSet', {}, { namespace: 'other' });
      assert.deepEqual(summaries(decodeValue('NetworkSet', value)), [
        'error identity-mismatch metadata.namespace',
      ]);
    });
  });

  describe('reads policies of every Calico version', () => {
    const annotation = (name: string): Record<string, unknown> => ({
      annotations: { 'projectcalico.org/metadata': JSON.stringify({ name }) },
    });
    const cases: readonly (readonly [
      string,
      string,
      Record<string, unknown>,
      unknown,
      string,
      string,
    ])[] = [
      ['v3.28', 'default.allow-ssh', {}, {}, 'default', 'allow-ssh'],
      ['v3.28, a name of its own', 'default.default.x', {}, {}, 'default', 'default.x'],
      ['v3.29 default', 'default.allow-ssh', {}, { tier: 'default' }, 'default', 'allow-ssh'],
      ['v3.29 tiered', 'platform.smb', {}, { tier: 'platform' }, 'platform', 'platform.smb'],
      ['v3.30 default', 'default.dns', annotation('dns'), {}, 'default', 'dns'],
      ['v3.30 tiered', 'p.smb', annotation('p.smb'), { tier: 'p' }, 'p', 'p.smb'],
      ['v3.32', 'triage', annotation('triage'), { tier: 'platform' }, 'platform', 'triage'],
      [
        'v3.32, prefix given',
        'default.x',
        annotation('default.x'),
        { tier: 'default' },
        'default',
        'default.x',
      ],
      ['empty tier', 'y', {}, { tier: '' }, 'default', 'y'],
      [
        'annotation without a name',
        'default.z',
        { annotations: { 'projectcalico.org/metadata': '{}' } },
        {},
        'default',
        'z',
      ],
    ];
    for (const [version, name, metadata, spec, tier, displayName] of cases) {
      it(`reads ${name} of ${version}`, () => {
        const value = manifest('GlobalNetworkPolicy', spec, { name, ...metadata });
        const update = decodeValue('GlobalNetworkPolicy', value, name);
        const policy = policyOf(update);
        assert.deepEqual([policy.name, policy.tier, policy.displayName], [name, tier, displayName]);
        assert.deepEqual(summaries(update), []);
      });
    }

    for (const name of ['knp.default.deny-all', 'ossg.default.web.1']) {
      it(`reads NetworkPolicy ${name}`, () => {
        const value = manifest('NetworkPolicy', { order: 1000, types: ['Ingress'] }, { name });
        const update = decodeValue('NetworkPolicy', value, name);
        assert.equal(policyOf(update).displayName, name);
        assert.deepEqual(summaries(update), []);
      });
    }

    it('takes a value whose name lacks the stored "default." for the same policy', () => {
      const value = manifest('GlobalNetworkPolicy', {}, { name: 'allow-ssh' });
      const update = decodeValue('GlobalNetworkPolicy', value, 'default.allow-ssh');
      assert.equal(policyOf(update).name, 'default.allow-ssh');
    });
  });

  describe('reads types and stages', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [{}, 'in out'],
      [{ types: [] }, 'in out'],
      [{ types: ['Ingress'] }, 'in'],
      [{ types: ['egress', 'INGRESS'] }, 'in out'],
      [{ types: ['Both'] }, ''],
      [{ types: ['Ingress', 'Egress'], preDNAT: true, applyOnForward: true }, 'in predna'],
      [{ types: ['Egress'], doNotTrack: true, preDNAT: true }, 'out untracked'],
      [{ types: ['Ingress'], doNotTrack: true }, 'in untracked'],
    ];
    for (const [spec, expected] of cases) {
      it(`reads ${JSON.stringify(spec)} as "${expected}"`, () => {
        const policy = policyOf(decodeSpec('GlobalNetworkPolicy', spec));
        const found = [
          policy.appliesToIngress ? 'in' : '',
          policy.appliesToEgress ? 'out' : '',
          policy.doNotTrack ? 'untracked' : '',
          policy.preDNAT ? 'predna' : '',
        ];
        assert.equal(found.filter((word) => word !== '').join(' '), expected);
      });
    }

    it('drops egress rules of a preDNAT policy', () => {
      const spec = { preDNAT: true, applyOnForward: true, egress: [{ action: 'Deny' }] };
      assert.deepEqual(policyOf(decodeSpec('GlobalNetworkPolicy', spec)).egress, []);
    });

    for (const [stagedAction, expected] of [
      [undefined, 'Set'],
      ['Delete', 'Delete'],
      ['Learn', 'Learn'],
      ['later', 'Ignore'],
    ]) {
      it(`reads stagedAction ${String(stagedAction)} as ${String(expected)}`, () => {
        const update = decodeSpec('StagedGlobalNetworkPolicy', { stagedAction });
        assert.equal(policyOf(update).stagedAction, expected);
      });
    }

    it('reads the pod selector of a StagedKubernetesNetworkPolicy', () => {
      const podSelector = {
        matchLabels: { app: 'db' },
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['b', 'a'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      };
      const spec = { podSelector, policyTypes: ['Ingress'], ingress: [{ from: [] }] };
      const policy = policyOf(decodeSpec('StagedKubernetesNetworkPolicy', spec));
      const labels: Record<string, string> = {
        app: 'db',
        tier: 'a',
        'projectcalico.org/namespace': 'shop',
        'projectcalico.org/orchestrator': 'k8s',
      };
      assert.ok(matchesSelector(policy.selector, (key) => labels[key]));
      assert.ok(!matchesSelector(policy.selector, (key) => (key === 'old' ? '' : labels[key])));
      assert.deepEqual([policy.stagedAction, policy.appliesToEgress], ['Set', false]);
    });
  });
});
