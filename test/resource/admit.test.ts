import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { admitManifest } from '../../src/resource/admit.ts';
import { expandManifest } from '../../src/resource/expand-manifest.ts';
import type { Kind } from '../../src/resource/resource.ts';
import { APPLIED_MANIFESTS } from './applied-manifests.ts';
import { manifest, summaries } from './objects.ts';

type Case = readonly [kind: Kind, spec: Record<string, unknown>];

const policy = (spec: Record<string, unknown>): Case => ['GlobalNetworkPolicy', spec];
const rule = (part: Record<string, unknown>): Case =>
  policy({ ingress: [{ action: 'Allow', ...part }] });
const hep = (part: Record<string, unknown>): Case => [
  'HostEndpoint',
  { node: 'n', interfaceName: 'eth0', ...part },
];
describe('admitManifest', () => {
  for (const { manifest: text, key, stored } of APPLIED_MANIFESTS) {
    it(`stores ${key.split('/').slice(5).join('/')} byte for byte as calicoctl does`, () => {
      const admission = admitManifest(parse(text));
      assert.equal(admission.key, key);
      assert.equal(admission.value, stored);
      assert.deepEqual(admission.problems, []);
    });
  }

  it('puts an object without a namespace into "default"', () => {
    const admission = admitManifest({
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkSet',
      metadata: { name: 'a', resourceVersion: '7', uid: 'u' },
    });
    assert.equal(admission.key, '/calico/resources/v3/projectcalico.org/networksets/default/a');
    assert.equal(
      admission.value,
      '{"kind":"NetworkSet","apiVersion":"projectcalico.org/v3",' +
        '"metadata":{"name":"a","namespace":"default","uid":"u"},"spec":{}}',
    );
  });

  describe('checks built-in tiers', () => {
    const cases: readonly (readonly [string, Record<string, unknown>, readonly string[]])[] = [
      ['default', {}, []],
      ['default', { order: 1 }, ['spec.order']],
      ['default', { defaultAction: 'Pass' }, ['spec.defaultAction']],
      ['kube-admin', { order: 1000, defaultAction: 'Pass' }, []],
      ['kube-baseline', {}, ['spec.defaultAction', 'spec.order']],
    ];
    for (const [name, spec, fields] of cases) {
      it(`${name} ${JSON.stringify(spec)}`, () => {
        const { problems } = admitManifest(manifest('Tier', spec, { name }));
        assert.deepEqual(
          problems.map((problem) => problem.field),
          fields,
        );
      });
    }
  });

  describe('helps with unknown fields', () => {
    const cases: readonly (readonly [Record<string, unknown>, string, RegExp])[] = [
      [{ selecter: 'all()' }, 'spec.selecter', /did you mean "selector"/],
      [
        { ingress: [{ action: 'Allow', ports: [80] }] },
        'spec.ingress[0].ports',
        /"source" or "destination"/,
      ],
      [
        { ingress: [{ action: 'Allow', destination: { port: [80] } }] },
        'spec.ingress[0].destination.port',
        /"ports"/,
      ],
      [{ zzzzzzzzz: 1 }, 'spec.zzzzzzzzz', /possible are tier, order/],
    ];
    for (const [spec, field, message] of cases) {
      it(field, () => {
        const { problems, value } = admitManifest(manifest('GlobalNetworkPolicy', spec));
        assert.deepEqual(
          problems.map((problem) => [problem.code, problem.field]),
          [['unknown-field', field]],
        );
        assert.match(problems[0]?.message ?? '', message);
        assert.equal(value, null);
      });
    }

    it('sends fields of the spec there', () => {
      const { problems } = admitManifest({ ...manifest('Tier', {}), order: 1 });
      assert.match(problems[0]?.message ?? '', /"order" belongs into "spec"/);
    });

    it('only warns of what a newer FelixConfiguration may have', () => {
      const admission = admitManifest(
        manifest('FelixConfiguration', { quantumTunnelling: true, logPrefixx: 'x' }),
      );
      assert.deepEqual(summaries(admission), [
        'warning unknown-field spec.quantumTunnelling',
        'error unknown-field spec.logPrefixx',
      ]);
    });
  });

  describe('explains what is not for it', () => {
    const cases: readonly (readonly [unknown, string, RegExp])[] = [
      [null, 'error not-a-resource', /not nothing/],
      ['text', 'error not-a-resource', /not "text"/],
      [{}, 'error not-a-resource', /no apiVersion/],
      [{ apiVersion: 'projectcalico.org/v3' }, 'error not-a-resource', /no kind/],
      [
        { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
        'error api-version-foreign',
        /governs pods.*GlobalNetworkPolicy/,
      ],
      [
        { apiVersion: 'crd.projectcalico.org/v1', kind: 'GlobalNetworkPolicy' },
        'error api-version-foreign',
        /write apiVersion: projectcalico\.org\/v3/,
      ],
      [
        { apiVersion: 'projectcalico.org/v4', kind: 'Tier' },
        'error api-version-foreign',
        /projectcalico\.org\/v3/,
      ],
      [
        { apiVersion: 'v1', kind: 'hostEndpoint' },
        'error api-version-foreign',
        /calicoctl convert/,
      ],
      [{ apiVersion: 'apps/v1', kind: 'Deployment' }, 'error api-version-foreign', /not Calico's/],
      [
        { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicie' },
        'error kind-unknown',
        /GlobalNetworkPolicy/,
      ],
      [
        { apiVersion: 'projectcalico.org/v3', kind: 'globalNetworkPolicy' },
        'error kind-unknown',
        /GlobalNetworkPolicy/,
      ],
      [{ apiVersion: 'projectcalico.org/v3', kind: 'TierList' }, 'error kind-unknown', /"items"/],
      [
        { apiVersion: 'projectcalico.org/v3', kind: 'IPPool' },
        'warning kind-not-read',
        /no effect/,
      ],
    ];
    for (const [document, problem, message] of cases) {
      it(JSON.stringify(document), () => {
        const { id, key, value, problems } = admitManifest(document);
        assert.deepEqual([id, key, value], [null, null, null]);
        assert.deepEqual(
          problems.map(({ severity, code }) => `${severity} ${code}`),
          [problem],
        );
        assert.match(problems[0]?.message ?? '', message);
      });
    }
  });

  describe('defaults types', () => {
    const some = [{ action: 'Deny' }];
    const cases: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
      [{}, ['Ingress']],
      [{ ingress: some }, ['Ingress']],
      [{ egress: some }, ['Egress']],
      [{ ingress: some, egress: some }, ['Ingress', 'Egress']],
      [{ types: [], egress: some, doNotTrack: true, applyOnForward: true }, ['Egress']],
      [{ types: ['Egress'], ingress: some }, ['Egress']],
    ];
    for (const [spec, types] of cases) {
      it(`of ${JSON.stringify(spec)}`, () => {
        const { value } = admitManifest(manifest('GlobalNetworkPolicy', spec));
        const stored = JSON.parse(value ?? '{}') as { spec: { types: unknown } };
        assert.deepEqual(stored.spec.types, types);
      });
    }
  });

  it('warns of what calicoctl stores but a host cannot honour', () => {
    const http = admitManifest(manifest(...rule({ http: { methods: ['GET'] } })));
    assert.deepEqual(summaries(http), ['warning http-unsupported spec.ingress[0].http']);
    assert.notEqual(http.value, null);
    const numeric = admitManifest(
      manifest(...hep({ ports: [{ name: 'a', protocol: 6, port: 1 }] })),
    );
    assert.deepEqual(summaries(numeric), ['warning protocol-number spec.ports[0].protocol']);
  });

  it('passes the hint of the selector parser on', () => {
    const { problems } = admitManifest(
      manifest('GlobalNetworkPolicy', { selector: "role = 'db'" }),
    );
    assert.match(problems[0]?.message ?? '', /Did you mean: role == "db"\?/);
  });

  it('takes field names in any case, as calicoctl does', () => {
    const { value } = admitManifest(
      manifest('GlobalNetworkPolicy', { Selector: 'has(a)', prednat: false }),
    );
    assert.match(value ?? '', /"selector":"has\(a\)"/);
  });

  it('escapes what Go escapes', () => {
    const { value } = admitManifest(
      manifest('GlobalNetworkPolicy', { selector: 'a == "<\u2028>" && has(b)' }),
    );
    assert.ok(value?.includes('a == \\"\\u003c\\u2028\\u003e\\" \\u0026\\u0026 has(b)'));
  });
});

describe('expandManifest', () => {
  const item = { metadata: { name: 'a' } };
  const cases: readonly (readonly [unknown, unknown[]])[] = [
    [null, []],
    [undefined, []],
    ['x', ['x']],
    [{ kind: 'Tier' }, [{ kind: 'Tier' }]],
    [{ kind: 'List' }, [{ kind: 'List' }]],
    [{ kind: 'List', apiVersion: 'v1', items: [{ kind: 'Tier' }, null] }, [{ kind: 'Tier' }]],
    [
      { kind: 'TierList', apiVersion: 'projectcalico.org/v3', items: [item] },
      [{ kind: 'Tier', apiVersion: 'projectcalico.org/v3', ...item }],
    ],
    [
      [{ kind: 'Tier' }, [{ kind: 'Node' }]],
      [{ kind: 'Tier' }, { kind: 'Node' }],
    ],
  ];
  for (const [document, expected] of cases) {
    it(`expands ${JSON.stringify(document)}`, () => {
      assert.deepEqual(expandManifest(document), expected);
    });
  }

  it('ends on a list that contains itself', () => {
    const list: { kind: string; items: unknown[] } = { kind: 'List', items: [] };
    list.items.push(list);
    assert.equal(expandManifest(list).length, 1);
  });
});
