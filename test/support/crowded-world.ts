import fc from 'fast-check';
import type {
  NetworkSet,
  Policy,
  Resource,
  WorkloadEndpoint,
} from '../../src/resource/resource.ts';
import type { Rule } from '../../src/resource/rule.ts';
import type { World } from './random-policy.ts';
import { ADDRESSES, PORTS, selectorOf } from './random-rule.ts';
import { entity, globalNetworkSet, globalPolicy, hostEndpoint, rule, tier } from './resources.ts';

const APPS = ['a', 'b', 'c', 'd'] as const;
const SELECTORS = [
  ...APPS.map((app) => `app == '${app}'`),
  "app in {'a', 'c'}",
  "app in {'b', 'd'}",
  'has(app)',
  "app == 'nobody'",
].map(selectorOf);

const addresses = fc.uniqueArray(fc.constantFrom(...ADDRESSES[4], ...ADDRESSES[6]), {
  maxLength: 3,
});

const workloads: fc.Arbitrary<readonly WorkloadEndpoint[]> = fc
  .array(fc.record({ app: fc.constantFrom(...APPS), addresses }), { maxLength: 5 })
  .map((all) =>
    all.map(({ app, addresses: own }, i) => ({
      kind: 'WorkloadEndpoint',
      namespace: 'shop',
      name: `w${i}`,
      labels: { app },
      profiles: [],
      addresses: own,
      ports: [],
    })),
  );

const networkSets: fc.Arbitrary<readonly NetworkSet[]> = fc
  .oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(['10.0.1.0/24'], ['10.0.0.0/8', 'fd00:1::/64'], ['10.0.2.50/32']),
    },
  )
  .chain((nets) =>
    fc.constantFrom(...APPS).map((app) => [globalNetworkSet('n', { labels: { app }, nets })]),
  );

const side = fc.record({
  selector: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...SELECTORS) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  ports: fc.option(fc.constantFrom(...PORTS.slice(0, 2)), { nil: null }),
});

const actions = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('Allow' as const, 'Deny' as const) },
  { weight: 1, arbitrary: fc.constantFrom('Log' as const, 'Pass' as const) },
);

function rules(direction: 'ingress' | 'egress'): fc.Arbitrary<Rule> {
  return fc.record({ action: actions, peer: side }).map(({ action, peer }) => {
    const { selector, ports: port } = peer;
    const other = entity({ selector, positiveSelector: selector });
    const numeric = port === null ? null : [{ from: port, to: port }];
    const ports = numeric === null ? null : { numeric, named: [] };
    return rule(action, {
      protocol: port === null ? null : 6,
      source: direction === 'ingress' ? other : entity({}),
      destination: direction === 'ingress' ? entity({ ports }) : { ...other, ports },
    });
  });
}

const policies: fc.Arbitrary<readonly Policy[]> = fc
  .array(
    fc.record({
      ingress: fc.array(rules('ingress'), { minLength: 1, maxLength: 2 }),
      egress: fc.array(rules('egress'), { minLength: 1, maxLength: 2 }),
      applyOnForward: fc.boolean(),
    }),
    { minLength: 15, maxLength: 50, size: 'max' },
  )
  .map((all) => all.map((one, i) => globalPolicy(`c-${String(i).padStart(2, '0')}`, one)));

/** Worlds of many policies that differ in little but the pods and networks that they are for. */
export const crowdedWorlds: fc.Arbitrary<World> = fc
  .tuple(policies, workloads, networkSets)
  .map((parts) => ({
    resources: [
      tier('default'),
      ...['eth0', '*'].map((interfaceName) =>
        hostEndpoint(`on-${interfaceName}`, { interfaceName }),
      ),
      ...parts.flat(),
    ] as readonly Resource[],
  }));
