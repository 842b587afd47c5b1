import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { Membership } from '../../src/policy/membership.ts';
import type { SetDefinition } from '../../src/policy/set-definition.ts';
import type { MemberSet } from '../../src/policy/local-policy.ts';
import type { EndpointPort, Labels, ResourceId } from '../../src/resource/resource.ts';
import { matchesSelector } from '../../src/selector/match.ts';
import { selector } from '../support/resources.ts';

interface Endpoint {
  readonly labels: Labels;
  readonly profiles: readonly string[];
  readonly nets: readonly string[];
  readonly ports: readonly EndpointPort[];
}

const bySelector = (text: string): SetDefinition => ({
  kind: 'selector',
  id: `s ${text}`,
  selector: selector(text),
});
const SETS: readonly SetDefinition[] = [
  bySelector('all()'),
  bySelector('role == "db"'),
  bySelector('role in {"db", "web"} && has(zone)'),
  bySelector('!has(role)'),
  bySelector('zone != "a" || role starts with "w"'),
  { kind: 'named-port', id: 'n any', selector: null, protocol: null, names: ['http'] },
  {
    kind: 'named-port',
    id: 'n tcp',
    selector: selector('has(zone)'),
    protocol: 6,
    names: ['http'],
  },
];

const endpoint: fc.Arbitrary<Endpoint> = fc.record({
  labels: fc.dictionary(fc.constantFrom('role', 'zone'), fc.constantFrom('db', 'web', 'a'), {
    noNullPrototype: true,
  }),
  profiles: fc.uniqueArray(fc.constantFrom('p1', 'p2'), { maxLength: 2 }),
  nets: fc.uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1'), { maxLength: 3 }),
  ports: fc.array(
    fc.record({
      name: fc.constantFrom('http', 'dns'),
      protocol: fc.constantFrom(6, 17),
      port: fc.constantFrom(80, 8080),
    }),
    { maxLength: 2 },
  ),
});

const podId = (name: string): ResourceId => ({ kind: 'WorkloadEndpoint', namespace: 'ns', name });

type Step =
  | { readonly kind: 'endpoint'; readonly key: string; readonly value: Endpoint | null }
  | { readonly kind: 'profile'; readonly name: string; readonly labels: Labels | null }
  | { readonly kind: 'use'; readonly sets: readonly SetDefinition[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('endpoint' as const),
      key: fc.constantFrom('a', 'b', 'c'),
      value: fc.option(endpoint),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('profile' as const),
      name: fc.constantFrom('p1', 'p2'),
      labels: fc.option(fc.record({ role: fc.constantFrom('db', 'web') })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('use' as const), sets: fc.subarray([...SETS]) }),
  },
);

describe('Membership', () => {
  it('equals what a fresh evaluation of every object would give, whatever happened before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const membership = new Membership();
        const endpoints = new Map<string, Endpoint>();
        const profiles = new Map<string, Labels>();
        let used: readonly SetDefinition[] = [];
        for (const one of steps) {
          if (one.kind === 'endpoint') {
            membership.setContributor(podId(one.key), one.value);
            if (one.value === null) endpoints.delete(one.key);
            else endpoints.set(one.key, one.value);
          } else if (one.kind === 'profile') {
            membership.setProfileLabels(one.name, one.labels);
            if (one.labels === null) profiles.delete(one.name);
            else profiles.set(one.name, one.labels);
          } else {
            used = one.sets;
            membership.use(new Map(used.map((definition) => [definition.id, definition])));
          }
          const published = membership.publish();
          assert.deepEqual([...published.keys()].sort(), used.map(({ id }) => id).sort());
          for (const definition of used) {
            assert.deepEqual(
              members(published.get(definition.id)),
              naiveMembers(definition, endpoints, profiles),
              definition.id,
            );
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('publishes the same objects while nothing changes', () => {
    const membership = new Membership();
    const definitions = new Map(SETS.map((definition) => [definition.id, definition]));
    membership.use(definitions);
    const web = { labels: { role: 'web' }, profiles: [], nets: ['10.0.0.9'], ports: [] };
    membership.setContributor(podId('web'), web);
    const before = membership.publish();
    membership.setContributor(podId('web'), { ...web, nets: ['10.0.0.9'] });
    assert.equal(membership.publish(), before);
    membership.setContributor(podId('web'), { ...web, nets: ['10.0.0.8'] });
    const after = membership.publish();
    assert.notEqual(after.get('s all()'), before.get('s all()'));
    assert.equal(after.get('s role == "db"'), before.get('s role == "db"'));
  });

  it('never shows a shared address to leave when it moves from one endpoint to another', () => {
    const membership = new Membership();
    membership.use(new Map([['s all()', bySelector('all()')]]));
    const pod = { labels: {}, profiles: [], nets: ['10.0.0.9'], ports: [] };
    membership.setContributor(podId('old'), pod);
    const before = membership.publish().get('s all()');
    membership.setContributor(podId('new'), pod);
    membership.setContributor(podId('old'), null);
    assert.equal(membership.publish().get('s all()'), before);
  });

  it('names the objects that a member comes from', () => {
    const membership = new Membership();
    membership.use(new Map([['s all()', bySelector('all()')]]));
    const pod = { labels: {}, profiles: [], nets: ['10.0.0.9'], ports: [] };
    membership.setContributor(podId('a'), { ...pod, nets: ['10.0.0.8', '10.0.0.9'] });
    membership.setContributor(podId('b'), pod);
    membership.setContributor({ kind: 'GlobalNetworkSet', namespace: '', name: 'b' }, pod);
    membership.setContributor({ kind: 'HostEndpoint', namespace: '', name: 'b' }, pod);
    membership.setContributor(podId('c'), { ...pod, nets: ['10.0.0.8'] });
    membership.setContributor({ kind: 'HostEndpoint', namespace: '', name: 'b' }, null);
    assert.equal(membership.size, 4);
    assert.deepEqual(membership.contributorsOf('s all()', '10.0.0.9'), [
      'GlobalNetworkSet b',
      'WorkloadEndpoint ns/a',
      'WorkloadEndpoint ns/b',
    ]);
  });
});

function members(set: MemberSet | undefined): readonly string[] {
  return set === undefined ? [] : [...set.ipv4, ...set.ipv6].sort();
}

function naiveMembers(
  definition: SetDefinition,
  endpoints: ReadonlyMap<string, Endpoint>,
  profiles: ReadonlyMap<string, Labels>,
): readonly string[] {
  const all = new Set<string>();
  for (const { labels, profiles: names, nets, ports } of endpoints.values()) {
    const inherited = names.map((name) => profiles.get(name) ?? {});
    const effective = Object.assign({}, ...[...inherited].reverse(), labels) as Record<
      string,
      string
    >;
    const { selector: wanted } = definition;
    if (wanted !== null && !matchesSelector(wanted, (key) => effective[key])) continue;
    if (definition.kind === 'selector') {
      for (const net of nets) all.add(net);
      continue;
    }
    for (const { name, protocol, port } of ports) {
      if (!definition.names.includes(name)) continue;
      if (definition.protocol !== null && definition.protocol !== protocol) continue;
      for (const net of nets) all.add(`${net} . ${protocol} . ${port}`);
    }
  }
  return [...all].sort();
}
