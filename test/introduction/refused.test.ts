import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { admitManifest } from '../../src/resource/admit.ts';
import { manifestText } from './manifests.ts';

/** A manifest whose selector is written so, as someone who knows Kubernetes' selectors would. */
function withSelector(selector: string): unknown {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'by-selector' },
    spec: { selector, ingress: [{ action: 'Allow' }] },
  };
}

const SELECTORS: readonly (readonly [kubernetes: string, calico: string])[] = [
  ['environment = production', 'environment == "production"'],
  ['tier != frontend', 'tier != "frontend"'],
  ['environment in (production, qa)', 'environment in {"production", "qa"}'],
  ['tier notin (frontend, backend)', 'tier not in {"frontend", "backend"}'],
  ['partition', 'has(partition)'],
  ['!partition', '!has(partition)'],
];

describe("what Kubernetes' users write first", () => {
  for (const [kubernetes, calico] of SELECTORS)
    it(`${kubernetes} is refused; the hint is ${calico}`, () => {
      const { value, problems } = admitManifest(withSelector(kubernetes));
      assert.equal(value, null);
      const [problem, ...others] = problems;
      assert.deepEqual(others, []);
      assert.equal(problem?.object, 'GlobalNetworkPolicy by-selector');
      assert.equal(problem.field, 'spec.selector');
      assert.ok(problem.message.includes(calico), problem.message);
      assert.notEqual(admitManifest(withSelector(calico)).value, null);
    });

  it('a NetworkPolicy of Kubernetes is named for what it is, with what to write', () => {
    const { value, problems } = admitManifest(parse(manifestText('kubernetes/manifest')));
    assert.equal(value, null);
    const [problem] = problems;
    assert.equal(problem?.field, 'apiVersion');
    for (const part of [
      'NetworkPolicy of Kubernetes',
      'pods',
      'GlobalNetworkPolicy',
      'projectcalico.org/v3',
    ])
      assert.ok(problem.message.includes(part), problem.message);
  });
});
